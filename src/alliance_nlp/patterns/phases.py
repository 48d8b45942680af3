"""Phases: stretches of the session within which the markers come at about the same rate.

In: turns.  Out: :class:`Phase`: first and last turn and how many turns carry each family of markers.  Left out:
names and judgements: a phase is told by its counts.

Each turn says yes or no to four *families*: agreement (``goal`` or ``task``), bond, rupture, repair.  Within a
phase each family has one rate; a phase costs minus twice its greatest log-likelihood, the sum over families of the
Bernoulli cost, and every change costs :func:`penalty`.  The cut with the smallest total is found exactly by dynamic
programming with pruning (PELT: Killick, Fearnhead & Eckley, 2012, *JASA* 107, section 3, with K = 0, which holds for
a likelihood cost).  A homogeneous session costs least as one phase.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.transcript import Turn

FAMILIES: dict[str, frozenset[str]] = {
    "agreement": frozenset({"goal", "task"}),
    "bond": frozenset({"bond"}),
    "rupture": frozenset({"rupture"}),
    "repair": frozenset({"repair"}),
}
MIN_PHASE = 10  # turns: about five exchanges, the gap that closes an episode; what is shorter is an episode
COST_OF_CHANGE = 5.5  # times log n: four rates and a place, and half for turns that depend on their neighbours


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase from ``first`` to ``last`` turn; ``marked`` counts the turns of each family, in their order."""

    number: int
    first: int
    last: int
    marked: tuple[int, ...]

    @property
    def turns(self) -> int:
        """How many turns it holds."""
        return self.last - self.first + 1

    def count(self, family: str) -> int:
        """Return how many of its turns carry a family; ValueError for another name."""
        return self.marked[tuple(FAMILIES).index(family)]

    def per_100_turns(self, family: str) -> float:
        """Return a family's density within the phase."""
        return 100 * self.count(family) / self.turns


def find_phases(turns: Sequence[Turn]) -> tuple[Phase, ...]:
    """Return the session's phases in order: one when nothing changes, none without a turn."""
    if not turns:
        return ()
    marks = family_marks(turns)
    edges = cut_points(marks)
    return tuple(
        Phase(number, first, after - 1, tuple(int(n) for n in marks[first:after].sum(axis=0)))
        for number, (first, after) in enumerate(zip(edges, edges[1:]), 1)
    )


def family_marks(turns: Sequence[Turn]) -> NDArray[np.int64]:
    """Return which turn carries which family: 0 or 1, shape (turns, families)."""
    return np.array([[bool(turn.labels & labels) for labels in FAMILIES.values()] for turn in turns], dtype=np.int64)


def penalty(turns: int) -> float:
    """Return what one more change costs in a session of ``turns`` turns.

    That of the BIC (Schwarz, 1978; for change points Yao, 1988) is log n for each number that a further phase
    brings, its four rates and its place.  It takes turns as independent, but a proposal draws its answer: half a
    log n more keeps false cuts rare in sessions shuffled by blocks of four turns (``benchmarks/phases.py``).
    """
    return COST_OF_CHANGE * float(np.log(max(turns, 2)))


def cut_points(marks: NDArray[np.int64], *, min_phase: int = MIN_PHASE) -> list[int]:
    """Return the edges of the phases of ``marks`` (turns, families): 0, the first turn of each later phase, turns.

    Exact: no other cut into phases of at least ``min_phase`` turns costs less.  A start that can no longer be
    part of the best cut is dropped ``min_phase`` turns later, since only then may the phase that beats it end.
    """
    turns = len(marks)
    marks = marks[:, marks.any(axis=0)]  # a family that is never marked costs nothing, wherever the cuts
    if not marks.size:
        return [0, turns]
    sums = np.vstack([np.zeros((1, marks.shape[1]), dtype=np.int64), np.cumsum(marks, axis=0)])
    best, before = np.full(turns + 1, np.inf), np.zeros(turns + 1, dtype=np.int64)
    change = penalty(turns)
    best[0] = -change
    dropped_at = np.full(turns + 1, turns + 1, dtype=np.int64)
    for end in range(min(min_phase, turns), turns + 1):
        starts = np.arange(max(end - min_phase, 0) + 1)
        starts = starts[(dropped_at[starts] > end) & np.isfinite(best[starts])]
        totals = best[starts] + segment_costs(sums, starts, end)
        choice = int(np.argmin(totals))  # the earliest of equal ones: fewer, longer phases
        best[end], before[end] = totals[choice] + change, starts[choice]
        beaten = starts[totals > best[end]]
        dropped_at[beaten] = np.minimum(dropped_at[beaten], end + min_phase)
    edges = [turns]
    while edges[0] > 0:
        edges.insert(0, int(before[edges[0]]))
    return edges


def segment_costs(sums: NDArray[np.int64], starts: NDArray[np.int64], end: int) -> NDArray[np.float64]:
    """Return the cost of the phase from each of ``starts`` up to ``end`` (left out): shape (starts,).

    With k of n turns marked a family costs -2 (k log(k/n) + (n - k) log((n - k)/n)).
    """
    marked = sums[end] - sums[starts]  # (starts, families)
    size = (end - starts)[:, None]
    table = _x_log_x(len(sums) - 1)
    return 2 * (table[size] - table[marked] - table[size - marked]).sum(axis=1)


@lru_cache(maxsize=4)
def _x_log_x(turns: int) -> NDArray[np.float64]:
    """Return x log x for x from 0 to ``turns``: looked up, since a logarithm a pair of turns would be slow."""
    counts = np.arange(turns + 1)
    return counts * np.log(np.maximum(counts, 1))
