"""A rate over clusters of turns, and the difference of two, with their intervals.

In: marked and eligible turns, one entry a cluster.  Out: estimates as shares (0–1) with intervals.

The rate is a ratio of two sums over clusters, R = Σx / Σn.  Its variance is the delete-one-cluster jackknife
v = (G − 1)/G · Σ (R₍₋g₎ − R)² (Quenouille–Tukey; as a cluster-robust variance it is "CR3": Bell and McCaffrey, 2002; Cameron
and Miller, 2015, section VI), the quantile is Student's t with G − 1 degrees of freedom, and the interval is built on the logit
scale and carried back (Korn and Graubard, 1999, section 2.7), so that it stays inside 0–100 %.  ``benchmarks/coverage.py``
measures it beside the percentile cluster bootstrap, which is too narrow below about 40 clusters.

When nothing (or everything) is marked the data say nothing of how clusters differ: the bound is then exact binomial, with
the number of turns lowered for the few clusters (Korn and Graubard, 1998, formula for the adjusted sample size).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.evaluation.metrics import Interval
from alliance_nlp.statistics.quantiles import beta_quantile, t_quantile

Array = NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share (0–1), its variance and the degrees of freedom of that variance."""

    value: float
    variance: float
    freedom: float

    def interval(self, level: float = LEVEL) -> Interval:
        """Return value ± t · standard error: for differences and other quantities without bounds."""
        half = t_quantile((1 + level) / 2, self.freedom) * math.sqrt(self.variance)
        return Interval(self.value, self.value - half, self.value + half)


def ratio_estimate(marked: Array, eligible: Array) -> Estimate | None:
    """Return Σmarked / Σeligible with its jackknife variance; None for fewer than two clusters that have eligible turns."""
    there = eligible > 0
    marked, eligible = marked[there], eligible[there]
    count = len(eligible)
    if count < 2:
        return None
    whole = marked.sum() / eligible.sum()
    without = (marked.sum() - marked) / (eligible.sum() - eligible)
    return Estimate(float(whole), float((count - 1) / count * ((without - whole) ** 2).sum()), count - 1)


def share_interval(marked: Array, eligible: Array, level: float = LEVEL) -> Interval | None:
    """Return a share's interval; None for fewer than two clusters that have eligible turns."""
    estimate = ratio_estimate(marked, eligible)
    if estimate is None:
        return None
    if estimate.value in (0.0, 1.0) or estimate.variance == 0.0:
        return exact_interval(float(marked.sum()), float(eligible.sum()), estimate.freedom, level)
    return logit_interval(estimate, level)


def logit_interval(estimate: Estimate, level: float = LEVEL) -> Interval:
    """Return an interval on the logit scale for a share strictly between 0 and 1."""
    share = estimate.value
    half = t_quantile((1 + level) / 2, estimate.freedom) * math.sqrt(estimate.variance) / (share * (1 - share))
    centre = math.log(share / (1 - share))
    return Interval(share, expit(centre - half), expit(centre + half))


def exact_interval(marked: float, turns: float, freedom: float, level: float = LEVEL) -> Interval:
    """Return the Clopper–Pearson interval with the number of turns times (t_{turns−1} / t_{clusters−1})²."""
    tail = (1 - level) / 2
    shrink = (t_quantile(1 - tail, max(turns - 1, 1)) / t_quantile(1 - tail, freedom)) ** 2
    share, size = marked / turns, turns * min(shrink, 1.0)
    hits = share * size
    return Interval(share, beta_quantile(tail, hits, size - hits + 1), beta_quantile(1 - tail, hits + 1, size - hits))


def recovered(first: Interval, second: Interval) -> Interval:
    """Return second − first from the bounds of both: the square-and-add rule (Newcombe, 1998, method 10; Zou and Donner, 2008).

    For levels in which nothing is marked, whose variance between clusters says nothing.
    """
    value = second.value - first.value
    down = math.hypot(second.value - second.low, first.high - first.value)
    return Interval(value, value - down, value + math.hypot(second.high - second.value, first.value - first.low))


def expit(value: float) -> float:
    """Return 1 / (1 + e^−value) without overflow."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def scaled(interval: Interval, factor: float) -> Interval:
    """Return the interval in other units (per 100 turns: factor 100)."""
    return Interval(interval.value * factor, interval.low * factor, interval.high * factor)


def percentile_interval(marked: Array, eligible: Array, *, draws: int, seed: int, level: float = LEVEL) -> Interval:
    """Return the plain percentile interval over draws of whole clusters (Efron and Tibshirani, 1993, ch. 13)."""
    count = len(eligible)
    picks = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    drawn = (picks @ marked) / np.maximum(picks @ eligible, 1)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(marked.sum() / eligible.sum()), float(low), float(high))
