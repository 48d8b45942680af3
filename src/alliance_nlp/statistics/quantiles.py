"""Quantiles of Student's t and of the beta distribution, since the package needs no more of SciPy than these.

In: probabilities and degrees of freedom.  Out: numbers good to about 1e-9.  The regularised incomplete beta function by its
continued fraction (Abramowitz and Stegun, 1964, 26.5.8; modified Lentz method, Press et al., 2007, section 6.4); quantiles
by bisection, which cannot diverge.
"""

from __future__ import annotations

import math
from functools import lru_cache

TINY = 1e-300  # stands for zero in a denominator (Lentz)
STEPS = 400  # the continued fraction converges in O(sqrt(max(a, b))) terms: enough for 100,000 turns
HALVINGS = 80  # of [0, 1]: below double precision


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return I_x(a, b), the probability that a beta(a, b) variable is at most ``x``."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side only
        return 1.0 - incomplete_beta(b, a, 1.0 - x)
    front = a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp(front) / a * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        before = value
        for term in (even, odd):
            d, c = 1.0 / _away_from_zero(1.0 + term * d), _away_from_zero(1.0 + term / c)
            value *= c * d
        if abs(value - before) <= 1e-15 * abs(value):
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return the ``probability`` quantile of beta(a, b); 0 when ``a`` is 0, 1 when ``b`` is 0 (Clopper and Pearson, 1934)."""
    if a <= 0 or b <= 0:
        return 0.0 if a <= 0 else 1.0
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if incomplete_beta(a, b, middle) < probability else (low, middle)
    return (low + high) / 2


@lru_cache(maxsize=4096)
def t_quantile(probability: float, freedom: float) -> float:
    """Return the ``probability`` quantile of Student's t with ``freedom`` > 0 degrees of freedom (need not be whole)."""
    if probability == 0.5:
        return 0.0
    tail = 2 * min(probability, 1 - probability)  # P(|T| > t) = I_{v / (v + t²)}(v / 2, 1 / 2)
    share = beta_quantile(tail, freedom / 2, 0.5)
    return math.copysign(math.sqrt(freedom * (1 - share) / max(share, TINY)), probability - 0.5)


def t_tail(statistic: float, freedom: float) -> float:
    """Return the two-sided p-value of a t statistic."""
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + statistic * statistic))
