"""Second readings: what each reader tagged, kept apart from the text, one JSON line a session.

``data/corpus/readings/<name>.jsonl``: ``{"session_id": …, "reader": …, "text_sha256": …, "tags": [[turn, tag, start, end], …]}``,
offsets in code points into the turn's text.  The text itself stands in ``sessions/`` alone; its hash (without tags) tells when
it was changed after the reading.  Out: the sessions with that reader's markers in place of the settled ones.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from alliance_nlp.corpus.folder import corpus_folder
from alliance_nlp.errors import ConfigError
from alliance_nlp.formats import read_transcript
from alliance_nlp.labels import default_label_set
from alliance_nlp.segmentation import merge_markers, span_types
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span, Transcript

READINGS = ("first", "second")  # the writer's own tags before settling; a blind reader's

Tag = tuple[int, str, int, int]  # turn, tag of the markup, start, end


def reading_path(name: str, folder: str | Path | None = None) -> Path:
    """Return the file of a reading."""
    return corpus_folder(folder) / "readings" / f"{name}.jsonl"


def load_reading(name: str, folder: str | Path | None = None) -> list[Transcript]:
    """Return the sessions of one reading (``"first"`` or ``"second"``) with that reader's markers, in session order.

    Raises ConfigError for an unknown reading, and for one made of another text than the session's present one.
    """
    path = reading_path(name, folder)
    if not path.is_file():
        raise ConfigError("corpus.no_reading", name=name, place=str(path.parent))
    sessions = corpus_folder(folder) / "sessions"
    return [apply_reading(read_transcript(sessions / f"{key}.txt"), row) for key, row in reading_rows(name, folder).items()]


def reading_rows(name: str, folder: str | Path | None = None) -> dict[str, dict[str, Any]]:
    """Return a reading's rows by session id, without looking at the sessions; none when the file does not exist."""
    path = reading_path(name, folder)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {row["session_id"]: row for row in map(json.loads, lines)}


def apply_reading(session: Transcript, row: dict[str, Any]) -> Transcript:
    """Return ``session`` with the markers of one reading's row in place of its own."""
    if row["text_sha256"] != text_sha256(session):
        raise ConfigError("corpus.other_text", session=session.session_id)
    origin = Origin(OriginKind.AUTHORED, row["reader"])
    by_turn: dict[int, list[Tag]] = defaultdict(list)
    for tag in row["tags"]:
        by_turn[tag[0]].append(tuple(tag))
    turns = tuple(
        dataclasses.replace(turn, markers=markers_of(by_turn.get(turn.index, []), origin)) for turn in session.turns
    )
    return dataclasses.replace(session, turns=turns)


def markers_of(tags: Iterable[Tag], origin: Origin) -> tuple[Marker, ...]:
    """Return one marker a label, with its types and spans, in the scheme's order."""
    label_set = default_label_set()
    single = []
    for _, tag, start, end in tags:
        is_label = tag in label_set.ids
        label = tag if is_label else label_set.owner(tag).id
        single.append(Marker(label, origin, types=() if is_label else (tag,), spans=(Span(start, end),)))
    return merge_markers(single)


def reading_row(session: Transcript, reader: str) -> dict[str, Any]:
    """Return the session's present markers as a reading's row."""
    tags = sorted(
        (turn.index, tag, span.start, span.end)
        for turn in session.turns
        for marker in turn.markers
        for span, types in zip(marker.spans, span_types(marker), strict=True)
        for tag in types or (marker.label,)
    )
    return {"session_id": session.session_id, "reader": reader, "text_sha256": text_sha256(session), "tags": tags}


def text_sha256(session: Transcript) -> str:
    """Return a hash of who says what, whatever the markers."""
    lines = "\n".join(f"{turn.speaker}\t{turn.text}" for turn in session.turns)
    return hashlib.sha256(lines.encode()).hexdigest()[:16]
