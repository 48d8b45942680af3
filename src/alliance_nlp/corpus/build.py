"""The corpus as session records (JSONL), the form that other tools and ``datasets.load_dataset("json", …)`` read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from alliance_nlp.corpus.folder import SPLITS, corpus_folder, load_sessions
from alliance_nlp.corpus.pairs import PAIR_SPLITS, load_pairs, pairs_folder
from alliance_nlp.corpus.readings import READINGS, load_reading, reading_path
from alliance_nlp.record import dumps
from alliance_nlp.segmentation import span_types
from alliance_nlp.transcript import Transcript


def build_records(out: Path, folder: str | Path | None = None) -> Iterator[tuple[Path, int]]:
    """Write one file a split, one a reading and one a split of pairs; yield each file with its number of sessions."""
    place = corpus_folder(folder)
    out.mkdir(parents=True, exist_ok=True)
    for split in SPLITS:
        yield write(out / f"{split}.jsonl", load_sessions(split, place))
    for name in READINGS:
        if reading_path(name, place).is_file():
            yield write(out / f"reading-{name}.jsonl", load_reading(name, place))
    if (pairs_folder(place) / "splits.json").is_file():
        for split in PAIR_SPLITS:
            yield write(out / f"pairs-{split}.jsonl", [member for pair in load_pairs(split, place) for member in pair.members])


def write(path: Path, sessions: list[Transcript]) -> tuple[Path, int]:
    """Write sessions, one record a line."""
    path.write_text("".join(dumps(same_keys(session)) + "\n" for session in sessions), encoding="utf-8")
    return path, len(sessions)


def same_keys(session: Transcript) -> Transcript:
    """Return the session with ``span_types`` on every marker: Arrow wants the same keys in every file, tagged so or not."""
    turns = tuple(
        replace(turn, markers=tuple(replace(m, extra={**m.extra, "span_types": [list(t) for t in span_types(m)]}) for m in turn.markers))
        for turn in session.turns
    )  # fmt: skip
    return replace(session, turns=turns)
