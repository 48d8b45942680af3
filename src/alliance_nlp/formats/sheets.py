"""Spreadsheet files → plain rows of text, each with its row number as the spreadsheet shows it.

In: the bytes of a ``.csv``, ``.tsv`` or ``.xlsx`` file.  Out: :class:`Sheet`.  The delimiter of a text file
is found, not assumed: French spreadsheets write ``;``.  What the columns mean is left to the caller.
"""

from __future__ import annotations

import csv
import datetime
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.cells import unprotected
from alliance_nlp.formats.package import UNREADABLE, open_package

DELIMITERS = (",", ";", "\t", "|")
HEADER_ROWS = 10  # titles and remarks may stand above the row of column names
_TRIAL_CHARACTERS = 100_000  # enough rows to tell a delimiter by
_MAX_ROWS = 1_048_576  # of an Excel sheet; a row number beyond it would be counted up to, one by one
_MAX_COLUMNS = 1_000  # stray cells apart, no transcript has as many
_MAX_CELL = (
    2**31 - 1
)  # csv refuses cells over 131,072 characters unless told otherwise; a long turn may pass it

# What openpyxl raises for parts that are missing or malformed; SyntaxError is that of its XML parsers.
UNREADABLE_WORKBOOK = (*UNREADABLE, KeyError, IndexError, TypeError, AttributeError, SyntaxError)

Header = Callable[[Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its 1-based number, the header's row being counted, and its cells as text, untrimmed."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows that hold something.  A sheet of a workbook has a ``name``, delimited text a ``delimiter``."""

    rows: tuple[Row, ...]
    name: str | None = None
    delimiter: str | None = None


# ---------------------------------------------------------------------------------------- csv, tsv


def text_sheet(text: str, name: str, *, is_header: Header) -> Sheet:
    """Return the rows of delimited text; ``is_header`` tells a row of column names from another."""
    csv.field_size_limit(_MAX_CELL)
    text = text.removeprefix("\ufeff")
    declared, skipped = _declared_delimiter(text)
    if skipped:
        text = text.split("\n", 1)[1] if "\n" in text else ""
    delimiter = declared or _best_delimiter(text[:_TRIAL_CHARACTERS], is_header)
    rows = _numbered(_parse(text, delimiter, name, first=1 + skipped), first=1 + skipped)
    return Sheet(tuple(rows), delimiter=delimiter)


def _declared_delimiter(text: str) -> tuple[str | None, int]:
    """Return the delimiter of Excel's first line ``sep=;`` and the number of lines to skip for it."""
    line = text.split("\n", 1)[0].strip("\r\"' ")
    if line.lower().startswith("sep=") and line[4:5] in DELIMITERS:
        return line[4:5], 1
    return None, 0


def _best_delimiter(text: str, is_header: Header) -> str:
    """Return the delimiter that shows a header, else the one that gives most rows the same several cells."""

    return max(DELIMITERS, key=lambda delimiter: _delimiter_score(list(_lenient(text, delimiter)), is_header))


def _delimiter_score(rows: Sequence[Sequence[str]], is_header: Header) -> tuple[bool, float, int]:
    """Return how well the rows look cut: a header found, the share of rows as wide as it, and that width."""
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    widths = [len(row) for row in rows]
    header = next((row for row in rows[:HEADER_ROWS] if is_header(row)), None)
    if header is not None:
        return True, widths.count(len(header)) / len(rows), len(header)
    usual = max(set(widths), key=widths.count, default=1)
    return False, widths.count(usual) / len(rows) if usual > 1 else 0.0, usual


def _lenient(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _parse(text: str, delimiter: str, name: str, *, first: int) -> list[list[str]]:
    """Return all rows; TranscriptFormatError for a quotation mark that is never closed.

    Read strictly first: leniently, an open quotation mark would swallow the rest of the file into one cell.
    """
    rows: list[list[str]] = []
    strict = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows.extend(strict)
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            line = first + len(rows)
            raise TranscriptFormatError("files.table_open_quote", file=name, line=line) from error
        return list(_lenient(text, delimiter))
    return rows


def _numbered(rows: Sequence[Sequence[str]], *, first: int) -> Iterator[Row]:
    for number, row in enumerate(rows, start=first):
        if any(cell.strip() for cell in row):
            yield Row(number, tuple(map(unprotected, row)))


# ---------------------------------------------------------------------------------------- xlsx


def workbook_sheets(data: bytes, name: str) -> list[Sheet]:
    """Return the sheets of an ``.xlsx`` file that hold something, in their order."""
    open_package(data, name, suffix=".xlsx").close()  # refuses what is no office file, or unsafe
    import openpyxl  # here: it takes a tenth of a second, and most transcripts are no workbooks

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it drops: no text is lost
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        except UNREADABLE_WORKBOOK as error:
            raise TranscriptFormatError("files.office_damaged", file=name, suffix=".xlsx") from error
        sheets = [Sheet(tuple(_sheet_rows(sheet, name)), sheet.title) for sheet in book.worksheets]
        book.close()
    return [sheet for sheet in sheets if sheet.rows]


def _sheet_rows(sheet: Any, name: str) -> list[Row]:
    sheet.reset_dimensions()  # some programs write a wrong extent, which would cut rows off
    try:
        # Row by row: a stray cell in the last column makes a row of 16,384.
        cells = [_filled_cells(row) for row in sheet.iter_rows(max_row=_MAX_ROWS, values_only=True)]
    except UNREADABLE_WORKBOOK as error:
        raise TranscriptFormatError("files.office_damaged", file=name, suffix=".xlsx") from error
    return list(_numbered(cells, first=1))


def _filled_cells(row: Sequence[object]) -> tuple[str, ...]:
    """Return the cells as text, those after the last one that holds something left out."""
    filled = [place for place, value in enumerate(row[:_MAX_COLUMNS]) if value is not None]
    return tuple(_cell_text(value) for value in row[: filled[-1] + 1]) if filled else ()


def _cell_text(value: object) -> str:
    """Return a cell's value as a person would type it; durations and times of day as ``hh:mm:ss``."""
    if value is None:
        return ""
    if isinstance(value, datetime.timedelta):
        return _clock_text(value.total_seconds())
    if isinstance(value, datetime.time):
        moment = datetime.timedelta(
            hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
        )
        return _clock_text(moment.total_seconds())
    if isinstance(value, str):
        return value.replace("_x000D_", "")  # how some programs write a carriage return
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _clock_text(total_s: float) -> str:
    milliseconds = round(total_s * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
