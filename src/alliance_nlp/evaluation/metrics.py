"""Turn-level metrics.  In: 0/1 gold and 0/1 or real-valued predictions, one entry a turn.  Out: numbers.

Sources: average precision as the step-wise area (no interpolation; Manning et al., 2008, ch. 8); kappa (Cohen,
1960); expected calibration error with equal-mass bins (Naeini et al., 2015); Brier (1950); intraclass correlation
(McGraw and Wong, 1996, case ICC(A,1)).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CALIBRATION_BINS = 10


@dataclass(frozen=True, slots=True)
class BinaryScore:
    """Counts of one label; ratios are 0 where their denominator is."""

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def support(self) -> int:
        """Turns that carry the label in the reference."""
        return self.true_positives + self.false_negatives

    @property
    def precision(self) -> float:
        """Share of the tags that are right."""
        return ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        """Share of the reference's tags that were found."""
        return ratio(self.true_positives, self.support)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 when there was nothing to find and nothing was tagged."""
        if self.support == 0 and self.false_positives == 0:
            return 1.0
        return ratio(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)

    @property
    def kappa(self) -> float:
        """Cohen's kappa; 1 when both say the same of every turn."""
        total = self.true_positives + self.false_positives + self.false_negatives + self.true_negatives
        observed = ratio(self.true_positives + self.true_negatives, total)
        said, there = self.true_positives + self.false_positives, self.support
        chance = ratio(said * there + (total - said) * (total - there), total * total)
        return 1.0 if chance == 1.0 else (observed - chance) / (1 - chance)


def ratio(part: float, whole: float) -> float:
    """Return part / whole, 0 for an empty whole."""
    return part / whole if whole else 0.0


def binary_score(gold: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> BinaryScore:
    """Count agreements over turns."""
    gold, predicted = gold.astype(bool), predicted.astype(bool)
    return BinaryScore(
        int((gold & predicted).sum()),
        int((~gold & predicted).sum()),
        int((gold & ~predicted).sum()),
        int((~gold & ~predicted).sum()),
    )


def average_precision(scores: NDArray[np.float64], gold: NDArray[np.bool_]) -> float:
    """Return the area under the precision-recall steps; ties count as one step; 0 without a positive."""
    gold = gold.astype(bool)
    if not gold.any():
        return 0.0
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(gold[order])
    last = np.append(ranked[1:] != ranked[:-1], True)  # the last turn of each run of equal scores
    found, seen = hits[last], np.flatnonzero(last) + 1
    return float(np.sum(np.diff(found, prepend=0) / gold.sum() * found / seen))


def equal_groups(probabilities: NDArray[np.float64], bins: int = CALIBRATION_BINS) -> list[NDArray[np.intp]]:
    """Return the places of (nearly) equally many turns by rising probability, at most ``bins`` groups, none empty."""
    return [group for group in np.array_split(np.argsort(probabilities, kind="stable"), bins) if len(group)]


def calibration_error(probabilities: NDArray[np.float64], gold: NDArray[np.bool_], bins: int = CALIBRATION_BINS) -> float:
    """Return the expected calibration error over ``bins`` groups of (nearly) equally many turns."""
    gaps = [len(g) * abs(probabilities[g].mean() - gold[g].mean()) for g in equal_groups(probabilities, bins)]
    return ratio(float(sum(gaps)), len(gold))


def brier(probabilities: NDArray[np.float64], gold: NDArray[np.bool_]) -> float:
    """Return the mean squared distance between probability and outcome."""
    return float(np.mean((probabilities - gold) ** 2)) if len(gold) else 0.0


def intraclass_correlation(ratings: NDArray[np.float64]) -> float:
    """Return ICC(A,1) of ``ratings`` (subjects, raters): absolute agreement of single ratings, raters as a random sample.

    NaN for a single subject and when nothing varies.
    """
    n, k = ratings.shape
    if n < 2:
        return float("nan")
    whole = ratings.mean()
    rows = k * ((ratings.mean(axis=1) - whole) ** 2).sum() / (n - 1)
    columns = n * ((ratings.mean(axis=0) - whole) ** 2).sum() / (k - 1)
    rest = ((ratings - ratings.mean(axis=1, keepdims=True) - ratings.mean(axis=0) + whole) ** 2).sum()
    error = rest / ((n - 1) * (k - 1))
    below = rows + (k - 1) * error + k / n * (columns - error)
    return float((rows - error) / below) if below else float("nan")


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


def bootstrap(
    sessions: Sequence, statistic: Callable[[list], float], *, draws: int = 1000, seed: int = 0
) -> Interval:
    """Return the statistic with its percentile interval over draws of whole sessions (turns of one are not independent)."""
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(draws):
        picks = rng.integers(0, len(sessions), len(sessions))
        values.append(statistic([sessions[i] for i in picks]))
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(statistic(list(sessions)), float(low), float(high))
