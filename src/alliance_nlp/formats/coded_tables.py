"""Our own tables of turns and markers, as exported and perhaps coded by a person since, → whole sessions.

In: the rows of ``turns.csv`` (each turn's markers stand in ``markers_json``) or of a workbook with the sheets ``turns`` and
``markers``.  Out: transcripts whose turns are the rows: their numbers stay, so that a coder's reading can be compared with
another's.  A row whose ``coder`` is filled was read by that person: its 0/1 columns become their markers, in the place of
earlier ones under the same name.  A row of ``markers`` without ``origin_kind`` is a person's (``origin_name``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from alliance_nlp.errors import AllianceError, LabelError, TranscriptFormatError
from alliance_nlp.formats.base import ReadOptions
from alliance_nlp.formats.cells import number_of
from alliance_nlp.formats.clock import seconds
from alliance_nlp.formats.code_columns import Coding, coded_markers, coding_of
from alliance_nlp.formats.marker_rows import MarkerRows
from alliance_nlp.formats.names import declared_role
from alliance_nlp.formats.sheets import Row, Sheet
from alliance_nlp.labels import default_label_set
from alliance_nlp.record import marker_from_record
from alliance_nlp.segmentation import merge_markers
from alliance_nlp.speakers import assign_roles
from alliance_nlp.transcript import Marker, Notice, Origin, OriginKind, Role, Source, Transcript, Turn

_TURNS = frozenset({"session_id", "turn_index", "speaker", "role", "text", "coder"})
_MARKERS = frozenset({"session_id", "turn_index", "label", "origin_kind", "origin_name"})


@dataclass(frozen=True, slots=True)
class OurTable:
    """The rows of turns, the first one naming the columns, and those of markers, if they stand in a sheet."""

    turns: Sheet
    markers: Sheet | None = None


def our_table(sheet: Sheet, name: str) -> OurTable | None:
    """Return the table of turns, None for another table; TranscriptFormatError for markers without their turns."""
    names = _names(sheet)
    if _MARKERS <= names and "text" not in names:
        raise TranscriptFormatError("documents.markers_alone", file=name)
    return OurTable(sheet) if _TURNS | {"markers_json"} <= names else None


def our_workbook(sheets: Sequence[Sheet]) -> OurTable | None:
    """Return the two sheets of a workbook of ours, whatever they are called, None for another workbook."""
    turns = next((sheet for sheet in sheets if _TURNS <= _names(sheet)), None)
    markers = next((sheet for sheet in sheets if _MARKERS <= _names(sheet)), None)
    return OurTable(turns, markers) if turns is not None and markers is not None else None


def _names(sheet: Sheet) -> set[str]:
    return {cell.strip() for cell in sheet.rows[0].cells} if sheet.rows else set()


def sessions_of(
    table: OurTable, data: bytes, name: str, options: ReadOptions, *, encoding: str | None = None
) -> Iterator[Transcript]:
    """Yield the sessions in order; LabelError or TranscriptFormatError, with the row, for what is no such row."""
    head = [cell.strip() for cell in table.turns.rows[0].cells]
    columns = {name: place for place, name in enumerate(head)}
    known = {place for name, place in columns.items() if not _is_code(name)}
    coding, told = coding_of(head, known), MarkerRows.of(table.markers)
    extra = {"encoding": encoding} if encoding else {}
    source = Source(name, "csv" if encoding else "xlsx", hashlib.sha256(data).hexdigest(), extra)
    sessions: dict[str, list[Row]] = {}
    for row in table.turns.rows[1:]:
        sessions.setdefault(_cell(row, columns, "session_id"), []).append(row)
    read = [_session(key, rows, columns, coding, told, options) for key, rows in sessions.items() if key]
    if not read:
        raise TranscriptFormatError("files.table_no_text", file=name)
    aside = (*coding.notices(), *told.notices())
    yield from (replace(session, source=source, warnings=(*session.warnings, *aside)) for session in read)


def _is_code(name: str) -> bool:
    return name in default_label_set().outputs


def _cell(row: Row, columns: Mapping[str, int], name: str) -> str:
    place = columns.get(name)
    return row.cells[place] if place is not None and place < len(row.cells) else ""


def _session(
    session_id: str, rows: Sequence[Row], columns: Mapping[str, int], coding: Coding, told: MarkerRows, options: ReadOptions
) -> Transcript:
    found: dict[int, Turn] = {}
    roles: dict[str, Role] = {}
    for row in rows:
        turn = _turn(row, columns, session_id, coding, told)
        before = found.get(turn.index)
        if before is not None and (before.text, before.speaker) != (turn.text, turn.speaker):
            raise TranscriptFormatError("documents.turn_twice", line=row.number, turn=turn.index)
        found[turn.index] = turn if before is None else replace(before, markers=_merged((*before.markers, *turn.markers)))
        role = declared_role(_cell(row, columns, "role"))
        if turn.speaker is not None and role is not None:
            roles.setdefault(turn.speaker, role)
    numbers = sorted(found)
    notices = [Notice("documents.turns_missing", params={"count": numbers[-1] + 1 - len(numbers)})]
    turns = tuple(replace(found[number], index=place) for place, number in enumerate(numbers))
    given = assign_roles(turns, declared=roles, asked=options.roles)
    warnings = notices if numbers != list(range(len(numbers))) else []
    return Transcript(session_id, turns, given.speakers, metadata=_metadata(rows[0], columns), warnings=tuple(warnings))


def _metadata(row: Row, columns: Mapping[str, int]) -> dict[str, Any]:
    dyad, number = _cell(row, columns, "dyad_id"), _cell(row, columns, "session_number")
    metadata: dict[str, Any] = {"dyad_id": dyad} if dyad else {}
    return metadata | ({"session_number": int(number) if number.isdecimal() else number} if number else {})


# ---------------------------------------------------------------------------------------- turns


def _turn(row: Row, columns: Mapping[str, int], session_id: str, coding: Coding, told: MarkerRows) -> Turn:
    number = _cell(row, columns, "turn_index").strip()
    if not (number.isascii() and number.isdigit() and len(number) < 8):
        raise TranscriptFormatError("documents.bad_turn_number", line=row.number)
    text = _cell(row, columns, "text")
    index = int(number)
    markers = [*_stored(row, columns, text), *told.of_turn(session_id, index, text)]
    coder = _cell(row, columns, "coder").strip()
    if coder:
        own = Origin(OriginKind.HUMAN, coder)
        markers = [marker for marker in markers if marker.origin != own]
        markers += coded_markers(row.cells, coding, coder, row=row.number)
    return Turn(
        index, _cell(row, columns, "speaker") or None, text,
        start_s=_time(_cell(row, columns, "start_s")), end_s=_time(_cell(row, columns, "end_s")),
        markers=_merged(markers), probabilities=_probabilities(row, columns),
        needs_review=_cell(row, columns, "needs_review").strip() == "1", extra=_extra(row, columns),
    )  # fmt: skip


def _time(cell: str) -> float | None:
    value = number_of(cell)
    return value if value is not None else seconds(cell)


def _merged(markers: Iterable[Marker]) -> tuple[Marker, ...]:
    """Return one marker per label and origin; types by span are told only where they differ."""
    merged = merge_markers(list(markers))
    return tuple(replace(marker, extra=_told_types(marker)) for marker in merged)


def _told_types(marker: Marker) -> dict[str, Any]:
    told = marker.extra.get("span_types")
    same = isinstance(told, list) and all(list(types) == list(marker.types) for types in told)
    return {key: value for key, value in marker.extra.items() if key != "span_types" or not same}


def _stored(row: Row, columns: Mapping[str, int], text: str) -> list[Marker]:
    cell = _cell(row, columns, "markers_json").strip()
    if not cell:
        return []
    try:
        listed = json.loads(cell)
        markers = [marker_from_record(item, f"markers_json[{place}].") for place, item in enumerate(listed)]
    except (ValueError, TypeError, RecursionError) as error:
        raise TranscriptFormatError("documents.bad_markers_json", line=row.number) from error
    except AllianceError as error:
        raise type(error)(error.code, line=row.number, **error.params) from error
    if any(span.end > len(text) for marker in markers for span in marker.spans):
        raise LabelError("documents.text_changed", line=row.number)
    return markers


def _probabilities(row: Row, columns: Mapping[str, int]) -> dict[str, float] | None:
    cells = {name: number_of(_cell(row, columns, f"p_{name}")) for name in default_label_set().outputs}
    known = {name: value for name, value in cells.items() if value is not None and 0.0 <= value <= 1.0}
    return known or None


def _extra(row: Row, columns: Mapping[str, int]) -> dict[str, str]:
    """Return what a person added in columns of their own."""
    outputs = default_label_set().outputs
    ours = _TURNS | {"start_s", "end_s", "needs_review", "dyad_id", "session_number", "markers_json"}
    ours |= {*outputs, *(f"p_{name}" for name in outputs)}
    return {name: cell for name in columns if name and name not in ours and (cell := _cell(row, columns, name))}
