"""Chance-corrected agreement of two or more annotators on a yes/no label.

In: *pair counts*, an array ``(…, pairs, 4)``: for each pair of annotators the turns that both tag, only the first,
only the second, neither.  Out: coefficients of shape ``(…)``.  Every coefficient here is a function of these counts alone,
so that they add over sessions and a bootstrap over sessions only adds rows.  NaN where a coefficient is not defined
(nobody, or everybody, gives the label to every turn: no variation to agree about).

Sources: Cohen (1960), for more than two the mean over pairs (Light, 1971); Fleiss (1971), with two annotators Scott's
pi (1955); Krippendorff (2019, ch. 12), nominal alpha; Gwet (2008), AC1; F1 as positive specific agreement (Hripcsak and
Rothschild, 2005), which needs no count of the turns that nobody tags.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]  # (…, pairs, 4)
Values = NDArray[np.float64]  # (…)


def pair_counts(ratings: NDArray[np.bool_]) -> Counts:
    """Return the counts ``(pairs, 4)`` of ``ratings`` ``(annotators, turns)``, pairs in the order of ``combinations``.

    >>> import numpy as np
    >>> pair_counts(np.array([[1, 1, 0, 0], [1, 0, 0, 0]], dtype=bool)).tolist()
    [[1, 1, 0, 2]]
    """
    rows = []
    for first, second in combinations(np.asarray(ratings, dtype=bool), 2):
        rows.append([(first & second).sum(), (first & ~second).sum(), (~first & second).sum(), (~first & ~second).sum()])
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def percent(counts: Counts) -> Values:
    """Observed agreement: the share of turns of which two annotators say the same, mean over pairs."""
    return _divide(counts[..., 0] + counts[..., 3], counts.sum(axis=-1)).mean(axis=-1)


def cohen_kappa(counts: Counts) -> Values:
    """Cohen's kappa, mean over the pairs for which it is defined (Light's kappa)."""
    both, first, second, neither = _columns(counts)
    total = both + first + second + neither
    chance = _divide((both + first) * (both + second) + (neither + second) * (neither + first), total * total)
    kappas = _corrected(_divide(both + neither, total), chance)
    known = ~np.isnan(kappas)
    return _divide(np.where(known, kappas, 0.0).sum(axis=-1), known.sum(axis=-1))


def fleiss_kappa(counts: Counts) -> Values:
    """Fleiss' kappa: chance from the annotators' pooled share of tags."""
    share = tagged_share(counts)
    return _corrected(percent(counts), share**2 + (1 - share) ** 2)


def krippendorff_alpha(counts: Counts) -> Values:
    """Krippendorff's alpha for nominal data without gaps: chance without replacement over all values given."""
    values = annotators(counts) * counts[..., 0, :].sum(axis=-1)  # how many yes/no were given in all
    yes = tagged_share(counts) * values
    expected = _divide(2 * yes * (values - yes), values * (values - 1))
    return 1 - _divide(1 - percent(counts), expected)


def gwet_ac1(counts: Counts) -> Values:
    """Gwet's AC1: chance 2π(1 − π), steady where a label is rare."""
    share = tagged_share(counts)
    return _corrected(percent(counts), 2 * share * (1 - share))


def specific_f1(counts: Counts) -> Values:
    """F1 of one annotator against another (the same both ways), over all pairs together."""
    both, first, second, _ = _columns(counts)
    return _divide(2 * both.sum(axis=-1), (2 * both + first + second).sum(axis=-1))


COEFFICIENTS = {
    "percent": percent,
    "cohen_kappa": cohen_kappa,
    "fleiss_kappa": fleiss_kappa,
    "krippendorff_alpha": krippendorff_alpha,
    "gwet_ac1": gwet_ac1,
    "f1": specific_f1,
}


def tagged_share(counts: Counts) -> Values:
    """Return the share of yes among all yes/no given; each annotator stands in equally many pairs."""
    both, first, second, _ = _columns(counts)
    return _divide((2 * both + first + second).sum(axis=-1), 2 * counts.sum(axis=(-2, -1)))


def annotators(counts: Counts) -> int:
    """Return how many annotators make this many pairs: n (n − 1) / 2 = pairs."""
    return round((1 + (1 + 8 * counts.shape[-2]) ** 0.5) / 2)


def bootstrap_intervals(by_session: Counts, *, draws: int = 1000, seed: int = 0) -> dict[str, tuple[float, float]]:
    """Return each coefficient's 95 % percentile interval over draws of whole sessions.

    ``by_session``: ``(sessions, pairs, 4)``.  Draws in which a coefficient is not defined are left out of its interval;
    NaN when all are.
    """
    sessions = len(by_session)
    picks = np.random.default_rng(seed).integers(0, sessions, (draws, sessions))
    weights = np.stack([np.bincount(row, minlength=sessions) for row in picks])  # (draws, sessions)
    drawn = np.tensordot(weights, by_session, axes=1)  # (draws, pairs, 4)
    return {name: _interval(coefficient(drawn)) for name, coefficient in COEFFICIENTS.items()}


def _interval(values: Values) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _columns(counts: Counts) -> tuple[Values, Values, Values, Values]:
    """Return both, only first, only second, neither, each ``(…, pairs)``, as floats that cannot overflow."""
    table = counts.astype(float)
    return table[..., 0], table[..., 1], table[..., 2], table[..., 3]


def _divide(part: NDArray, whole: NDArray) -> Values:
    """Return part / whole, NaN for an empty whole."""
    whole = np.asarray(whole, dtype=float)
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=whole != 0)


def _corrected(observed: Values, chance: Values) -> Values:
    return _divide(observed - chance, 1 - chance)
