"""A table of a Word document → the talk it holds.

In: a table.  Out: :class:`Talk`, or None for a table of something else (a layout grid, a
questionnaire).  Columns are found by their names, else by what stands in them
(:mod:`alliance_nlp.formats.columns`).  An empty cell of speakers means the speaker above, as on the printed
page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from alliance_nlp.formats.clock import seconds
from alliance_nlp.formats.columns import by_content, by_name
from alliance_nlp.formats.document import Cell, Table

_TIME_SIGNS = "[](){}<># \u00a0\u202f"
_HEADER_CHARS = 40  # a longer cell is no column's name


@dataclass(frozen=True, slots=True)
class TalkRow:
    """One row with text: its number, counted through all tables of the document, and what else it says."""

    number: int
    speaker: str | None
    text: str
    start_s: float | None = None
    end_s: float | None = None
    time: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def as_line(self) -> str:
        """Return the row as a line of plain text, for tables whose text names the speakers."""
        return self.text if self.start_s is None else f"[{self.time}] {self.text}"


@dataclass(frozen=True, slots=True)
class Talk:
    """The rows of a table that hold talk, in order; ``is_named``: its first row says « speaker » and « text »."""

    rows: tuple[TalkRow, ...]
    is_named: bool = False


def table_talk(table: Table, *, rows_above: int) -> Talk | None:
    """Return the talk that a table holds; its rows have no speaker when the text itself names them.

    ``rows_above`` is the number of rows in the tables before this one.
    """
    texts = [[_cell_text(cell) for cell in row] for row in table.rows]
    header = _header(texts)
    body = texts[1 if header else 0 :]
    places = by_content(body) | header
    if "text" not in places:
        return None
    names = _extra_names(texts[0] if header else [], places, max(map(len, texts)))
    first = rows_above + len(texts) - len(body) + 1
    rows = [_row(number, cells, places, names) for number, cells in enumerate(body, start=first)]
    filled = _speakers_filled([row for row in rows if row.text], "speaker" in places)
    return Talk(tuple(filled), is_named={"speaker", "text"} <= set(header))


def _cell_text(cell: Cell) -> str:
    lines = (line.strip() for paragraph in cell for line in paragraph.text.split("\n"))
    return unicodedata.normalize("NFC", " ".join(line for line in lines if line))


def _header(texts: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return the columns that the first row names, ``{}`` when it is talk like the others."""
    if not texts or len(texts) < 2 or any(len(cell) > _HEADER_CHARS for cell in texts[0]):
        return {}
    places = by_name(texts[0])
    places.pop("coder", None)  # codes are read from tables alone; here it is a column like others
    return places if {"text", "speaker"} & set(places) else {}


def _row(number: int, cells: Sequence[str], places: Mapping[str, int], names: Mapping[int, str]) -> TalkRow:
    def cell(what: str) -> str:
        place = places.get(what, len(cells))
        return cells[place] if place < len(cells) else ""

    time = cell("start").strip(_TIME_SIGNS)
    return TalkRow(
        number=number,
        speaker=cell("speaker").rstrip(" \u00a0\u202f:") or None,
        text=cell("text"),
        start_s=seconds(time),
        end_s=seconds(cell("end").strip(_TIME_SIGNS)),
        time=time,
        extra={names[place]: text for place, text in enumerate(cells) if place in names and text},
    )


def _speakers_filled(rows: Sequence[TalkRow], has_speakers: bool) -> list[TalkRow]:
    filled: list[TalkRow] = []
    for row in rows:
        if has_speakers and row.speaker is None and filled:
            row = replace(row, speaker=filled[-1].speaker)
        filled.append(row)
    return filled


def _extra_names(header: Sequence[str], places: Mapping[str, int], width: int) -> dict[int, str]:
    """Return the keys under which the columns without a meaning here are kept, by place."""
    names: dict[int, str] = {}
    for place in set(range(width)) - set(places.values()):
        name = header[place] if place < len(header) else ""
        names[place] = name if name and name not in names.values() else f"column {place + 1}"
    return names
