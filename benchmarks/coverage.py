"""Do the 95 % intervals of `alliance_nlp.statistics` cover?  Simulated corpora with known truth; prints a table.

python benchmarks/coverage.py [--replicates 2000] [--seed 1]

Each corpus: sessions whose own rate varies (logit-normal), 40 to 160 turns, neighbouring turns alike (Markov chain, lag-one
correlation 0.2), a machine whose sensitivity (about 0.7) and specificity (about 0.96) differ by session.  The truth is the mean
rate over sessions.  The numeric cores that the public functions call are called here, so that thousands of corpora fit in minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from alliance_nlp.evaluation.metrics import Interval
from alliance_nlp.statistics.corrected import minus, share_of
from alliance_nlp.statistics.dips import CONTROL_LIMIT, DIP, deflections, strain_scores
from alliance_nlp.statistics.groups import (
    bootstrap_difference,
    deal_levels,
    difference_interval,
    draw_clusters,
    permutation_p,
)
from alliance_nlp.statistics.prediction_powered import Halves, Powered, Weighted, powered_mean, weighted_mean
from alliance_nlp.statistics.ratios import percentile_interval, share_interval

TURNS = (40, 160)  # of a session, every number equally likely
LIKENESS = 0.2  # lag-one correlation of marks
SENSITIVITY, SPECIFICITY, MACHINE_SPREAD = 0.70, 0.96, 0.5  # the last: SD between sessions, in logits
COMMON, RARE = (0.10, 0.6), (0.03, 0.9)  # mean-session rate and SD between sessions in logits
OTHER_GROUP = 0.16  # rate of the second group, the first being COMMON
SIZES = (10, 20, 40, 100)
DRAWS = 600  # of a bootstrap or a permutation, to keep the run short
CHECKED_SHARE = 0.2  # of the turns of each session, when turns are checked
CHANCES = (0.1, 0.5)  # of being checked, for turns that the machine leaves or tags: unequal, known


@dataclass(frozen=True)
class Corpora:
    """Many corpora of equal size: (replicates, sessions) sums of turns.  ``checked`` etc. are of turns drawn inside sessions."""

    turns: np.ndarray
    human: np.ndarray
    machine: np.ndarray
    checked: np.ndarray
    checked_human: np.ndarray
    checked_machine: np.ndarray
    weighted_human: np.ndarray
    weighted_machine: np.ndarray


@dataclass(frozen=True)
class Row:
    """One line of the table: how often the interval held the truth, its mean width, how often it lay above and below."""

    what: str
    clusters: str
    coverage: float
    width: float
    above: float
    below: float


def expit(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


def true_rate(mean: float, spread: float) -> float:
    """The mean over sessions of a logit-normal rate, by Gauss–Hermite quadrature."""
    places, weights = np.polynomial.hermite_e.hermegauss(80)
    return float((weights * expit(logit(mean) + spread * places)).sum() / weights.sum())


def simulate(
    rng: np.random.Generator, size: tuple[int, int], mean: float, spread: float, *, unequal: bool = False
) -> Corpora:
    """Return ``size`` = (replicates, sessions) simulated sessions as sums."""
    own, sure, right = (
        expit(logit(centre) + sd * rng.standard_normal(size))
        for centre, sd in ((mean, spread), (SENSITIVITY, MACHINE_SPREAD), (SPECIFICITY, MACHINE_SPREAD))
    )
    turns = rng.integers(TURNS[0], TURNS[1] + 1, size)
    sums = np.zeros((8, *size))
    there = rng.random(size) < own
    for turn in range(TURNS[1]):
        if turn:
            there = rng.random(size) < np.where(there, own + LIKENESS * (1 - own), own * (1 - LIKENESS))
        tagged = rng.random(size) < np.where(there, sure, 1 - right)
        chance = np.where(tagged, CHANCES[1], CHANCES[0]) if unequal else np.full(size, CHECKED_SHARE)
        kept = turn < turns
        seen = kept & (rng.random(size) < chance)
        sums += np.stack([kept, kept & there, kept & tagged, seen, seen & there, seen & tagged,
                          (seen & there) / chance, (seen & tagged) / chance])  # fmt: skip
    return Corpora(*sums)


# ------------------------------------------------------------------------------------ what is measured


def measured(what: str, clusters: object, truth: float, intervals: Iterator[Interval]) -> Row:
    bounds = np.array([(found.low, found.high) for found in intervals])
    above, below = (bounds[:, 0] > truth).mean(), (bounds[:, 1] < truth).mean()
    return Row(what, str(clusters), 1 - above - below, 100 * (bounds[:, 1] - bounds[:, 0]).mean(), above, below)


def rate_rows(
    rng: np.random.Generator, replicates: int, size: int, kind: tuple[float, float], *, plain: bool = True
) -> list[Row]:
    """The interval of `label_rates`; with ``plain``, the percentile bootstrap beside it."""
    data, truth = simulate(rng, (replicates, size), *kind), true_rate(*kind)
    pairs = list(zip(data.human, data.turns, strict=True))
    name = f"rate {kind[0]:.0%}"
    rows = [measured(f"label_rates, {name}", size, truth, (share_interval(x, n) for x, n in pairs))]
    if plain:
        drawn = (percentile_interval(x, n, draws=DRAWS, seed=place) for place, (x, n) in enumerate(pairs))
        rows.append(measured(f"  (percentile bootstrap, {name})", size, truth, drawn))
    return rows


def difference_rows(
    rng: np.random.Generator, replicates: int, first: int, second: int, *, plain: bool = True
) -> list[Row]:
    """The interval of `compare_groups`; with ``plain``, the percentile bootstrap beside it."""
    a = simulate(rng, (replicates, first), *COMMON)
    b = simulate(rng, (replicates, second), OTHER_GROUP, COMMON[1])
    truth = true_rate(OTHER_GROUP, COMMON[1]) - true_rate(*COMMON)
    tables = [side_by_side(*columns) for columns in zip(a.human, a.turns, b.human, b.turns, strict=True)]
    sizes = f"{first} / {second}"
    rows = [measured("compare_groups, difference", sizes, truth, (difference_interval(table) for table in tables))]
    if plain:
        drawn = (
            bootstrap_difference(table, draw_clusters(table[[1, 3]] > 0, draws=DRAWS, rng=rng)) for table in tables
        )
        rows.append(measured("  (percentile bootstrap, difference)", sizes, truth, drawn))
    return rows


def side_by_side(x_a: np.ndarray, n_a: np.ndarray, x_b: np.ndarray, n_b: np.ndarray) -> np.ndarray:
    first, second = np.zeros((2, len(x_b))), np.zeros((2, len(x_a)))
    return np.concatenate([np.hstack([np.stack([x_a, n_a]), first]), np.hstack([second, np.stack([x_b, n_b])])])


def permutation_error(rng: np.random.Generator, replicates: int, first: int, second: int) -> float:
    """Share of p ≤ 0.05 when groups do not differ: should be 0.05 or less."""
    a, b = (simulate(rng, (replicates, size), *COMMON) for size in (first, second))
    tables = (side_by_side(*columns) for columns in zip(a.human, a.turns, b.human, b.turns, strict=True))
    return float(np.mean([permutation_p(t, deal_levels(t[[1, 3]] > 0, draws=DRAWS // 3, rng=rng)) <= 0.05 for t in tables]))


def by_sessions(data: Corpora, place: int, checked: int) -> Powered:
    """Whole sessions checked: the first ``checked`` of each corpus (their order is chance)."""
    seen = np.arange(data.turns.shape[1]) < checked
    n, y, f = data.turns[place], data.human[place], data.machine[place]
    return powered_mean(Halves(n * seen, y * seen, f * seen, n * ~seen, f * ~seen))


def by_turns(data: Corpora, place: int) -> Powered:
    """A fifth of the turns of every session checked."""
    m, y, f = data.checked[place], data.checked_human[place], data.checked_machine[place]
    return powered_mean(Halves(m, y, f, data.turns[place] - m, data.machine[place] - f))


def by_chances(data: Corpora, place: int) -> Powered:
    """Turns checked with known unequal probabilities."""
    columns = (data.turns, data.checked, data.weighted_human, data.weighted_machine, data.machine)
    return weighted_mean(Weighted(*(column[place] for column in columns)))


def corrected_rows(rng: np.random.Generator, replicates: int, sizes: tuple[int, int], kind: tuple[float, float]) -> list[Row]:
    """``sizes``: (sessions with checks, sessions) of each corpus."""
    checked, size = sizes
    data, truth = simulate(rng, (replicates, size), *kind), true_rate(*kind)
    found = [by_sessions(data, place, checked) for place in range(replicates)]
    turns = data.turns[:, :checked].sum(axis=1)
    name, clusters = f"rate {kind[0]:.0%}", f"{checked} of {size}"
    gain = np.mean([p.classical.variance for p in found]) / np.mean([p.corrected.variance for p in found])
    return [
        measured(f"corrected_prevalence, sessions checked, {name} (gain {gain:.2f})", clusters, truth,
                 (share_of(p.corrected, n, 0.95) for p, n in zip(found, turns, strict=True))),
        measured(f"  (checked alone, {name})", clusters, truth,
                 (share_of(p.classical, n, 0.95) for p, n in zip(found, turns, strict=True))),
        measured(f"  (machine alone, {name})", clusters, truth,
                 (share_of(p.machine, n, 0.95) for p, n in zip(found, turns, strict=True))),
    ]  # fmt: skip


def scattered_rows(rng: np.random.Generator, replicates: int, size: int) -> list[Row]:
    rows, truth = [], true_rate(*COMMON)
    ways: tuple[tuple[str, bool, Callable], ...] = (("a fifth of turns", False, by_turns), ("unequal chances", True, by_chances))
    for name, unequal, way in ways:
        data = simulate(rng, (replicates, size), *COMMON, unequal=unequal)
        found = [way(data, place) for place in range(replicates)]
        gain = np.mean([p.classical.variance for p in found]) / np.mean([p.corrected.variance for p in found])
        what = f"corrected_prevalence, {name} (gain {gain:.2f})"
        rows.append(measured(what, size, truth, (share_of(p.corrected, 100.0 * size, 0.95) for p in found)))
    return rows


def corrected_difference_row(rng: np.random.Generator, replicates: int, sizes: tuple[int, int]) -> Row:
    a = simulate(rng, (replicates, sizes[1]), *COMMON)
    b = simulate(rng, (replicates, sizes[1]), OTHER_GROUP, COMMON[1])
    truth = true_rate(OTHER_GROUP, COMMON[1]) - true_rate(*COMMON)
    found = (
        minus(by_sessions(b, place, sizes[0]).corrected, by_sessions(a, place, sizes[0]).corrected).interval()
        for place in range(replicates)
    )
    return measured("corrected_difference, sessions checked", f"2 × {sizes[0]} of {sizes[1]}", truth, found)


def chance_dips(rng: np.random.Generator, replicates: int, sessions: int, *, direction: int, least: float) -> float:
    """Share of dyads with at least one dip of depth ``least`` or more when the dyad's rate never changes."""
    data = simulate(rng, (replicates, sessions), COMMON[0], 0.0)
    scores = (strain_scores(x, n, direction) for x, n in zip(data.human, data.turns, strict=True))
    return float(np.mean([any(strain[low] >= least for _, low, _ in deflections(strain)) for strain in scores]))


# ------------------------------------------------------------------------------------ the table


def table(replicates: int, seed: int) -> Iterator[Row]:
    rng = np.random.default_rng(seed)
    for kind in (COMMON, RARE):
        for size in (5, *SIZES):
            yield from rate_rows(rng, replicates, size, kind)
    for first, second in ((3, 3), (5, 5), (10, 10), (20, 20), (10, 40), (50, 50)):
        yield from difference_rows(rng, replicates, first, second)
    for kind in (COMMON, RARE):
        for sizes in ((5, 20), (10, 40), (20, 100), (40, 200), (100, 400)):
            yield from corrected_rows(rng, replicates, sizes, kind)
    for size in (5, *SIZES):
        yield from scattered_rows(rng, replicates, size)
    for sizes in ((5, 20), (10, 40), (20, 100), (40, 200)):
        yield corrected_difference_row(rng, replicates, sizes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(f"{'interval':62}{'clusters':>12}{'covers':>9}{'width':>8}{'above':>8}{'below':>8}")
    for row in table(given.replicates, given.seed):
        print(f"{row.what:62}{row.clusters:>12}{row.coverage:9.1%}{row.width:8.2f}{row.above:8.1%}{row.below:8.1%}", flush=True)
    rng = np.random.default_rng(given.seed)
    print("\npermutation p <= 0.05 when there is no difference:")
    for first, second in ((3, 3), (5, 5), (10, 10), (10, 40)):
        print(f"  {first} / {second} clusters: {permutation_error(rng, given.replicates // 2, first, second):.1%}")
    print("\ndyads with at least one dip although nothing changes (depth 2: low side, high side; depth 3: low side, high side):")
    for sessions in (6, 10, 20, 40):
        sides = ((direction, least) for least in (DIP, CONTROL_LIMIT) for direction in (-1, 1))
        found = [chance_dips(rng, given.replicates, sessions, direction=side, least=least) for side, least in sides]
        print(f"  {sessions} sessions: " + " ".join(f"{share:5.0%}" for share in found))


if __name__ == "__main__":
    main()
