"""A table once, shown twice: as cells of a page (the language's numbers) and as CSV (a program's numbers).

In: columns and raw values.  Out: :class:`Table`; the page and the file hold the same rows, so what a reader
sees can be computed on.  CSV: UTF-8, commas, one header row, ``\\n``, decimal points, empty where unknown; an
interval is two columns, ``<key>_low`` and ``<key>_high``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "text", "link", "label", "side", "measure", "factor", "level",
    "count", "rate", "change", "share", "p", "number", "interval", "interval_change",
]  # fmt: skip
WORDS = ("text", "link", "label", "side", "measure", "factor", "level")
INTERVALS = ("interval", "interval_change")
DECIMALS = 4  # in CSV, of rates per 100 turns: finer than any interval here


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``key`` heads it in CSV, ``title`` on the page; ``kind`` tells how its values are written.

    Values by kind: ``text``: str; ``link``: a pair of text and relative address; ``label``, ``side``, ``measure``,
    ``factor`` and ``level``: ids, which stay so in CSV and are named in the page's language on the page;
    ``count``: a number shown whole; ``rate`` and ``change``: float per 100 turns (a change is
    written with its sign); ``share`` and ``p``: float in [0, 1]; ``number``: float shown with two decimals; ``interval`` and ``interval_change``: a pair
    (low, high) of rates or changes.  None everywhere: unknown.
    """

    key: str
    title: str
    kind: Kind = "text"

    @property
    def numeric(self) -> bool:
        """True for columns set to the right."""
        return self.kind not in WORDS


@dataclass(frozen=True, slots=True)
class Table:
    """A named table; ``name`` is that of its file, ``caption`` says what and from how much."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]

    def as_csv(self) -> str:
        """Return the table as CSV text."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([harmless(name) for column in self.columns for name in _heads(column)])
        for row in self.rows:
            writer.writerow([cell for column, value in zip(self.columns, row) for cell in _cells(column, value)])
        return stream.getvalue()


def _heads(column: Column) -> Sequence[str]:
    return (f"{column.key}_low", f"{column.key}_high") if column.kind in INTERVALS else (column.key,)


def _cells(column: Column, value: Any) -> Sequence[Any]:
    if column.kind in INTERVALS:
        return (None, None) if value is None else tuple(_rounded(bound) for bound in value)
    if column.kind == "link":
        return (None,) if value is None else (harmless(value[0]),)
    return (_rounded(value) if isinstance(value, float) else harmless(value),)


def _rounded(value: float) -> float:
    return round(value, DECIMALS) + 0.0  # no «-0.0»


def harmless(value: Any) -> Any:
    """Return a text that a spreadsheet will not run as a formula (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value
