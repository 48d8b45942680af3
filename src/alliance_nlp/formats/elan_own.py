"""ELAN files that we wrote, perhaps changed by people since → the session as it was, with what people changed.

In: a :class:`Document` with our property and our data tiers.  Out: a transcript.

What stands where (``exports/elan.py`` writes it): the header's property ``alliance-nlp/session`` holds the session's record
without its turns, and whether its times are made up; a tier of type ``alliance-turn`` holds one speaker's turns; its child « alliance@P » (type
``alliance-data``) holds each turn's record as JSON; children « rupture/withdrawal@P » (type ``alliance-evidence``) hold
the evidence, one annotation a span; their ANNOTATOR is the marker's origin, a person's code or « model:NAME@VERSION ».

Reading back: a marker whose evidence still stands in its tier is as it was, machine or human.  Evidence taken out in ELAN
goes; evidence added, or in a tier whose ANNOTATOR was changed, is a person's.  A turn whose text was changed keeps the
spans that are still found.  Times that we made up come back as None unless every turn was moved.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.coding import Code
from alliance_nlp.formats.elan_document import DATA_TYPE, TURN_TYPE, Annotation, Document, Tier
from alliance_nlp.formats.elan_labels import Label, Place, annotator_of, find_span, markers_of, read_labels
from alliance_nlp.formats.elan_tiers import choose_tiers
from alliance_nlp.formats.oral import plain
from alliance_nlp.record import SCHEMA, from_record
from alliance_nlp.segmentation import merge_markers, span_types
from alliance_nlp.transcript import Marker, Notice, Role, Span, Transcript, Turn

SESSION = "alliance-nlp/session"

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


def writable(text: str) -> str:
    """Return ``text`` with a replacement character for each one that XML cannot hold; the length stays."""
    return _UNWRITABLE.sub("\ufffd", text)


def text_hash(text: str) -> str:
    """Return what tells whether a turn's text was changed since we wrote it."""
    return hashlib.sha256(writable(text).encode("utf-8")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One span of a marker in one label tier; no span: the whole turn."""

    code: Code
    span: Span | None
    value: str


def evidence_of(marker: Marker, text: str) -> list[Evidence]:
    """Return what stands in the label tiers for ``marker`` on a turn that says ``text``, in order of place."""
    if not marker.spans:
        return [Evidence(Code(marker.label, kind), None, "") for kind in marker.types or (None,)]
    return [
        Evidence(Code(marker.label, kind), span, writable(text[span.start : span.end]))
        for span, types in zip(marker.spans, span_types(marker))
        for kind in types or (None,)
    ]


@dataclass(frozen=True, slots=True)
class _Row:
    """One annotation of talk: its speaker, what we wrote of the turn (empty: a person added it)."""

    annotation: Annotation
    tier: Tier
    speaker: str | None
    known: Mapping[str, Any] = field(default_factory=dict)

    @property
    def moved(self) -> bool:
        """True when a person gave the turn other times than we wrote."""
        return self.known.get("at") != [_milliseconds(self.annotation.start_s), _milliseconds(self.annotation.end_s)]

    @property
    def edited(self) -> bool:
        """True when a person changed the text of a turn that we wrote."""
        return bool(self.known) and self.known.get("sha256") != text_hash(self.annotation.value)

    def as_edited(self) -> dict[str, Any]:
        """Return what an edited turn holds now: the new text, and its markers with their spans to be found again."""
        markers = self.known["turn"].get("markers") or []
        bare = [{k: v for k, v in m.items() if k not in ("spans", "span_types")} if isinstance(m, Mapping) else m for m in markers]
        return {"text": plain(self.annotation.value), "markers": bare}


def is_own(document: Document) -> bool:
    """True when the file holds at least one of our data tiers."""
    return any(tier.type == DATA_TYPE and tier.annotations for tier in document.tiers)


def read_own(document: Document, name: str) -> Transcript:
    """Return the session; TranscriptFormatError or LabelError when what we wrote was damaged."""
    header = _parse(document.properties.get(SESSION, "{}"), name)
    session = header.get("record")
    session = session if isinstance(session, dict) else {"schema": SCHEMA, "session_id": PurePath(name).stem, "speakers": []}
    rows = _in_order(list(_rows(document, name)))
    labels = read_labels(document, choose_tiers(document).labels, [Place(row.tier.id, row.speaker, row.annotation) for row in rows])
    timeless = bool(header.get("timeless")) and not all(row.moved for row in rows)
    bare = from_record({**session, "turns": [_turn_record(row, place, timeless) for place, row in enumerate(rows)],
                        "speakers": _speakers(session, rows)})  # fmt: skip
    turns = tuple(
        replace(turn, markers=_markers(row, turn, labels.of.get(row.annotation.id, []), author=document.author))
        for turn, row in zip(bare.turns, rows)
    )
    notices = (*labels.notices(), *_changes(bare.turns, turns, rows))
    return replace(bare, turns=turns, warnings=(*bare.warnings, *notices))


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TranscriptFormatError("oral.elan_own_damaged", file=name) from error
    if not isinstance(value, dict):
        raise TranscriptFormatError("oral.elan_own_damaged", file=name)
    return value


# ---------------------------------------------------------------------------------------- turns


def _rows(document: Document, name: str) -> Iterator[_Row]:
    known = {
        item.parent: _parse(item.value, name) for tier in document.tiers if tier.type == DATA_TYPE for item in tier.annotations
    }
    added = {talk.tier: talk.speaker for talk in choose_tiers(document).talk}
    for tier in document.tiers:
        if tier.type == TURN_TYPE or tier.id in added:
            speaker = tier.participant if tier.type == TURN_TYPE else added[tier.id]
            for item in tier.annotations:
                found = known.get(item.id, {})
                named = found.get("speaker", speaker)
                if not isinstance(named, (str, type(None))):
                    raise TranscriptFormatError("oral.elan_own_damaged", file=name)
                yield _Row(item, tier, named, found)


def _in_order(rows: list[_Row]) -> list[_Row]:
    """Return our turns in the order of the session, those that people added before the first that begins later."""
    ours = sorted((row for row in rows if _index(row) is not None), key=lambda row: _index(row) or 0)
    for row in sorted((row for row in rows if _index(row) is None), key=lambda row: row.annotation.order):
        later = (place for place, other in enumerate(ours) if other.annotation.order > row.annotation.order)
        ours.insert(next(later, len(ours)), row)
    return ours


def _index(row: _Row) -> int | None:
    turn = row.known.get("turn")
    index = turn.get("index") if isinstance(turn, Mapping) else None
    return index if isinstance(index, int) else None


def _turn_record(row: _Row, place: int, timeless: bool) -> dict[str, Any]:
    """Return the turn's record: as we wrote it, with the text and times that stand in the file now."""
    wrote = row.known.get("turn")
    if isinstance(wrote, Mapping):
        record = {**wrote, **row.as_edited()} if row.edited else {"text": row.annotation.value, **wrote}
    else:
        record = {"text": plain(row.annotation.value), "line": row.annotation.line}
    if row.moved and not timeless:
        record |= {"start_s": row.annotation.start_s, "end_s": row.annotation.end_s}
    return record | {"index": place, "speaker": row.speaker}


def _speakers(session: Mapping[str, Any], rows: Sequence[_Row]) -> list[Any]:
    """Return the session's speakers, renamed where a person renamed a participant, and those who were added."""
    given = session.get("speakers")
    speakers = [dict(item) for item in given if isinstance(item, Mapping)] if isinstance(given, list) else []
    here = [row.speaker for row in rows]
    for row in rows:
        if row.speaker is None or any(item.get("id") == row.speaker for item in speakers):
            continue
        old = next((item for item in speakers if item.get("id") == row.tier.id and item["id"] not in here), None)
        if old is not None:
            old["id"] = row.speaker
        else:
            speakers.append({"id": row.speaker, "role": Role.UNKNOWN.value})
    return speakers


# ---------------------------------------------------------------------------------------- markers


def _markers(row: _Row, turn: Turn, labels: Sequence[Label], *, author: str) -> tuple[Marker, ...]:
    """Return the turn's markers: ours where their evidence still stands, and those that people gave."""
    left = list(labels)
    take = _moved if row.edited else _still
    kept = [marker for marker in (take(marker, turn.text, left) for marker in turn.markers) if marker is not None]
    added = markers_of(left, turn.text, author=author, added=True)
    return merge_markers([*kept, *added]) if added else tuple(kept)


def _still(marker: Marker, text: str, left: list[Label]) -> Marker | None:
    """Return ``marker`` with the evidence that is found among ``left``, from which it is taken; None when none is."""
    wanted = evidence_of(marker, text)
    found = []
    for evidence in wanted:
        value = plain(evidence.value)
        same = (p for p, label in enumerate(left) if label.code == evidence.code and plain(label.value) == value and _by(label, marker))
        place = next(same, None)
        if place is not None:
            left.pop(place)
            found.append(evidence)
    if len(found) == len(wanted):
        return marker
    return _of_evidence(marker, found) if found else None


def _moved(marker: Marker, text: str, left: list[Label]) -> Marker | None:
    """Return ``marker`` on a text that was changed: its evidence where it is found now."""
    mine = [label for label in left if label.code.label == marker.label and label.code.type in (marker.types or (None,)) and _by(label, marker)]
    taken: dict[Code, list[Span]] = {}
    found = []
    for label in mine:
        left.remove(label)
        found.append(Evidence(label.code, find_span(text, label.value, taken.setdefault(label.code, [])), label.value))
    return _of_evidence(marker, found) if found else None


def _by(label: Label, marker: Marker) -> bool:
    return label.annotator == (writable(annotator_of(marker.origin)).strip() or None)


def _of_evidence(marker: Marker, found: Sequence[Evidence]) -> Marker:
    types: dict[Span, list[str]] = {}
    for evidence in found:
        if evidence.span is not None:
            types.setdefault(evidence.span, []).extend([evidence.code.type] if evidence.code.type else [])
    named = tuple(kind for kind in marker.types if any(evidence.code.type == kind for evidence in found))
    extra = {key: value for key, value in marker.extra.items() if key != "span_types"}
    spans = tuple(sorted(types))
    if len(named) > 1 and spans:
        extra["span_types"] = [types[span] for span in spans]
    return replace(marker, types=named, spans=spans, extra=extra)


def _changes(wrote: Sequence[Turn], now: Sequence[Turn], rows: Sequence[_Row]) -> list[Notice]:
    """Return a notice with the number of turns added and of markers given and taken away in ELAN; none when nothing changed."""
    before = Counter((turn.index, marker.label, marker.origin) for turn in wrote for marker in turn.markers)
    after = Counter((turn.index, marker.label, marker.origin) for turn in now for marker in turn.markers)
    params = {
        "turns": sum(not row.known for row in rows),
        "given": sum((after - before).values()),
        "taken": sum((before - after).values()),
    }
    return [Notice("oral.elan_changed", params=params)] if any(params.values()) else []


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
