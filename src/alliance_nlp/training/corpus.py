"""The corpus as a ``datasets.DatasetDict``: one row a turn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alliance_nlp.corpus.folder import SPLITS, load_sessions
from alliance_nlp.record import to_record
from alliance_nlp.transcript import Transcript

if TYPE_CHECKING:
    from datasets import DatasetDict


def load_corpus(folder: str | Path | None = None) -> DatasetDict:
    """Return the corpus as a ``DatasetDict`` (train, validation, test), one row a turn."""
    from datasets import Dataset, DatasetDict

    return DatasetDict(
        {split: Dataset.from_list([row for t in load_sessions(split, folder) for row in turn_rows(t)]) for split in SPLITS}
    )


def turn_rows(transcript: Transcript) -> list[dict]:
    """Return a row a turn: where it stands, who speaks, text, labels, types and evidence spans."""
    rows = []
    for turn, record in zip(transcript.turns, to_record(transcript)["turns"], strict=True):
        rows.append(
            {
                "session_id": transcript.session_id,
                "index": turn.index,
                "speaker": turn.speaker,
                "role": transcript.role_of(turn).value,
                "text": turn.text,
                "labels": sorted(turn.labels),
                "types": sorted(turn.types),
                "markers": [
                    {"label": m["label"], "types": m["types"], "spans": m["spans"]} for m in record["markers"]
                ],
            }
        )
    return rows
