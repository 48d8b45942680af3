"""Prevalences corrected by people's checks: what people would have said of every turn, from the turns that they did check.

In: sessions that a machine tagged, some of whose turns people checked.  Out: :class:`CorrectedEstimate`,
:class:`CorrectedDifference`, per 100 eligible turns.  The formulas, with their sources, are in
:mod:`alliance_nlp.statistics.prediction_powered`.

* Which turns were checked, and what people said: :mod:`alliance_nlp.statistics.checks`.
* *Machine value*: the calibrated probability when every turn of every session has one, else the 0/1 tag of the model.
* *Checked turns* must be a random part of all turns, or of all sessions, or have been drawn with known probabilities
  (``inclusion``).  Turns checked because they looked wrong, without them, give a wrong answer with a narrow interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.metrics import Interval
from alliance_nlp.labels import default_label_set
from alliance_nlp.statistics.checks import (
    Checked,
    CheckedCounts,
    Inclusion,
    TurnSums,
    checked_by_origin,
    count_checked,
)
from alliance_nlp.statistics.counting import PER
from alliance_nlp.statistics.groups import by_level
from alliance_nlp.statistics.prediction_powered import Halves, Powered, Weighted, powered_mean, weighted_mean
from alliance_nlp.statistics.ratios import Array, Estimate, exact_interval, logit_interval, recovered, scaled
from alliance_nlp.transcript import Transcript

MIN_CHECKED_CLUSTERS = 5  # the fewest for which coverage was measured and holds (docs/statistics.md)


@dataclass(frozen=True, slots=True)
class CorrectedEstimate:
    """One output's prevalence over all machine-read turns, in turns per 100 eligible turns, at confidence ``level``.

    ``corrected``: prediction-powered; ``classical``: from the checked turns alone; ``machine``: the machine's reading taken at
    its word (its interval leaves out the machine's errors: it is shown to be compared, not to be published).
    ``power``: λ, 0 (machine of no use) to 1.  ``gain``: variance of the classical estimate over that of the corrected one, None
    when the classical one shows no variation; ``effective_checked``: checked turns × gain, the number of checked turns that
    would be needed for the same precision without the machine.
    """

    name: str
    corrected: Interval
    classical: Interval
    machine: Interval
    level: float
    power: float
    gain: float | None
    effective_checked: float | None
    turns: int
    checked_turns: int
    clusters: int
    checked_clusters: int
    machine_value: str  # "probability" or "tag"
    weighted: bool  # known unequal probabilities were used

    def as_dict(self) -> dict[str, Any]:
        """Return the estimate as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LevelDifference:
    """``second`` minus ``first``, in turns per 100 eligible turns: corrected, from checked turns alone, the machine's alone."""

    first: str
    second: str
    corrected: Interval
    classical: Interval
    machine: Interval


@dataclass(frozen=True, slots=True)
class CorrectedDifference:
    """One output by level of a factor, and the differences of each pair of levels.

    ``not_compared``: levels with fewer than ``min_clusters`` checked clusters; ``unknown``: sessions without the key.
    """

    name: str
    factor: str
    levels: tuple[tuple[str, CorrectedEstimate], ...]
    differences: tuple[LevelDifference, ...]
    not_compared: tuple[str, ...]
    unknown: int
    min_clusters: int = MIN_CHECKED_CLUSTERS

    def as_dict(self) -> dict[str, Any]:
        """Return the differences as JSON-ready values."""
        return asdict(self)


def corrected_prevalence(
    sessions: Sequence[Transcript | CheckedCounts],
    name: str,
    *,
    alpha: float = 0.05,
    checked: Checked = checked_by_origin,
    inclusion: Inclusion | None = None,
) -> CorrectedEstimate:
    """Return the corrected prevalence of a label or type with its interval at level 1 − ``alpha``.

    Raises ConfigError for an unknown name and for fewer than MIN_CHECKED_CLUSTERS clusters with checked eligible turns.
    """
    counts = _counted(sessions, name, checked, inclusion)
    found = _estimates(counts, name, probability=_all_probabilities(counts))
    return _reported(counts, name, found, level=1 - alpha, probability=_all_probabilities(counts))


def corrected_difference(
    sessions: Sequence[Transcript | CheckedCounts],
    name: str,
    factor: str,
    *,
    alpha: float = 0.05,
    checked: Checked = checked_by_origin,
    inclusion: Inclusion | None = None,
) -> CorrectedDifference:
    """Return the corrected prevalence by level of ``metadata[factor]`` and the difference of each pair of levels.

    Raises ConfigError when fewer than two levels have MIN_CHECKED_CLUSTERS checked clusters.  A dyad with sessions in two levels
    is treated as two clusters.
    """
    counts = _counted(sessions, name, checked, inclusion)
    probability = _all_probabilities(counts)
    groups = by_level(counts, factor)
    enough = {level: members for level, members in groups.items() if checked_clusters(members, name) >= MIN_CHECKED_CLUSTERS}
    if len(enough) < 2:
        raise ConfigError("statistics.few_checked_levels", factor=factor, name=name, least=MIN_CHECKED_CLUSTERS)
    found = {level: _estimates(members, name, probability=probability) for level, members in enough.items()}
    reported = {
        level: _reported(members, name, found[level], level=1 - alpha, probability=probability)
        for level, members in enough.items()
    }
    return CorrectedDifference(
        name=name,
        factor=factor,
        levels=tuple(reported.items()),
        differences=tuple(_difference(a, b, found, reported) for a, b in combinations(enough, 2)),
        not_compared=tuple(level for level in groups if level not in enough),
        unknown=len(counts) - sum(len(members) for members in groups.values()),
    )


def _counted(
    sessions: Sequence[Transcript | CheckedCounts], name: str, checked: Checked, inclusion: Inclusion | None
) -> list[CheckedCounts]:
    if name not in default_label_set().outputs:
        raise ConfigError("statistics.unknown_output", name=name, expected=", ".join(default_label_set().outputs))
    return [count_checked(session, checked=checked, inclusion=inclusion) for session in sessions]


def _all_probabilities(counts: Sequence[CheckedCounts]) -> bool:
    return all(entry.probabilities for entry in counts)


def checked_clusters(counts: Sequence[CheckedCounts], name: str) -> int:
    """Return how many clusters hold checked eligible turns."""
    return len({entry.cluster for entry in counts if entry.sums[name].checked})


def _estimates(counts: Sequence[CheckedCounts], name: str, *, probability: bool) -> Powered:
    found = checked_clusters(counts, name)
    if found < MIN_CHECKED_CLUSTERS:
        raise ConfigError("statistics.few_checked", name=name, found=found, least=MIN_CHECKED_CLUSTERS)
    kind = 0 if probability else 1
    column = {
        field: _by_cluster(counts, [_number(getattr(entry.sums[name], field), kind) for entry in counts])
        for field in TurnSums.__slots__
    }
    if any(entry.weighted for entry in counts):
        everything = column["machine"] + column["machine_unchecked"]
        return weighted_mean(
            Weighted(column["turns"], column["checked"], column["weighted_human"], column["weighted_machine"], everything)
        )
    rest = column["turns"] - column["checked"]
    return powered_mean(Halves(column["checked"], column["human"], column["machine"], rest, column["machine_unchecked"]))


def _number(value: float | tuple[float, float], kind: int) -> float:
    return value[kind] if isinstance(value, tuple) else value


def _by_cluster(counts: Sequence[CheckedCounts], values: Sequence[float]) -> Array:
    """Return the sum of ``values`` in each cluster, in order of first appearance."""
    places = {cluster: place for place, cluster in enumerate(dict.fromkeys(entry.cluster for entry in counts))}
    total = np.zeros(len(places))
    for entry, value in zip(counts, values, strict=True):
        total[places[entry.cluster]] += value
    return total


def _reported(
    counts: Sequence[CheckedCounts], name: str, found: Powered, *, level: float, probability: bool
) -> CorrectedEstimate:
    own = [entry.sums[name] for entry in counts]
    checked = sum(sums.checked for sums in own)
    plain, powered = found.classical.variance, found.corrected.variance
    gain = plain / powered if min(plain, powered) > 0 else None
    turns = sum(sums.turns for sums in own)
    return CorrectedEstimate(
        name=name,
        corrected=scaled(share_of(found.corrected, checked, level), PER),
        classical=scaled(share_of(found.classical, checked, level), PER),
        machine=scaled(share_of(found.machine, turns, level), PER),
        level=level,
        power=found.power,
        gain=gain,
        effective_checked=None if gain is None else gain * checked,
        turns=turns,
        checked_turns=checked,
        clusters=len({entry.cluster for entry in counts if entry.sums[name].turns}),
        checked_clusters=checked_clusters(counts, name),
        machine_value="probability" if probability else "tag",
        weighted=any(entry.weighted for entry in counts),
    )


def share_of(estimate: Estimate, turns: float, level: float) -> Interval:
    """Return a share's interval: on the logit scale inside ]0, 1[, exact where nothing varies, cut to [0, 1] elsewhere."""
    if estimate.variance == 0.0 and 0.0 <= estimate.value <= 1.0:
        return exact_interval(estimate.value * turns, turns, estimate.freedom, level)
    if 0.0 < estimate.value < 1.0:
        return logit_interval(estimate, level)
    plain = estimate.interval(level)
    cut = [min(max(value, 0.0), 1.0) for value in (plain.value, plain.low, plain.high)]
    return Interval(*cut)


def _difference(
    first: str, second: str, found: Mapping[str, Powered], reported: Mapping[str, CorrectedEstimate]
) -> LevelDifference:
    intervals = [
        difference(*(getattr(found[level], kind) for level in (first, second)),
                   *(getattr(reported[level], kind) for level in (first, second)), level=reported[first].level)
        for kind in ("corrected", "classical", "machine")
    ]  # fmt: skip
    return LevelDifference(first, second, *intervals)


def difference(a: Estimate, b: Estimate, shown_a: Interval, shown_b: Interval, *, level: float) -> Interval:
    """Return b − a per 100 turns; from the bounds of both (given per 100 turns) when one shows no variation."""
    if min(a.variance, b.variance) > 0:
        return scaled(minus(b, a).interval(level), PER)
    return recovered(shown_a, shown_b)


def minus(second: Estimate, first: Estimate) -> Estimate:
    """Return the difference of two independent estimates, degrees of freedom after Welch (1947)."""
    variance = first.variance + second.variance
    below = first.variance**2 / first.freedom + second.variance**2 / second.freedom
    freedom = variance**2 / below if below > 0 else min(first.freedom, second.freedom)
    return Estimate(second.value - first.value, variance, freedom)
