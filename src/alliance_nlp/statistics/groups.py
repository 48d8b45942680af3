"""Groups of sessions named by a key of the metadata: rates by level, differences between levels, corrected for their number.

In: sessions and a factor (``"setting"``, ``"approach"``…).  Out: :class:`GroupComparison`.  Left out: any reading of a
difference: groups that chose themselves differ in more than the factor.

* Rates by level: as in :mod:`alliance_nlp.statistics.rates`.
* Difference of two levels: R_a − R_b; jackknife over clusters (one cluster is left out of both levels at once when a dyad has
  sessions in both, so that pairing counts), Student's t with Welch–Satterthwaite degrees of freedom (Welch, 1947); the percentile
  cluster bootstrap stands beside it (``bootstrap``), which ``benchmarks/coverage.py`` shows to be too narrow with few clusters.
* Permutation p: levels are dealt anew to whole clusters (a dyad with both levels swaps its two sides); the statistic is the
  studentised difference, which keeps the test right when the groups vary unequally (Chung and Romano, 2013).
  p = (1 + draws at least as extreme) / (1 + draws) (Phipson and Smyth, 2010).
* ``p_holm``: step-down correction (Holm, 1979) over all outputs and pairs of levels of one comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.evaluation.metrics import Interval
from alliance_nlp.labels import default_label_set
from alliance_nlp.statistics.counting import PER, Session, SessionCounts, count_session
from alliance_nlp.statistics.ratios import LEVEL, Estimate, scaled
from alliance_nlp.statistics.rates import Rate, label_rates

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


def by_level(counts: Sequence[SessionCounts], factor: str) -> dict[str, list[SessionCounts]]:
    """Return the sessions of each level, the level with most sessions first, then by name."""
    found: dict[str, list[SessionCounts]] = {}
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
    """Return one difference an output for which both levels have at least MIN_CLUSTERS clusters with eligible turns."""
    found = []
    for name in default_label_set().outputs:
        pair = paired_table(first, second, name)
        if min((pair[1] > 0).sum(), (pair[3] > 0).sum()) < MIN_CLUSTERS:
            continue
        interval = scaled(difference_estimate(pair).interval(), PER)
        drawn = scaled(bootstrap_difference(pair, draws=draws, rng=rng), PER)
        p = permutation_p(pair, draws=draws, rng=rng)
        found.append(GroupDifference(name, *levels, interval, drawn, p, p))
    return found


def paired_table(first: Sequence[SessionCounts], second: Sequence[SessionCounts], name: str) -> Pair:
    """Return (4, clusters): a cluster's marked and eligible turns in the first level, then in the second."""
    everyone = [*first, *second]
    places = {cluster: place for place, cluster in enumerate(dict.fromkeys(entry.cluster for entry in everyone))}
    table = np.zeros((4, len(places)))
    for row, members in ((0, first), (2, second)):
        for entry in members:
            rate = entry.rate(name)
            table[row : row + 2, places[entry.cluster]] += rate.marked, rate.eligible
    return table[:, (table[1] > 0) | (table[3] > 0)]


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


def bootstrap_difference(pair: Pair, *, draws: int, rng: np.random.Generator, level: float = LEVEL) -> Interval:
    """Return the percentile interval; clusters are drawn within their kind (first level, second level, both)."""
    kind = (pair[1] > 0) + 2 * (pair[3] > 0)
    total = np.zeros((draws, 4))
    for value in np.unique(kind):
        own = pair[:, kind == value]
        count = own.shape[1]
        total += rng.multinomial(count, np.full(count, 1 / count), size=draws) @ own.T
    drawn = total[:, 2] / np.maximum(total[:, 3], 1) - total[:, 0] / np.maximum(total[:, 1], 1)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    found = pair.sum(axis=1)
    return Interval(float(found[2] / found[3] - found[0] / found[1]), float(low), float(high))


def permutation_p(pair: Pair, *, draws: int, rng: np.random.Generator) -> float:
    """Return the two-sided p of the studentised difference when levels are dealt anew to clusters."""
    both = (pair[1] > 0) & (pair[3] > 0)
    own = np.where(pair[1] > 0, pair[:2], pair[2:])  # what a cluster brings to the level it is dealt
    rest = np.where(both, pair[2:], 0.0)  # what a shared cluster brings to the other level
    dealt = np.tile(pair[1] > 0, (draws + 1, 1))  # row 0: as found; True: own part to the first level
    alone = np.flatnonzero(~both)
    dealt[1:, alone] = rng.permuted(dealt[1:, alone], axis=1)
    dealt[1:, both] = rng.integers(0, 2, (draws, int(both.sum()))).astype(bool)
    statistic = np.abs(_studentised(dealt, own, rest))
    return float((1 + (statistic[1:] >= statistic[0] - 1e-9).sum()) / (1 + draws))


def _studentised(dealt: NDArray[np.bool_], own: Pair, rest: Pair) -> NDArray[np.float64]:
    """Return the difference over its linearised standard error, one a row of ``dealt`` (draws, clusters)."""
    residual = np.zeros(dealt.shape)
    shares = []
    for mine, sign in ((dealt, -1), (~dealt, 1)):
        marked, eligible = (np.where(mine, own[row], rest[row]) for row in (0, 1))
        size = np.maximum(eligible.sum(axis=1, keepdims=True), 1)
        share = marked.sum(axis=1, keepdims=True) / size
        count = np.maximum((eligible > 0).sum(axis=1, keepdims=True), 2)
        residual += sign * np.sqrt(count / (count - 1)) * (marked - share * eligible) / size
        shares.append(share[:, 0])
    error = np.sqrt((residual**2).sum(axis=1))
    difference = shares[1] - shares[0]
    flat = np.where(np.abs(difference) < 1e-12, 0.0, np.inf)  # no variation at all: any difference is extreme
    return np.where(error > 1e-12, difference / np.maximum(error, 1e-12), flat)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values corrected step-down for their number (Holm, 1979), in the given order."""
    order = np.argsort(p_values, kind="stable")
    adjusted, before = [1.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        before = max(before, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = before
    return adjusted
