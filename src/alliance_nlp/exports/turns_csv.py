"""``turns.csv``: one row a turn, tags as 0/1, calibrated probabilities, empty cells for what is unknown."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

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
    for turn in transcript.turns:
        carried = turn.labels | turn.types
        probabilities = turn.probabilities or {}
        yield [
            transcript.session_id, turn.index, turn.speaker, transcript.role_of(turn).value,
            turn.start_s, turn.end_s, turn.text,
            *(int(name in carried) for name in names),
            *(probabilities.get(name) for name in names),
            int(turn.needs_review),
        ]  # fmt: skip


def csv_writer(stream: TextIO) -> csv.writer:
    """Return a writer of the plain kind: commas, quotes where needed, ``\\n``."""
    return csv.writer(stream, lineterminator="\n")
