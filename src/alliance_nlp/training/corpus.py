"""The corpus as transcripts and as a ``datasets.DatasetDict``.

In: ``data/corpus/sessions/*.txt`` (authoring markup) and ``splits.json`` (session ids by split).  Out: transcripts.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from alliance_nlp.errors import ConfigError
from alliance_nlp.formats import read_transcript
from alliance_nlp.record import to_record
from alliance_nlp.shipped import shipped_path
from alliance_nlp.transcript import Transcript

if TYPE_CHECKING:
    from datasets import DatasetDict

SPLITS = ("train", "validation", "test")


def corpus_folder(folder: str | Path | None = None) -> Path:
    """Return the corpus folder (default: the checkout's ``data/corpus``); ConfigError when it is not one."""
    path = Path(folder) if folder is not None else shipped_path("data/corpus")
    if not (path / "splits.json").is_file():
        raise ConfigError("training.no_corpus", place=str(path))
    return path


def session_paths(split: str, folder: str | Path | None = None) -> list[Path]:
    """Return the files of one split, in the order of ``splits.json``."""
    path = corpus_folder(folder)
    names = json.loads((path / "splits.json").read_text(encoding="utf-8"))[split]
    return [path / "sessions" / f"{name}.txt" for name in names]


def load_sessions(split: str, folder: str | Path | None = None) -> list[Transcript]:
    """Return the sessions of ``"train"``, ``"validation"`` or ``"test"`` with their authored markers."""
    return [read_transcript(path) for path in session_paths(split, folder)]


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


def corpus_sha256(folder: str | Path | None = None) -> str:
    """Return one hash over the split file and every session file, for the record of a run."""
    digest = hashlib.sha256((corpus_folder(folder) / "splits.json").read_bytes())
    for split in SPLITS:
        for path in session_paths(split, folder):
            digest.update(path.read_bytes())
    return digest.hexdigest()
