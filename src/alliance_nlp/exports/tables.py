"""Tidy tables: ``turns`` (one row a turn) and ``markers`` (one row a marker and span), as CSV or as one workbook.

In: transcripts.  Out: ``turns.csv`` and ``markers.csv``, or ``sessions.xlsx`` with the two sheets.  Both are read back by
:mod:`alliance_nlp.formats.coded_tables`: the CSV of turns holds every marker whole in its last column, the workbook in its
second sheet.  The column ``coder`` is left empty for people: who writes their code there has coded the row.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from alliance_nlp.errors import LabelError
from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.exports.turns_csv import TableWriter, turn_columns, turn_rows
from alliance_nlp.formats.cells import quoted
from alliance_nlp.labels import default_label_set
from alliance_nlp.record import to_record
from alliance_nlp.report.excerpts import readable
from alliance_nlp.segmentation import span_types
from alliance_nlp.transcript import Transcript

MARKER_COLUMNS = (
    "session_id", "turn_index", "speaker", "role", "label", "type", "start", "end", "evidence", "origin_kind",
    "origin_name", "origin_version", "probability",
)  # fmt: skip
ABOUT_SESSION = ("dyad_id", "session_number")
MOST_CHARACTERS = 32_767  # of an Excel cell; Excel cuts off what goes beyond
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it French Excel reads accents as Windows-1252
WIDTHS = {"text": 80, "evidence": 60, "session_id": 16, "speaker": 14, "role": 12, "markers_json": 20, "origin_name": 20}
USUAL_WIDTH = 11  # characters


def write_csv(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield the two tables as CSV."""
    turns, markers = io.StringIO(newline=""), io.StringIO(newline="")
    turn_table, marker_table = (TableWriter(stream, excel_fr=options.excel_fr) for stream in (turns, markers))
    turn_table.writerow([*columns_of_turns(), "markers_json"])
    marker_table.writerow(MARKER_COLUMNS)
    for transcript in transcripts:
        records = to_record(transcript)["turns"]
        for row, record in zip(rows_of_turns(transcript), records, strict=True):
            turn_table.writerow([*row, json.dumps(record["markers"], ensure_ascii=False) if record["markers"] else ""])
        marker_table.writerows(rows_of_markers(transcript))
    mark = BYTE_ORDER_MARK if options.excel_fr else b""
    yield ExportedFile("turns.csv", mark + turns.getvalue().encode("utf-8"))
    yield ExportedFile("markers.csv", mark + markers.getvalue().encode("utf-8"))


def columns_of_turns() -> list[str]:
    """Return the columns of the table of turns."""
    return [*turn_columns(), *ABOUT_SESSION, "coder"]


def rows_of_turns(transcript: Transcript) -> Iterator[list[object]]:
    """Yield a row a turn; ``coder`` is empty: the 0/1 columns say what all markers say together."""
    about = [transcript.metadata.get(key) for key in ABOUT_SESSION]
    known = [value if isinstance(value, (str, int)) else None for value in about]
    for row in turn_rows(transcript):
        yield [*row, *known, None]


def rows_of_markers(transcript: Transcript) -> Iterator[list[object]]:
    """Yield a row a marker and span; one without offsets for a marker without span."""
    order = default_label_set().type_ids
    for turn in transcript.turns:
        head = [transcript.session_id, turn.index, turn.speaker, transcript.role_of(turn).value]
        for marker in turn.markers:
            origin = marker.origin
            tail = [origin.kind.value, origin.name, origin.version, marker.probability]
            kinds = "+".join(kind for kind in order if kind in marker.types)
            if not marker.spans:
                yield [*head, marker.label, kinds, None, None, None, *tail]
            for span, types in zip(marker.spans, span_types(marker)):
                shown = "+".join(kind for kind in order if kind in types) or kinds
                yield [*head, marker.label, shown, span.start, span.end, turn.text[span.start : span.end], *tail]


# ---------------------------------------------------------------------------------------- workbook


def write_xlsx(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield one workbook with the two sheets: typed cells, heads that stay in view, filters."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    turns, markers = _sheet(book, "turns", columns_of_turns()), _sheet(book, "markers", MARKER_COLUMNS)
    rows = {turns: 1, markers: 1}
    for transcript in transcripts:
        for sheet, found in ((turns, rows_of_turns(transcript)), (markers, rows_of_markers(transcript))):
            for row in found:
                sheet.append([_cell(sheet, value, transcript.session_id, row[1]) for value in row])
                rows[sheet] += 1
    for sheet, columns in ((turns, len(columns_of_turns())), (markers, len(MARKER_COLUMNS))):
        sheet.auto_filter.ref = f"A1:{_letter(columns)}{rows[sheet]}"
    stream = io.BytesIO()
    book.save(stream)
    yield ExportedFile("sessions.xlsx", stream.getvalue())


def _letter(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(place))


def _sheet(book: Any, title: str, names: Sequence[str]) -> Any:
    """Return a new sheet with its head, which stays in view."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, name in enumerate(names, start=1):
        sheet.column_dimensions[_letter(place)].width = WIDTHS.get(name, USUAL_WIDTH)
    head = [WriteOnlyCell(sheet, name) for name in names]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    return sheet


def _cell(sheet: Any, value: object, session_id: str, turn: object) -> Any:
    """Return a cell.  Texts are typed as text and marked as such, so that « =1+1 » is speech and never a sum."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment

    if not isinstance(value, str) or not value:
        return value or None if isinstance(value, str) else value
    text = quoted(readable(value))
    if len(text.encode("utf-16-le")) // 2 > MOST_CHARACTERS:
        raise LabelError("exports.cell_too_long", session=session_id, turn=int(str(turn)) + 1, limit=MOST_CHARACTERS)
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = text[:1] in "=+-@\t\r\n"
    cell.alignment = Alignment(vertical="top", wrap_text=len(text) > USUAL_WIDTH)
    return cell
