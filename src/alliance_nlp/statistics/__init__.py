"""Statistics over a corpus of annotated sessions: rates, groups, trajectories, estimates corrected by people's checks.

In: sessions (or their counts, :func:`count_session`, :func:`count_checked`, so that memory stays flat).  Out: frozen dataclasses.
Every definition, its source and when not to use it: ``docs/statistics.md``.
"""

from alliance_nlp.statistics.checks import CheckedCounts, checked_by_origin, count_checked
from alliance_nlp.statistics.corrected import (
    MIN_CHECKED_CLUSTERS,
    CorrectedDifference,
    CorrectedEstimate,
    LevelDifference,
    corrected_difference,
    corrected_prevalence,
)
from alliance_nlp.statistics.counting import Measure, SessionCounts, SessionRate, Side, count_session
from alliance_nlp.statistics.dips import Dip
from alliance_nlp.statistics.groups import MIN_CLUSTERS, GroupComparison, GroupDifference, GroupLevel, compare_groups
from alliance_nlp.statistics.rates import Rate, label_rates, rates_by_side
from alliance_nlp.statistics.sampling import Sample, read_sample
from alliance_nlp.statistics.trajectories import Density, Trajectory, TrajectoryPoint, trajectories

__all__ = [
    "MIN_CHECKED_CLUSTERS",
    "MIN_CLUSTERS",
    "CheckedCounts",
    "CorrectedDifference",
    "CorrectedEstimate",
    "Density",
    "Dip",
    "GroupComparison",
    "GroupDifference",
    "GroupLevel",
    "LevelDifference",
    "Measure",
    "Rate",
    "Sample",
    "SessionCounts",
    "SessionRate",
    "Side",
    "Trajectory",
    "TrajectoryPoint",
    "checked_by_origin",
    "compare_groups",
    "corrected_difference",
    "corrected_prevalence",
    "count_checked",
    "count_session",
    "label_rates",
    "rates_by_side",
    "read_sample",
    "trajectories",
]
