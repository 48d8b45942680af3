"""Agreement so far: every two reviewers, and each reviewer with the machine, by the code of ``evaluation.agreement``.

Two readings are compared on the turns that both have reviewed, whether they marked anything there or not; comments and flags do not
count.  A reviewer who saw the machine's markers is drawn to them: each comparison says on how many of its turns the reviewers
marked blind, and ``blind_only`` keeps those alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from alliance_nlp.evaluation.agreement import Agreement, measure_agreement
from alliance_nlp.evaluation.reviewed import OWN_NUMBER, cut, machine_markers
from alliance_nlp.review.decisions import SessionState
from alliance_nlp.transcript import Marker, OriginKind, Transcript

if TYPE_CHECKING:
    from alliance_nlp.review.store import ReviewStore

MACHINE = "machine"  # the name of the machine's side, never a reviewer's: codes that equal it are shown with an underscore


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two readings of the same turns; ``second`` may be MACHINE.  ``agreement.differences`` has the sessions' own turn numbers."""

    first: str
    second: str
    turns: int
    blind_turns: int
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class LiveAgreement:
    """All comparisons that share a turn: reviewers with each other, then each with the machine."""

    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One side's reading of a session: markers by reviewed turn, and which of those turns were marked blind."""

    markers: dict[int, tuple[Marker, ...]]
    blind: frozenset[int]


def live_agreement(store: ReviewStore, session_ids: Sequence[str], *, blind_only: bool = False) -> LiveAgreement:
    """Return the agreement of the sessions' reviewers with each other and with the machine."""
    sessions = {name: store.transcript(name) for name in session_ids if store.reviewers(name)}
    readings: dict[str, dict[str, Reading]] = {}
    for name in sessions:
        for reviewer in store.reviewers(name):
            readings.setdefault(reviewer, {})[name] = reading_of(store.state(name, reviewer))
    machine = {name: machine_reading(session) for name, session in sessions.items()}
    pairs = [(a, readings[a], b, readings[b]) for a, b in combinations(sorted(readings), 2)]
    pairs += [(a if a != MACHINE else f"{a}_", readings[a], MACHINE, machine) for a in sorted(readings)]
    found = [compare(sessions, *pair, blind_only=blind_only) for pair in pairs]
    return LiveAgreement(tuple(comparison for comparison in found if comparison))


def reading_of(state: SessionState) -> Reading:
    """Return a reviewer's own markers on the turns they reviewed."""
    turns = [turn for turn in state.turns if turn.reviewed]
    markers = {turn.turn: tuple(m for m in turn.standing if is_theirs(m, state.reviewer)) for turn in turns}
    return Reading(markers, frozenset(turn.turn for turn in turns if turn.blind))


def is_theirs(marker: Marker, reviewer: str) -> bool:
    """True for a reviewer's own markers, those that an earlier record holds of them too."""
    return marker.origin.kind is OriginKind.HUMAN and marker.origin.name == reviewer


def machine_reading(session: Transcript) -> Reading:
    """Return the machine's markers on every turn; the machine saw nobody's."""
    markers = {turn.index: machine_markers(turn) for turn in session.turns}
    return Reading(markers, frozenset(markers))


def compare(
    sessions: dict[str, Transcript], first: str, ours: dict[str, Reading], second: str, theirs: dict[str, Reading], *, blind_only: bool
) -> Comparison | None:
    """Return the agreement of two readings on the turns they share; None when they share none."""
    left, right, blind = [], [], 0
    for name in (name for name in sessions if name in ours and name in theirs):
        both_blind = ours[name].blind & theirs[name].blind
        turns = sorted(both_blind if blind_only else ours[name].markers.keys() & theirs[name].markers.keys())
        if turns:
            blind += len(both_blind.intersection(turns))
            left.append(read_by(ours[name], sessions[name], turns))
            right.append(read_by(theirs[name], sessions[name], turns))
    if not left:
        return None
    agreement = measure_agreement({first: left, second: right})
    return Comparison(first, second, agreement.turns, blind, agreement)


def read_by(reading: Reading, session: Transcript, turns: Sequence[int]) -> Transcript:
    """Return the session's given turns alone, with a reading's markers."""
    kept = cut(session, turns)
    marked = [
        dataclasses.replace(turn, markers=reading.markers[place], extra={OWN_NUMBER: place})
        for turn, place in zip(kept.turns, turns, strict=True)
    ]
    return dataclasses.replace(kept, turns=tuple(marked))
