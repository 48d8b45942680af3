"""The mean of what people would say of every turn, from the machine's reading of all and people's reading of some.

In: sums over clusters (:class:`Halves` or :class:`Weighted`).  Out: :class:`Powered`, shares (0–1).  Numbers only; sessions are
read in :mod:`alliance_nlp.statistics.corrected`.

*Checked turns are a simple random part* (of turns or of whole sessions), Halves: with Y what people say, f what the machine says,
θ = mean_checked(Y) + λ · (mean_unchecked(f) − mean_checked(f)): prediction-powered inference (Angelopoulos, Bates, Fannjiang, Jordan and
Zrnic, 2023, Science 382, 669–674, mean estimation) with power tuning (PPI++: Angelopoulos, Duchi and Zrnic, 2023, arXiv 2311.01453,
section 6).  λ = 0 is the people's mean alone; λ = 1 the original.

*Checked turns were drawn with known unequal probabilities π*, Weighted: θ = Σ_all [λ f + ξ (Y − λ f) / π] / N, ξ = 1 when checked: the
Horvitz–Thompson form of active inference (Zrnic and Candès, 2024, arXiv 2403.03208, eq. for the mean).

*Turns of a cluster are not independent.*  λ minimises the cluster-robust variance Σ_g (Σ_{i in g} influence_i)² (Liang and Zeger, 1986;
linearised ratio means, Binder, 1983), clipped to [0, 1] as the authors' own code does.  The variance reported is the delete-one-cluster
jackknife, stratified into clusters with and without checked turns, Σ_k (G_k − 1) / G_k · Σ_g (θ₍₋g₎ − θ)² (Rust and Rao, 1996), with
λ tuned anew each time, so that it holds the price of tuning.  Degrees of freedom: checked clusters − 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alliance_nlp.statistics.ratios import Array, Estimate, ratio_estimate


@dataclass(frozen=True, slots=True)
class Halves:
    """Sums over the turns of each cluster: ``checked`` turns, people's tags and the machine's on them; the same unchecked."""

    checked: Array
    human: Array
    machine: Array
    unchecked: Array
    machine_unchecked: Array


@dataclass(frozen=True, slots=True)
class Weighted:
    """Sums over the turns of each cluster: all ``turns``, ``checked`` turns, Σ Y/π and Σ f/π over checked, Σ f over all."""

    turns: Array
    checked: Array
    human: Array
    machine: Array
    machine_all: Array


@dataclass(frozen=True, slots=True)
class Powered:
    """The corrected estimate with its power λ (0–1), beside the people's alone (``classical``) and the machine's alone."""

    corrected: Estimate
    classical: Estimate
    machine: Estimate
    power: float


def powered_mean(sums: Halves, *, power: float | None = None) -> Powered:
    """Return the estimates for checked turns taken at random; ``power`` None tunes it.  Needs two clusters with checked turns."""
    checked = sums.checked > 0
    without_rest = int((sums.unchecked > 0).sum()) < 2  # nothing to borrow from
    tuned = 0.0 if without_rest else power
    point, power_used = _halves_point(*_totals(sums), power=tuned)
    points, _ = _halves_point(*_totals_without(sums), power=tuned)
    freedom = float(checked.sum() - 1)
    classical = ratio_estimate(sums.human, sums.checked)
    machine = ratio_estimate(sums.machine + sums.machine_unchecked, sums.checked + sums.unchecked)
    if classical is None or machine is None:
        raise ValueError("at least two clusters must hold checked turns")
    variance = stratified_jackknife(points, float(point), checked)
    return Powered(Estimate(float(point), variance, freedom), classical, machine, float(power_used))


def _columns(sums: Halves) -> tuple[Array, ...]:
    return sums.checked, sums.human, sums.machine, sums.unchecked, sums.machine_unchecked


def _products(sums: Halves) -> Array:
    """Return (25, clusters): products of columns, from whose sums λ follows for every left-out cluster at once."""
    columns = np.stack(_columns(sums))
    return (columns[:, None, :] * columns[None, :, :]).reshape(25, -1)


def _totals(sums: Halves) -> tuple[Array, Array]:
    return np.stack(_columns(sums)).sum(axis=1), _products(sums).sum(axis=1)


def _totals_without(sums: Halves) -> tuple[Array, Array]:
    columns, products = np.stack(_columns(sums)), _products(sums)
    return columns.sum(axis=1, keepdims=True) - columns, products.sum(axis=1, keepdims=True) - products


def _halves_point(totals: Array, products: Array, *, power: float | None) -> tuple[Array, Array]:
    """(5, …) sums and (25, …) sums of products → θ and λ, shape (…).

    Influences of a cluster: a = (y − m·ȳ)/M of the people's mean, b = (f − m·f̄)/M − (h − u·h̄)/U of what is subtracted; λ = Σab / Σb².
    """
    m, y, f, u, h = totals
    size, rest = np.maximum(m, 1e-12), np.maximum(u, 1e-12)
    zero = np.zeros_like(m)
    a = np.stack([-y / size / size, 1 / size, zero, zero, zero])  # weights of the columns (m, y, f, u, h)
    b = np.stack([-f / size / size, zero, 1 / size, h / rest / rest, -1 / rest])
    if power is None:
        table = products.reshape(5, 5, *m.shape)
        cross = np.einsum("i...,ij...,j...->...", a, table, b)
        square = np.einsum("i...,ij...,j...->...", b, table, b)
        tuned = np.clip(np.where(square > 1e-18, cross / np.maximum(square, 1e-18), 0.0), 0.0, 1.0)
    else:
        tuned = np.full_like(m, power)
    return y / size + tuned * (h / rest - f / size), tuned


def weighted_mean(sums: Weighted, *, power: float | None = None) -> Powered:
    """Return the estimates for checked turns drawn with known probabilities; ``power`` None tunes it."""
    point, used = _weighted_point(sums, slice(None), power)
    points = np.array([_weighted_point(sums, place, power)[0] for place in _all_but_one(len(sums.turns))])
    plain = np.array([_weighted_point(sums, place, 0.0)[0] for place in _all_but_one(len(sums.turns))])
    classical = _weighted_point(sums, slice(None), 0.0)[0]
    machine = ratio_estimate(sums.machine_all, sums.turns)
    checked = sums.checked > 0
    freedom = float(checked.sum() - 1)
    if machine is None or freedom < 1:
        raise ValueError("at least two clusters must hold checked turns")
    everyone = np.ones(len(points), dtype=bool)  # any cluster might have been drawn from: one stratum
    return Powered(
        Estimate(point, stratified_jackknife(points, point, everyone), freedom),
        Estimate(classical, stratified_jackknife(plain, classical, everyone), freedom),
        machine,
        used,
    )


def _all_but_one(count: int) -> list[Array]:
    places = np.arange(count)
    return [places[places != left_out] for left_out in range(count)]


def _weighted_point(sums: Weighted, kept: Array | slice, power: float | None) -> tuple[float, float]:
    turns, human = sums.turns[kept], sums.human[kept]
    borrowed = sums.machine_all[kept] - sums.machine[kept]
    size = turns.sum()
    if power is None:
        a, b = human - turns * human.sum() / size, borrowed - turns * borrowed.sum() / size
        below = float((b * b).sum())
        power = min(max(-float((a * b).sum()) / below, 0.0), 1.0) if below > 1e-12 else 0.0
    return float((human.sum() + power * borrowed.sum()) / size), power


def stratified_jackknife(points: Array, whole: float, stratum: Array) -> float:
    """Return the jackknife variance of ``whole`` from its delete-one values, in two strata (True, False)."""
    total = 0.0
    for own in (points[stratum], points[~stratum]):
        if len(own) > 1:
            total += (len(own) - 1) / len(own) * float(((own - whole) ** 2).sum())
    return total
