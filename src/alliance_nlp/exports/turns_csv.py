"""``turns.csv``: one row a turn, tags as 0/1, calibrated probabilities, empty cells for what is unknown.

In a session that the tagger left unmarked a tag that is not there is unknown, not 0, but on turns that people reviewed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from alliance_nlp.evaluation.likeness import is_left_unmarked
from alliance_nlp.evaluation.reviewed import known_turns
from alliance_nlp.formats.cells import protected
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Transcript


def turn_columns() -> list[str]:
    """Return the columns of ``turns.csv``."""
    names = default_label_set().outputs
    return [
        "session_id", "turn_index", "speaker", "role", "start_s", "end_s", "text",
        *names, *(f"p_{name}" for name in names), "needs_review",
    ]  # fmt: skip


def turn_rows(transcript: Transcript) -> Iterator[list[object]]:
    """Yield the rows of one session, in the order of ``turn_columns``."""
    names = default_label_set().outputs
    unread = frozenset(range(len(transcript.turns))) - known_turns(transcript) if is_left_unmarked(transcript) else frozenset()
    for turn in transcript.turns:
        carried = turn.labels | turn.types
        probabilities = turn.probabilities or {}
        yield [
            transcript.session_id, turn.index, turn.speaker, transcript.role_of(turn).value,
            turn.start_s, turn.end_s, turn.text,
            *(None if turn.index in unread and name not in carried else int(name in carried) for name in names),
            *(probabilities.get(name) for name in names),
            int(turn.needs_review),
        ]  # fmt: skip


class TableWriter:
    """Rows written as CSV, texts that a spreadsheet would run made harmless (:mod:`alliance_nlp.formats.cells`).

    Plain: commas, quotes where needed, ``\\n``.  ``excel_fr``: semicolons and decimal commas, as French Excel opens them.
    """

    def __init__(self, stream: TextIO, *, excel_fr: bool = False) -> None:
        self._excel_fr = excel_fr
        self._writer = csv.writer(stream, lineterminator="\n", delimiter=";" if excel_fr else ",")

    def writerow(self, row: Sequence[object]) -> None:
        """Write one row."""
        self._writer.writerow([self._cell(value) for value in row])

    def writerows(self, rows: Iterable[Sequence[object]]) -> None:
        """Write rows."""
        for row in rows:
            self.writerow(row)

    def _cell(self, value: object) -> object:
        if isinstance(value, str):
            return protected(value)
        return str(value).replace(".", ",") if self._excel_fr and isinstance(value, float) else value


def csv_writer(stream: TextIO) -> TableWriter:
    """Return a writer of the plain kind."""
    return TableWriter(stream)
