"""The corpus' folder: sessions by split, cards, and one hash over all of it.

In: ``data/corpus`` with ``sessions/*.txt`` (authoring markup), ``splits.json`` (session ids by split) and ``cards.jsonl``
(what each session was to be).  Out: transcripts and cards.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from alliance_nlp.errors import ConfigError
from alliance_nlp.formats import read_transcript
from alliance_nlp.shipped import shipped_path
from alliance_nlp.transcript import Transcript

SPLITS = ("train", "validation", "test")


def corpus_folder(folder: str | Path | None = None) -> Path:
    """Return the corpus folder (default: the checkout's ``data/corpus``); ConfigError when it is not one."""
    path = Path(folder) if folder is not None else shipped_path("data/corpus")
    if not (path / "splits.json").is_file():
        raise ConfigError("corpus.no_corpus", place=str(path))
    return path


def read_splits(folder: str | Path | None = None) -> dict[str, list[str]]:
    """Return the session ids of each split, in the order of ``splits.json``."""
    return json.loads((corpus_folder(folder) / "splits.json").read_text(encoding="utf-8"))


def read_cards(folder: str | Path | None = None) -> dict[str, dict[str, Any]]:
    """Return each session's card (what its writer was given) by session id; none when the corpus has no cards."""
    path = corpus_folder(folder) / "cards.jsonl"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return {card["id"]: card for card in map(json.loads, text.splitlines())}


def session_paths(split: str, folder: str | Path | None = None) -> list[Path]:
    """Return the files of one split, in the order of ``splits.json``."""
    path = corpus_folder(folder)
    return [path / "sessions" / f"{name}.txt" for name in read_splits(path)[split]]


def load_sessions(split: str, folder: str | Path | None = None) -> list[Transcript]:
    """Return the sessions of ``"train"``, ``"validation"`` or ``"test"`` with their settled markers."""
    return [read_transcript(path) for path in session_paths(split, folder)]


def corpus_sha256(folder: str | Path | None = None) -> str:
    """Return one hash over the split file and every session file, for the record of a run."""
    digest = hashlib.sha256((corpus_folder(folder) / "splits.json").read_bytes())
    for split in SPLITS:
        for path in session_paths(split, folder):
            digest.update(path.read_bytes())
    return digest.hexdigest()
