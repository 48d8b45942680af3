"""Groups of sessions named by a key of the metadata: rates by level, differences between levels, corrected for their number.

In: sessions and a factor (``"setting"``, ``"approach"``…).  Out: :class:`GroupComparison`.  Left out: any reading of a
difference: groups that chose themselves differ in more than the factor.

* Rates by level: as in :mod:`alliance_nlp.statistics.rates`.
* Difference of two levels: R_a − R_b; jackknife over clusters (one cluster is left out of both levels at once when a dyad has
  sessions in both, so that pairing counts), Student's t with Welch–Satterthwaite degrees of freedom (Welch, 1947); the percentile
  cluster bootstrap stands beside it (``bootstrap``), which ``benchmarks/coverage.py`` shows to be too narrow with few clusters.
  A level in which nothing is marked: from the bounds of both levels (Newcombe, 1998, method 10).
* Permutation p: levels are dealt anew to whole clusters (a dyad with both levels swaps its two sides); the statistic is the
  studentised difference, which keeps the test right when the groups vary unequally (Chung and Romano, 2013).
  p = (1 + draws at least as extreme) / (1 + draws) (Phipson and Smyth, 2010).
* ``p_holm``: step-down correction (Holm, 1979) over all outputs and pairs of levels of one comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.evaluation.metrics import Interval
from alliance_nlp.labels import default_label_set
from alliance_nlp.statistics.checks import CheckedCounts
from alliance_nlp.statistics.counting import PER, Session, SessionCounts, count_session
from alliance_nlp.statistics.rates import Rate, label_rates
from alliance_nlp.statistics.ratios import LEVEL, Estimate, ratio_estimate, recovered, scaled, share_interval

Counts = TypeVar("Counts", SessionCounts, CheckedCounts)
MIN_CLUSTERS = 3  # below, a variance between clusters says nothing
ALL_PAIRS_UP_TO = 4  # levels: six pairs; with more, each level against the first
Pair = NDArray[np.float64]  # (4, clusters): marked and eligible in the first level, marked and eligible in the second


@dataclass(frozen=True, slots=True)
class GroupLevel:
    """One level of the factor: its sessions, clusters and rates (per 100 eligible turns)."""

    level: str
    sessions: int
    clusters: int
    compared: bool  # False with fewer than MIN_CLUSTERS clusters: shown, never compared
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """One output between two levels, ``second`` minus ``first``, in marked turns per 100 eligible turns.

    ``difference`` and ``bootstrap`` hold 95 % intervals (jackknife-t; percentile over draws of clusters); both p are two-sided.
    """

    name: str
    first: str
    second: str
    difference: Interval
    bootstrap: Interval
    p: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """A factor's levels (most sessions first) and the differences between them.

    ``unknown``: sessions without the key; ``not_compared``: levels with fewer than ``min_clusters`` clusters;
    ``shared_clusters``: dyads with sessions in more than one level; ``all_pairs``: False when each level stands against the first.
    """

    factor: str
    levels: tuple[GroupLevel, ...]
    differences: tuple[GroupDifference, ...]
    unknown: int
    not_compared: tuple[str, ...]
    shared_clusters: int
    all_pairs: bool
    draws: int
    min_clusters: int = MIN_CLUSTERS

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON-ready values."""
        levels = [{**asdict(level), "rates": [rate.as_dict() for rate in level.rates]} for level in self.levels]
        return {**asdict(self), "levels": levels}


def compare_groups(sessions: Sequence[Session], factor: str, *, draws: int = 2000, seed: int = 0) -> GroupComparison:
    """Compare the levels of ``metadata[factor]``; values are compared as written, empty ones count as unknown."""
    counts = [count_session(session) for session in sessions]
    groups = by_level(counts, factor)
    levels = tuple(_level(level, members) for level, members in groups.items())
    compared = [level.level for level in levels if level.compared]
    all_pairs = len(compared) <= ALL_PAIRS_UP_TO
    pairs = list(combinations(compared, 2)) if all_pairs else [(compared[0], other) for other in compared[1:]]
    rng = np.random.default_rng(seed)
    raw = [found for a, b in pairs for found in _differences(groups[a], groups[b], (a, b), draws=draws, rng=rng)]
    adjusted = holm([entry.p for entry in raw])
    return GroupComparison(
        factor=factor,
        levels=levels,
        differences=tuple(replace(entry, p_holm=p) for entry, p in zip(raw, adjusted, strict=True)),
        unknown=len(counts) - sum(level.sessions for level in levels),
        not_compared=tuple(level.level for level in levels if not level.compared),
        shared_clusters=_shared(groups),
        all_pairs=all_pairs,
        draws=draws,
    )


def by_level(counts: Sequence[Counts], factor: str) -> dict[str, list[Counts]]:
    """Return the sessions of each level, the level with most sessions first, then by name."""
    found: dict[str, list[Counts]] = {}
    for entry in counts:
        value = entry.metadata.get(factor)
        if value is not None and str(value).strip():
            found.setdefault(str(value).strip(), []).append(entry)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _level(level: str, members: Sequence[SessionCounts]) -> GroupLevel:
    clusters = len({entry.cluster for entry in members})
    return GroupLevel(level, len(members), clusters, clusters >= MIN_CLUSTERS, label_rates(members))


def _shared(groups: dict[str, list[SessionCounts]]) -> int:
    levels = [{entry.cluster for entry in members} for members in groups.values()]
    everyone = set().union(*levels) if levels else set()
    return sum(sum(cluster in level for level in levels) > 1 for cluster in everyone)


def _differences(
    first: Sequence[SessionCounts],
    second: Sequence[SessionCounts],
    levels: tuple[str, str],
    *,
    draws: int,
    rng: np.random.Generator,
) -> list[GroupDifference]:
    """Return one difference an output for which both levels have at least MIN_CLUSTERS clusters with eligible turns.

    Clusters are drawn and dealt once for all outputs of the pair.
    """
    members = membership(first, second)
    picks, dealt = draw_clusters(members, draws=draws, rng=rng), deal_levels(members, draws=draws, rng=rng)
    found = []
    for name in default_label_set().outputs:
        pair = paired_table(first, second, name)
        if min((pair[1] > 0).sum(), (pair[3] > 0).sum()) < MIN_CLUSTERS:
            continue
        there = pair[:, (pair[1] > 0) | (pair[3] > 0)]
        p = permutation_p(pair, dealt)
        interval, drawn = difference_interval(there), bootstrap_difference(pair, picks)
        found.append(GroupDifference(name, *levels, scaled(interval, PER), scaled(drawn, PER), p, p))
    return found


def _places(first: Sequence[SessionCounts], second: Sequence[SessionCounts]) -> dict[str, int]:
    everyone = dict.fromkeys(entry.cluster for entry in (*first, *second))
    return {cluster: place for place, cluster in enumerate(everyone)}


def membership(first: Sequence[SessionCounts], second: Sequence[SessionCounts]) -> NDArray[np.bool_]:
    """Return (2, clusters): which cluster has sessions in the first level, in the second."""
    places = _places(first, second)
    found = np.zeros((2, len(places)), dtype=bool)
    for row, entries in enumerate((first, second)):
        found[row, [places[entry.cluster] for entry in entries]] = True
    return found


def paired_table(first: Sequence[SessionCounts], second: Sequence[SessionCounts], name: str) -> Pair:
    """Return (4, clusters): a cluster's marked and eligible turns in the first level, then in the second."""
    places = _places(first, second)
    table = np.zeros((4, len(places)))
    for row, entries in ((0, first), (2, second)):
        for entry in entries:
            rate = entry.rate(name)
            table[row : row + 2, places[entry.cluster]] += rate.marked, rate.eligible
    return table


def difference_interval(pair: Pair) -> Interval:
    """Return second minus first as shares; from the bounds of both levels when one of them shows no variation."""
    levels = [pair[:2], pair[2:]]
    if all((found := ratio_estimate(*level)) is not None and found.variance > 0 for level in levels):
        return difference_estimate(pair).interval()
    first, second = (share_interval(*level) for level in levels)
    if first is None or second is None:
        raise ValueError("each level needs two clusters with eligible turns")
    return recovered(first, second)


def difference_estimate(pair: Pair) -> Estimate:
    """Return second minus first as shares, with the jackknife variance over clusters."""
    parts = []
    for row in (0, 2):
        marked, eligible = pair[row], pair[row + 1]
        count = int((eligible > 0).sum())
        without = (marked.sum() - marked) / (eligible.sum() - eligible)
        parts.append((marked.sum() / eligible.sum(), without, np.sqrt((count - 1) / count), count))
    (a, without_a, scale_a, count_a), (b, without_b, scale_b, count_b) = parts
    moved = scale_b * (without_b - b) - scale_a * (without_a - a)
    variance = float((moved**2).sum())
    shared = bool(((pair[1] > 0) & (pair[3] > 0)).any())
    own_a, own_b = (float(((scale * (without - share)) ** 2).sum()) for share, without, scale, _ in parts)
    welch = (own_a + own_b) ** 2 / max(own_a**2 / (count_a - 1) + own_b**2 / (count_b - 1), 1e-300)
    freedom = min(count_a, count_b) - 1 if shared or variance == 0 else welch
    return Estimate(float(b - a), variance, freedom)


def draw_clusters(members: NDArray[np.bool_], *, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return (draws, clusters): how often each is drawn, within its kind (first level, second level, both)."""
    kind = members[0] + 2 * members[1]
    picks = np.zeros((draws, len(kind)))
    for value in np.unique(kind):
        own = kind == value
        count = int(own.sum())
        picks[:, own] = rng.multinomial(count, np.full(count, 1 / count), size=draws)
    return picks


def bootstrap_difference(pair: Pair, picks: NDArray[np.float64], level: float = LEVEL) -> Interval:
    """Return the percentile interval of second minus first over draws of clusters."""
    total = picks @ pair.T  # (draws, 4)
    drawn = total[:, 2] / np.maximum(total[:, 3], 1) - total[:, 0] / np.maximum(total[:, 1], 1)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    found = pair.sum(axis=1)
    return Interval(float(found[2] / found[3] - found[0] / found[1]), float(low), float(high))


def deal_levels(members: NDArray[np.bool_], *, draws: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return (1 + draws, clusters): True where a cluster's own part goes to the first level; row 0 is as found.

    The own part of a cluster with sessions in both levels is its part in the first: True leaves it, False swaps its sides.
    """
    dealt = np.tile(members[0], (draws + 1, 1))
    both = members[0] & members[1]
    dealt[1:, ~both] = rng.permuted(dealt[1:, ~both], axis=1)
    dealt[1:, both] = rng.integers(0, 2, (draws, int(both.sum()))).astype(bool)
    return dealt


def permutation_p(pair: Pair, dealt: NDArray[np.bool_]) -> float:
    """Return the two-sided p of the studentised difference over the dealings of :func:`deal_levels`."""
    dealt = dealt ^ (dealt[0] & (pair[1] == 0))  # a cluster of both levels with eligible turns in the second alone is the second's
    statistic = np.abs(_studentised(pair, dealt))
    return float((1 + (statistic[1:] >= statistic[0] - 1e-9).sum()) / len(statistic))


def _studentised(pair: Pair, dealt: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the difference over its linearised standard error √Σ(e_g)², one a dealing.

    e_g = Σ over levels of ± √(G/(G−1)) (x − R n) / Σn of what cluster g brings to the level.  Clusters with one level enter
    through sums of x, n, x², xn, n²; those with both one by one, since their two parts add up before they are squared.
    """
    both = (pair[1] > 0) & (pair[3] > 0)
    x, n = np.where(pair[1] > 0, pair[:2], pair[2:])[:, ~both]
    powers = np.stack([x, n, x * x, x * n, n * n, n > 0], axis=1)  # (clusters, 6)
    first = dealt[:, ~both].astype(float) @ powers
    parts = []
    for own, mine in ((first, dealt[:, both]), (powers.sum(axis=0) - first, ~dealt[:, both])):
        marked, eligible = (np.where(mine, pair[row, both], pair[row + 2, both]) for row in (0, 1))
        size = np.maximum(own[:, 1] + eligible.sum(axis=1), 1)
        share = (own[:, 0] + marked.sum(axis=1)) / size
        count = np.maximum(own[:, 5] + both.sum(), 2)
        scale = count / (count - 1) / size**2
        alone = scale * (own[:, 2] - 2 * share * own[:, 3] + share**2 * own[:, 4])
        parts.append((share, alone, np.sqrt(scale)[:, None] * (marked - share[:, None] * eligible)))
    (share_a, alone_a, shared_a), (share_b, alone_b, shared_b) = parts
    error = np.sqrt(np.maximum(alone_a + alone_b + ((shared_b - shared_a) ** 2).sum(axis=1), 0))
    difference = share_b - share_a
    flat = np.where(np.abs(difference) < 1e-12, 0.0, np.inf)  # no variation at all: any difference is extreme
    return np.where(error > 1e-9, difference / np.maximum(error, 1e-9), flat)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values corrected step-down for their number (Holm, 1979), in the given order."""
    order = np.argsort(p_values, kind="stable")
    adjusted, before = [1.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        before = max(before, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = before
    return adjusted
