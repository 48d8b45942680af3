"""What reviewers' decisions mean: a turn's markers and one reviewer's decisions in, the turn as that reviewer leaves it out.

Pure functions of frozen values.  Decisions are appended and never changed; taking one back is a decision of its own (``undo``),
and taking that back is doing it again.  A decision holds the marker as it leaves it, so that it keeps its meaning when the machine
reads the session anew.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from alliance_nlp.errors import StoreError
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span, Turn


class Action(str, Enum):
    """What a reviewer can do on a turn."""

    ACCEPT = "accept"
    REJECT = "reject"
    CHANGE = "change"
    ADD = "add"
    NONE = "none"  # « pas de marqueur »
    COMMENT = "comment"
    FLAG = "flag"
    UNDO = "undo"
    SEEN = "seen"


MARKING = frozenset({Action.ACCEPT, Action.REJECT, Action.CHANGE, Action.ADD, Action.NONE})  # change what a turn carries
READING = MARKING | {Action.SEEN}  # say that the turn was read


class Status(str, Enum):
    """What became of one marker in one reviewer's reading."""

    PENDING = "pending"  # the machine's, not decided
    KEPT = "kept"  # a person's, already in the record
    ACCEPTED = "accepted"
    CHANGED = "changed"
    ADDED = "added"
    REJECTED = "rejected"


OWN = frozenset({Status.ACCEPTED, Status.CHANGED, Status.ADDED})


@dataclass(frozen=True, slots=True)
class Result:
    """A marker as a decision leaves it."""

    label: str
    types: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.  ``sequence`` orders decisions, ``at`` (UTC, ISO 8601) only dates them; ``turn`` is None when lost to a re-reading.

    ``marker`` is the key of the marker meant; ``seen`` the last sequence number that the page had shown for the turn; ``undoes`` the
    decision taken back; ``bulk`` the first decision of the group it was made in.
    """

    sequence: int
    session_id: str
    turn: int | None
    reviewer: str
    action: Action
    at: str
    marker: str | None = None
    result: Result | None = None
    comment: str | None = None
    blind: bool = False
    seen: int = 0
    undoes: int | None = None
    bulk: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewMarker:
    """A marker of a turn in one reviewer's reading: ``marker`` as it stands now, ``original`` as the record gave it (None: added)."""

    key: str
    marker: Marker
    status: Status
    original: Marker | None = None
    sequence: int = 0  # the decision that made it so

    @property
    def stands(self) -> bool:
        """True unless rejected."""
        return self.status is not Status.REJECTED


@dataclass(frozen=True, slots=True)
class Comment:
    """What a reviewer wrote on a turn.  Never counted as disagreement."""

    sequence: int
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class TurnState:
    """One turn as one reviewer leaves it.  ``markers`` holds rejected ones too; ``sequence`` is what ``decide(seen=…)`` wants."""

    turn: int
    markers: tuple[ReviewMarker, ...]
    comments: tuple[Comment, ...] = ()
    flagged: bool = False
    seen: bool = False
    reviewed: bool = False
    blind: bool = False  # every marking decision that stands was made without sight of the machine's markers
    sequence: int = 0

    @property
    def standing(self) -> tuple[Marker, ...]:
        """The markers that stand, the machine's undecided ones among them."""
        return tuple(item.marker for item in self.markers if item.stands)

    @property
    def own(self) -> tuple[Marker, ...]:
        """The markers that this reviewer gave."""
        return tuple(item.marker for item in self.markers if item.status in OWN)

    @property
    def pending(self) -> tuple[ReviewMarker, ...]:
        """The machine's markers that are not decided."""
        return tuple(item for item in self.markers if item.status is Status.PENDING)


@dataclass(frozen=True, slots=True)
class SessionState:
    """One session as one reviewer leaves it; ``undoable`` and ``redoable`` are what the next undo and redo would take."""

    session_id: str
    reviewer: str
    turns: tuple[TurnState, ...]
    finished: bool
    undoable: Decision | None = None
    redoable: Decision | None = None


class StaleDecision(StoreError):
    """The same reviewer decided on this turn meanwhile (another tab): ``newer`` is that decision, nothing was stored."""

    def __init__(self, code: str = "store.stale", *, newer: Decision | None = None, **params: Any) -> None:
        super().__init__(code, newer=newer, turn=(newer.turn or 0) + 1 if newer else "?", **params)
        self.newer = newer


def active(decisions: Sequence[Decision]) -> list[Decision]:
    """Return the decisions that no standing undo takes back, in order.

    An undo is always later than what it takes back, so one walk from the end settles which undos stand.
    """
    taken_back: set[int] = set()
    standing = []
    for decision in sorted(decisions, key=lambda item: item.sequence, reverse=True):
        if decision.sequence in taken_back:
            continue
        if decision.undoes is not None:
            taken_back.add(decision.undoes)
        standing.append(decision)
    return standing[::-1]


def replay(turn: Turn, decisions: Sequence[Decision], reviewer: str) -> TurnState:
    """Return the turn as ``reviewer``'s decisions on it leave it."""
    markers = given_markers(turn)
    if not decisions:  # most turns of a long session
        return TurnState(turn.index, in_order(markers))
    standing = [decision for decision in active(decisions) if decision.action is not Action.UNDO]
    for decision in standing:
        markers = apply(markers, decision, Origin(OriginKind.HUMAN, reviewer))
    marking = [decision for decision in standing if decision.action in MARKING]
    blind = bool(marking) and all(decision.blind for decision in marking)
    seen = any(decision.action in READING for decision in standing)
    pending = any(item.status is Status.PENDING for item in markers.values())
    return TurnState(
        turn=turn.index,
        markers=in_order(markers),
        comments=tuple(Comment(d.sequence, d.comment, d.at) for d in standing if d.comment),
        flagged=any(decision.action is Action.FLAG for decision in standing),
        seen=seen,
        reviewed=seen and (blind or not pending),
        blind=blind,
        sequence=max(decision.sequence for decision in decisions),
    )


def in_order(markers: Mapping[str, ReviewMarker]) -> tuple[ReviewMarker, ...]:
    """Return a turn's markers in the scheme's order of labels."""
    if len(markers) < 2:
        return tuple(markers.values())
    order = default_label_set().ids
    return tuple(sorted(markers.values(), key=lambda item: order.index(item.marker.label)))


def given_markers(turn: Turn) -> dict[str, ReviewMarker]:
    """Return the record's markers by key: ``label``, or ``label~2`` for a second one; people's markers by their code too.

    Keys are the same when another model reads the same turn, so that a decision finds its marker again.
    """
    found: dict[str, ReviewMarker] = {}
    for marker in turn.markers:
        machine = marker.origin.kind is OriginKind.MODEL
        base = marker.label if machine else f"{marker.label}@{marker.origin.name}"
        key, number = base, 1
        while key in found:
            number += 1
            key = f"{base}~{number}"
        found[key] = ReviewMarker(key, marker, Status.PENDING if machine else Status.KEPT, original=marker)
    return found


def apply(markers: dict[str, ReviewMarker], decision: Decision, origin: Origin) -> dict[str, ReviewMarker]:
    """Return the turn's markers after one decision."""
    if decision.action is Action.NONE:
        return {key: rejected(item, decision.sequence) for key, item in markers.items()}
    if decision.action not in MARKING:
        return markers
    key = f"+{decision.sequence}" if decision.action is Action.ADD else decision.marker or ""
    before = markers.get(key)
    status = {Action.ACCEPT: Status.ACCEPTED, Action.CHANGE: Status.CHANGED, Action.ADD: Status.ADDED}.get(decision.action)
    if status is None:
        return markers | ({key: rejected(before, decision.sequence)} if before else {})
    if status is Status.CHANGED and key.startswith("+"):
        status = Status.ADDED  # changing what one added oneself
    if decision.result is None:
        return markers
    marker = Marker(decision.result.label, origin, types=decision.result.types, spans=decision.result.spans)
    original = before.original if before else None
    return markers | {key: ReviewMarker(key, marker, status, original, decision.sequence)}


def rejected(item: ReviewMarker, sequence: int) -> ReviewMarker:
    """Return a marker as rejected, shown as it was before."""
    return dataclasses.replace(item, status=Status.REJECTED, sequence=sequence)


def next_undo(decisions: Sequence[Decision]) -> Decision | None:
    """Return the last standing decision of a reviewer that is neither an undo nor a mere « seen »."""
    able = [d for d in active(decisions) if d.action not in (Action.UNDO, Action.SEEN) and d.turn is not None]
    return able[-1] if able else None


def next_redo(decisions: Sequence[Decision]) -> Decision | None:
    """Return the last standing undo of a decision (not of an undo), unless something new was decided after it."""
    by_sequence = {decision.sequence: decision for decision in decisions}
    last_new = max((d.sequence for d in decisions if d.action not in (Action.UNDO, Action.SEEN)), default=0)
    undos = [d for d in active(decisions) if d.action is Action.UNDO and d.sequence > last_new]
    able = [d for d in undos if d.turn is not None and taken_back_by(d, by_sequence)[1] % 2]
    return able[-1] if able else None


def taken_back_by(decision: Decision, by_sequence: Mapping[int, Decision]) -> tuple[Decision, int]:
    """Return the decision at the bottom of a chain of undos, and how many undos lie above it (0 when it is none itself)."""
    depth = 0
    while decision.undoes is not None:
        decision, depth = by_sequence[decision.undoes], depth + 1
    return decision, depth


def changes_markers(decision: Decision, by_sequence: Mapping[int, Decision]) -> bool:
    """True when a decision, or what it takes back, changes what a turn carries: only such decisions can collide."""
    return taken_back_by(decision, by_sequence)[0].action in MARKING


def by_turn(decisions: Iterable[Decision]) -> dict[int, list[Decision]]:
    """Return decisions by the turn they stand on, leaving out those without one."""
    groups: dict[int, list[Decision]] = {}
    for decision in decisions:
        if decision.turn is not None:
            groups.setdefault(decision.turn, []).append(decision)
    return groups
