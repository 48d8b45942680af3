"""Rows of cells → a table whose columns are understood, from the names people give them or the user's choice.

In: :class:`~alliance_nlp.formats.sheets.Sheet` and ``--columns``.  Out: :class:`Table`, or an error that
lists the columns there are.  What the rows say is left to :mod:`alliance_nlp.formats.tables`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from alliance_nlp.errors import ConfigError, TranscriptFormatError
from alliance_nlp.formats.columns import ALIASES, by_name, plain_name
from alliance_nlp.formats.sheets import HEADER_ROWS, Row, Sheet
from alliance_nlp.transcript import Notice

_MAX_SHOWN_COLUMNS = 30


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with its columns understood; ``header`` is empty when the user gave the columns by number."""

    header: tuple[str, ...]
    places: Mapping[str, int]
    rows: tuple[Row, ...]
    notices: tuple[Notice, ...] = ()


def wanted_columns(columns: Mapping[str, str]) -> dict[str, str]:
    """Return the user's columns by kind; the kinds may be said in French (``texte=Propos``)."""
    kinds = {alias: what for what, aliases in reversed(list(ALIASES.items())) for alias in aliases}
    wanted = {}
    for kind, column in columns.items():
        if plain_name(kind) not in kinds:
            raise ConfigError("files.columns_bad_kind", kind=kind, expected=", ".join(ALIASES))
        wanted[kinds[plain_name(kind)]] = column
    return wanted


def column_places(header: Sequence[str], wanted: Mapping[str, str]) -> dict[str, int] | None:
    """Return the places of the columns when ``header`` names the text and all that is wanted, else None."""
    places = by_name(header)
    names = [cell.strip() for cell in header]
    for what, column in wanted.items():
        place = _place_of(column.strip(), names)
        if place is None:
            return None
        places = {kind: taken for kind, taken in places.items() if taken != place} | {what: place}
    return places if "text" in places else None


def _place_of(column: str, names: Sequence[str]) -> int | None:
    if column in names:
        return names.index(column)
    plain = [plain_name(name) for name in names]
    if plain_name(column) and plain_name(column) in plain:
        return plain.index(plain_name(column))
    return None


def _numbered_places(wanted: Mapping[str, str], width: int) -> dict[str, int] | None:
    """Return the places when all wanted columns are given by number (1 is the first), else None."""
    if "text" not in wanted or not all(
        re.fullmatch(r"[1-9]\d{0,3}", column.strip()) for column in wanted.values()
    ):
        return None
    places = {what: int(column) - 1 for what, column in wanted.items()}
    return places if max(places.values()) < width else None


def table_of(sheet: Sheet, wanted: Mapping[str, str], name: str) -> Table:
    """Return the sheet with its columns; TranscriptFormatError when it is empty or has no text column."""
    if not sheet.rows:
        raise TranscriptFormatError("formats.empty_file", file=name)
    for above, row in enumerate(sheet.rows[:HEADER_ROWS]):
        places = column_places(row.cells, wanted)
        if places is not None:
            notices = (
                (Notice("files.table_rows_above", line=row.number, params={"count": above}),) if above else ()
            )
            header = tuple(cell.strip() for cell in row.cells)
            return _whole_rows(Table(header, places, sheet.rows[above + 1 :], notices), sheet.delimiter, name)
    numbered = _numbered_places(wanted, max(len(row.cells) for row in sheet.rows))
    if numbered is None:
        raise _no_text_column(sheet, wanted, name)
    return Table((), numbered, sheet.rows)


def workbook_table(sheets: Sequence[Sheet], wanted: Mapping[str, str], name: str) -> Table:
    """Return the first sheet in which columns are found, else what the first sheet gives."""
    if not sheets:
        raise TranscriptFormatError("formats.empty_file", file=name)
    is_found = [any(column_places(row.cells, wanted) for row in sheet.rows[:HEADER_ROWS]) for sheet in sheets]
    sheet = sheets[is_found.index(True) if True in is_found else 0]
    table = table_of(sheet, wanted, name)
    if len(sheets) == 1:
        return table
    notice = Notice("files.table_sheet", params={"sheet": sheet.name, "others": len(sheets) - 1})
    return replace(table, notices=(*table.notices, notice))


def _whole_rows(table: Table, delimiter: str | None, name: str) -> Table:
    """Mend the rows of delimited text that have more cells than the header.

    Such a row holds the delimiter in a text without quotation marks.  When the text stands last the surplus
    is its rest; otherwise the cells cannot be told apart: TranscriptFormatError.
    """
    width = len(table.header)
    wide = [row for row in table.rows if any(cell.strip() for cell in row.cells[width:])]
    if delimiter is None or not wide:
        return table
    if table.places["text"] != width - 1:
        found = len(wide[0].cells)
        raise TranscriptFormatError(
            "files.table_wide_row", file=name, line=wide[0].number, expected=width, found=found
        )
    rows = tuple(
        Row(row.number, (*row.cells[: width - 1], delimiter.join(row.cells[width - 1 :])))
        for row in table.rows
    )
    notice = Notice("files.table_rest_of_row", line=wide[0].number, params={"count": len(wide)})
    return replace(table, rows=rows, notices=(*table.notices, notice))


def _no_text_column(sheet: Sheet, wanted: Mapping[str, str], name: str) -> TranscriptFormatError:
    """Return the error that lists the columns: by name, or by number when the names may be talk."""
    header = [cell.strip() for cell in sheet.rows[0].cells]
    columns = ", ".join(cell for cell in header[:_MAX_SHOWN_COLUMNS] if cell)
    if not _are_column_names(header, sheet.rows[1:]):
        columns = f"1–{len(header)}"
    if wanted:
        asked = ", ".join(f"{what}={column}" for what, column in wanted.items())
        return TranscriptFormatError("files.table_wanted_missing", file=name, asked=asked, columns=columns)
    return TranscriptFormatError("files.table_no_text_column", file=name, columns=columns)


def _are_column_names(header: Sequence[str], rows: Iterable[Row]) -> bool:
    """Return whether a row can be shown in a message: short names, none of which comes back below it."""
    if by_name(header):
        return True
    is_name = all(re.fullmatch(r"[\w°()/# -]{0,30}", cell) and len(cell.split()) <= 3 for cell in header)
    below = {(place, cell.strip()) for row in rows for place, cell in enumerate(row.cells)}
    return is_name and not any(cell and (place, cell) in below for place, cell in enumerate(header))
