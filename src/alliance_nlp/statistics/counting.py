"""One session as counts: what all statistics start from.  In: transcripts.  Out: :class:`SessionCounts`, small and without text.

Definitions, the same in every module of this room:

* *output*: a label or a rupture type, in the order of ``default_label_set().outputs``.
* *marked turn*: a turn that carries the output, whoever gave it; two annotators on one turn count once.
* *eligible turn*: a turn that may carry it: for rupture and its types the turns of the patient side (patient, partner,
  parent, group member), for the rest every turn.  A rupture mark on another turn is outside the scheme and not counted.
* *side*: therapist, patient (side), other (``other``, ``unknown`` and turns without a speaker), or all.
* *cluster*: the dyad (``metadata["dyad_id"]``) when it is given, else the session: turns of one cluster are not independent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.labels import default_label_set
from alliance_nlp.patterns import AGREEMENT
from alliance_nlp.transcript import PATIENT_SIDE, Role, Transcript

RUPTURE = "rupture"
PER = 100  # rates are given per 100 turns


class Side(str, Enum):
    """Whose turns are counted."""

    ALL = "all"
    THERAPIST = "therapist"
    PATIENT = "patient"
    OTHER = "other"


class Measure(str, Enum):
    """What a trajectory follows: agreement (goal or task), bond, tension (rupture), repair."""

    AGREEMENT = "agreement"
    BOND = "bond"
    TENSION = "tension"
    REPAIR = "repair"


CARRIED = {
    Measure.AGREEMENT: AGREEMENT,
    Measure.BOND: frozenset({"bond"}),
    Measure.TENSION: frozenset({RUPTURE}),
    Measure.REPAIR: frozenset({"repair"}),
}


@dataclass(frozen=True, slots=True)
class SessionRate:
    """One output on one side of one session.  ``marked`` and ``eligible`` are numbers of turns."""

    name: str
    side: Side
    marked: int
    eligible: int

    @property
    def per_100_turns(self) -> float | None:
        """Marked turns per 100 eligible turns, None when there is no eligible turn."""
        return PER * self.marked / self.eligible if self.eligible else None


@dataclass(frozen=True, slots=True)
class MeasureCount:
    """One measure of one session.  ``marked`` of ``eligible`` turns; ``autocorrelation`` (−1 … 1) of neighbouring turns."""

    measure: Measure
    marked: int
    eligible: int
    autocorrelation: float


@dataclass(frozen=True, slots=True)
class SessionCounts:
    """One session as counts of turns; ``rates`` holds every output times every side, ``measures`` the four measures."""

    session_id: str
    cluster: str
    metadata: Mapping[str, Any]
    rates: tuple[SessionRate, ...]
    measures: tuple[MeasureCount, ...]

    def rate(self, name: str, side: Side = Side.ALL) -> SessionRate:
        """Return one output's count; KeyError when the scheme has none of that name."""
        for entry in self.rates:
            if entry.name == name and entry.side is side:
                return entry
        raise KeyError(name)

    def measure(self, measure: Measure) -> MeasureCount:
        """Return one measure's count."""
        return next(entry for entry in self.measures if entry.measure is measure)


Session = Transcript | SessionCounts
Reading = tuple[Side, frozenset[str]]  # whose turn it is, what it carries


def count_session(session: Session) -> SessionCounts:
    """Return the session as counts; counts are returned as they are, so that memory may stay flat over many sessions."""
    if isinstance(session, SessionCounts):
        return session
    read = [(side, turn.labels | turn.types) for side, turn in zip(turn_sides(session), session.turns, strict=True)]
    rates = [_rate(read, name, side) for name in default_label_set().outputs for side in Side]
    measures = [_measure(read, measure) for measure in Measure]
    return SessionCounts(session.session_id, cluster_of(session), dict(session.metadata), tuple(rates), tuple(measures))


def cluster_of(session: Session) -> str:
    """Return what the session's turns share: ``dyad:…`` when its dyad is known, else ``session:…``."""
    if isinstance(session, SessionCounts):
        return session.cluster
    return f"dyad:{session.dyad}" if session.dyad else f"session:{session.session_id}"


def turn_sides(session: Transcript) -> tuple[Side, ...]:
    """Return the side of each turn (never ``all``)."""
    roles = {speaker.id: speaker.role for speaker in session.speakers}
    return tuple(side_of(roles.get(turn.speaker, Role.UNKNOWN)) for turn in session.turns)


def side_of(role: Role) -> Side:
    """Return the side of a role."""
    if role is Role.THERAPIST:
        return Side.THERAPIST
    return Side.PATIENT if role in PATIENT_SIDE else Side.OTHER


def patient_side_only(name: str) -> bool:
    """True for rupture and its types."""
    label_set = default_label_set()
    return name == RUPTURE or name in {kind.id for kind in label_set[RUPTURE].types}


def may_carry(side: Side, name: str) -> bool:
    """True when turns of this side may carry the output."""
    return side is Side.PATIENT or not patient_side_only(name)


def _rate(read: Sequence[Reading], name: str, side: Side) -> SessionRate:
    wanted = [carried for own, carried in read if side in (Side.ALL, own) and may_carry(own, name)]
    return SessionRate(name, side, sum(name in carried for carried in wanted), len(wanted))


def _measure(read: Sequence[Reading], measure: Measure) -> MeasureCount:
    wanted = CARRIED[measure]
    there = [bool(carried & wanted) for own, carried in read if measure is not Measure.TENSION or own is Side.PATIENT]
    return MeasureCount(measure, sum(there), len(there), lag_one(np.array(there, dtype=float)))


def lag_one(values: NDArray[np.float64]) -> float:
    """Return the first-order autocorrelation of a series, 0 when it does not vary or has fewer than three values."""
    if len(values) < 3:
        return 0.0
    centred = values - values.mean()
    below = float((centred * centred).sum())
    return float((centred[1:] * centred[:-1]).sum()) / below if below else 0.0


def marked_and_eligible(
    counts: Sequence[SessionCounts], name: str, side: Side = Side.ALL
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return one output's marked and eligible turns, one entry a cluster, in order of first appearance."""
    places = {cluster: place for place, cluster in enumerate(dict.fromkeys(entry.cluster for entry in counts))}
    table = np.zeros((2, len(places)))
    for entry in counts:
        rate = entry.rate(name, side)
        table[:, places[entry.cluster]] += rate.marked, rate.eligible
    return table[0], table[1]
