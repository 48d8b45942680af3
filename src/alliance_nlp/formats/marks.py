"""Marks that people or machines set in other tools → markers on turns, with their origins.

In: marks, each with its turn, its code and who set it.  Out: turns with markers.  How tools keep an origin: as the text
of :func:`origin_text`, beside a fingerprint (:func:`given_as`) of the mark as it was handed to the tool.  A mark that
still fits its fingerprint keeps its origin; one that was moved or named anew is the annotator's.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from alliance_nlp.evaluation.reviewed import REVIEWED_BY, reviewed_by, set_aside
from alliance_nlp.formats.base import Draft
from alliance_nlp.formats.coding import Code, code_name
from alliance_nlp.labels import default_label_set
from alliance_nlp.segmentation import merge_markers
from alliance_nlp.transcript import Marker, Notice, Origin, OriginKind, Source, Span, Transcript, Turn

SCHEMA = "alliance-nlp/coding/1"  # of what the exports write about a session beside its text


@dataclass(frozen=True, slots=True)
class Mark:
    """A code set on a stretch of one turn (code points into its text); ``span`` None: on the turn as a whole."""

    turn: int
    code: Code
    origin: Origin
    span: Span | None = None
    probability: float | None = None


@dataclass(slots=True)
class Aside:
    """What was met and could not become a marker; each count becomes one notice."""

    counts: Counter[str]

    @classmethod
    def nothing(cls) -> Aside:
        """Return a fresh count."""
        return cls(Counter())

    def add(self, code: str, count: int = 1) -> None:
        """Count something under the code of its notice."""
        self.counts[code] += count

    def notices(self) -> tuple[Notice, ...]:
        """Return a notice for each thing that was put aside."""
        return tuple(Notice(f"coding_tools.{code}", params={"count": n}) for code, n in sorted(self.counts.items()) if n)


def is_whole(code: Code) -> bool:
    """True when the code can become a marker: a rupture without its type cannot."""
    return code.type is not None or not default_label_set()[code.label].types


def with_marks(turns: Sequence[Turn], marks: Iterable[Mark], reviewers: Sequence[str] = ()) -> tuple[Turn, ...]:
    """Return the turns with their marks; where ``reviewers`` read the session, people's markers stand alone.

    What the machine had marked is then kept in the turn's extra (``evaluation.reviewed``), its origin unchanged.
    """
    by_turn: dict[int, list[Mark]] = {}
    for mark in marks:
        by_turn.setdefault(mark.turn, []).append(mark)
    return tuple(_marked(turn, by_turn.get(turn.index, []), reviewers) for turn in turns)


def _marked(turn: Turn, marks: Sequence[Mark], reviewers: Sequence[str]) -> Turn:
    markers = merge_markers([*turn.markers, *map(marker_of, marks)])
    told = replace(turn, markers=markers)
    if not reviewers:
        return told
    names = list(dict.fromkeys([*reviewed_by(turn), *reviewers]))
    return set_aside(replace(told, extra={**turn.extra, REVIEWED_BY: names}), markers)


def marker_of(mark: Mark) -> Marker:
    """Return the marker of one mark."""
    types = (mark.code.type,) if mark.code.type else ()
    spans = () if mark.span is None else (mark.span,)
    probability = mark.probability if mark.origin.kind is OriginKind.MODEL else None
    return Marker(mark.code.label, mark.origin, types, probability, spans)


def touched(text: str, bounds: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, Span]]:
    """Yield each turn that ``[start, end)`` of the whole text touches, with the span in it; nothing for white space.

    ``bounds`` are the turns' places in the text, in order.
    """
    for index in range(bisect_right(bounds, start, key=lambda bound: bound[1]), len(bounds)):
        first, last = bounds[index]
        if first >= end:
            return
        a, b = max(start, first), min(end, last)
        if a < b and (text[a:b].strip() or (first <= start and end <= last)):
            yield index, Span(a - first, b - first)


def given_as(code: Code, start: int, end: int) -> str:
    """Return the fingerprint of a mark: its code and place, in whatever unit and text the tool counts.

    >>> given_as(Code("rupture", "withdrawal"), 12, 40)
    'rupture/withdrawal@12-40'
    """
    return f"{code_name(code.label, code.type)}@{start}-{end}"


# ---------------------------------------------------------------------------------------- origins


def origin_text(origin: Origin) -> str:
    """Return an origin as one short text: « model:alliance-fr-small:0.2 », « human:anna »."""
    parts = [origin.kind.value, origin.name, *([] if origin.version is None else [origin.version])]
    return ":".join(part.replace("%", "%25").replace(":", "%3A") for part in parts)


def parse_origin(text: str | None) -> Origin | None:
    """Return the origin written by :func:`origin_text`; None for any other text.

    >>> parse_origin("model:alliance-fr-small:0.2").name, parse_origin("Anna : psychologue")
    ('alliance-fr-small', None)
    """
    parts = [part.replace("%3A", ":").replace("%25", "%") for part in (text or "").split(":")]
    if not 2 <= len(parts) <= 3 or parts[0] not in {kind.value for kind in OriginKind} or not parts[1]:
        return None
    return Origin(OriginKind(parts[0]), parts[1], parts[2] if len(parts) == 3 else None)


def person(name: str) -> Origin:
    """Return the origin of what somebody called ``name`` set."""
    return Origin(OriginKind.HUMAN, name)


# ---------------------------------------------------------------------------------------- facts of a session


def sourced(session: Draft | Transcript, data: bytes, *, name: str, format: str) -> Draft | Transcript:
    """Return a session that our own export made with the file it was read from; a draft gets it later."""
    if isinstance(session, Draft):
        return session
    return replace(session, source=Source(name, format, hashlib.sha256(data).hexdigest()))


def text_of(value: Any) -> str | None:
    """Return ``value`` when it is a text with something in it."""
    return value if isinstance(value, str) and value.strip() else None


def seconds_of(value: Any) -> float | None:
    """Return a time in seconds, rounded to 3 decimals; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return round(number, 3) if 0.0 <= number < 1e9 else None


def probability_of(value: Any) -> float | None:
    """Return a probability in [0, 1]; None for what is none."""
    number = None if isinstance(value, bool) or not isinstance(value, (int, float, str)) else value
    try:
        found = float(number) if number is not None else None
    except (ValueError, OverflowError):
        return None
    return found if found is not None and 0.0 <= found <= 1.0 else None


def names_of(value: Any) -> list[str]:
    """Return a list of names as it stands, without what is none."""
    return [name for name in value if isinstance(name, str) and name] if isinstance(value, list) else []


def json_object(text: str) -> Mapping[str, Any]:
    """Return the object that a JSON text holds; an empty one for anything else, or when half a character is escaped in it."""
    try:
        value = object_of(json.loads(text))
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return {}
    return value


def object_of(value: Any) -> Mapping[str, Any]:
    """Return ``value`` when it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}
