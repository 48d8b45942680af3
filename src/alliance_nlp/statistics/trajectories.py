"""What happens to densities across the sessions of one dyad.

In: sessions with ``metadata["dyad_id"]``.  Out: one :class:`Trajectory` a dyad: densities with intervals, session by session, and
the local dips and returns of :mod:`alliance_nlp.statistics.dips`.  Left out: any statement about a person: a density says
how often something was worded, and how often the tagger or reader saw it.

Interval of one session's density: Wilson (1927) with the number of turns lowered for neighbouring turns that resemble each
other, n_eff = n (1 − r) / (1 + r), r the lag-one autocorrelation within the dyad and measure (Bayley and Hammersley, 1946; the
AR(1) form), pooled over the dyad's sessions and never below 0.  It covers the chance of turns within the session alone, neither
errors of the tagger nor what another session would have brought.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

from alliance_nlp.statistics.counting import PER, Measure, MeasureCount, Session, SessionCounts, count_session
from alliance_nlp.statistics.dips import Dip, find_dips

DYAD = "dyad:"


@dataclass(frozen=True, slots=True)
class Density:
    """One measure of one session.

    ``per_100_turns``, ``low``, ``high`` (95 %): marked turns per 100 eligible turns (tension: patient-side turns; the rest: all
    turns), None without an eligible turn.  ``marked`` and ``turns`` are turns; ``effective_turns`` the number the interval rests on.
    """

    measure: Measure
    marked: int
    turns: int
    effective_turns: float
    per_100_turns: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class TrajectoryPoint:
    """One session of the dyad: its place (from 0), its number or date when given, its four densities."""

    place: int
    session_id: str
    session_number: float | None
    date: str | None
    densities: tuple[Density, ...]

    def density(self, measure: Measure) -> Density:
        """Return one measure's density."""
        return next(entry for entry in self.densities if entry.measure is measure)


@dataclass(frozen=True, slots=True)
class Trajectory:
    """The sessions of one dyad in order.  ``ordered_by``: ``session_number``, ``date`` or ``input``."""

    dyad_id: str
    ordered_by: str
    points: tuple[TrajectoryPoint, ...]
    dips: tuple[Dip, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the trajectory as JSON-ready values."""
        return asdict(self)


def trajectories(sessions: Sequence[Session], *, min_sessions: int = 2) -> tuple[Trajectory, ...]:
    """Return one trajectory a dyad with at least ``min_sessions`` sessions, in order of first appearance."""
    dyads: dict[str, list[SessionCounts]] = {}
    for session in sessions:
        entry = count_session(session)
        if entry.cluster.startswith(DYAD):
            dyads.setdefault(entry.cluster.removeprefix(DYAD), []).append(entry)
    return tuple(trajectory(dyad, members) for dyad, members in dyads.items() if len(members) >= min_sessions)


def trajectory(dyad_id: str, members: Sequence[SessionCounts]) -> Trajectory:
    """Return the trajectory of one dyad's sessions."""
    ordered, key = in_order(members)
    likeness = {measure: pooled_autocorrelation([entry.measure(measure) for entry in ordered]) for measure in Measure}
    points = tuple(
        TrajectoryPoint(
            place,
            entry.session_id,
            number_of(entry),
            date_of(entry),
            tuple(density(entry.measure(measure), likeness[measure]) for measure in Measure),
        )
        for place, entry in enumerate(ordered)
    )
    return Trajectory(dyad_id, key, points, find_dips(ordered))


def in_order(members: Sequence[SessionCounts]) -> tuple[list[SessionCounts], str]:
    """Return the sessions in order and the key they are ordered by: the first that every session has."""
    for key, value_of in (("session_number", number_of), ("date", date_of)):
        values = [value_of(entry) for entry in members]
        if all(value is not None for value in values):
            return [members[place] for place in sorted(range(len(members)), key=lambda i: (values[i], i))], key
    return list(members), "input"


def number_of(entry: SessionCounts) -> float | None:
    """Return the session's number within the therapy, None when it is not a finite number."""
    given = entry.metadata.get("session_number")
    try:
        number = float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and not isinstance(given, bool) else None


def date_of(entry: SessionCounts) -> str | None:
    """Return the session's ISO date as written, None when there is none."""
    return str(entry.metadata["date"]) if entry.metadata.get("date") else None


def pooled_autocorrelation(counts: Sequence[MeasureCount]) -> float:
    """Return the mean lag-one autocorrelation over sessions that have marks, weighted by turns, between 0 and 0.9."""
    there = [entry for entry in counts if 0 < entry.marked < entry.eligible]
    turns = sum(entry.eligible for entry in there)
    mean = sum(entry.eligible * entry.autocorrelation for entry in there) / turns if turns else 0.0
    return min(max(mean, 0.0), 0.9)  # more than 0.9 comes from chance in short series


def density(count: MeasureCount, autocorrelation: float) -> Density:
    """Return one measure's density with its interval."""
    effective = count.eligible * (1 - autocorrelation) / (1 + autocorrelation)
    if not count.eligible:
        return Density(count.measure, 0, 0, 0.0, None, None, None)
    share = count.marked / count.eligible
    low, high = wilson(share, effective)
    return Density(count.measure, count.marked, count.eligible, effective, PER * share, PER * low, PER * high)


def wilson(share: float, turns: float, level: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a share over ``turns`` > 0 trials (Wilson, 1927)."""
    z2 = NormalDist().inv_cdf((1 + level) / 2) ** 2
    centre = (share + z2 / (2 * turns)) / (1 + z2 / turns)
    half = (z2 * (share * (1 - share) / turns + z2 / (4 * turns * turns))) ** 0.5 / (1 + z2 / turns)
    return max(0.0, centre - half), min(1.0, centre + half)
