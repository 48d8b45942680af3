"""How often each output occurs over a corpus, with what uncertainty.

In: sessions (transcripts or their counts).  Out: one :class:`Rate` an output (and side).  Left out: who is compared with whom
(``groups``), what people corrected (``corrected``).  Interval: see :mod:`alliance_nlp.statistics.ratios`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from alliance_nlp.evaluation.metrics import Interval
from alliance_nlp.labels import default_label_set
from alliance_nlp.statistics.counting import (
    PER,
    Session,
    SessionCounts,
    Side,
    count_session,
    marked_and_eligible,
    patient_side_only,
)
from alliance_nlp.statistics.ratios import percentile_interval, scaled, share_interval

JACKKNIFE, PERCENTILE = "jackknife-t-logit", "percentile-bootstrap"
MIN_INTERVAL_CLUSTERS = 5  # the fewest whose intervals were seen to cover (docs/statistics.md); with fewer none is given


@dataclass(frozen=True, slots=True)
class Rate:
    """One output's pooled rate: all marked over all eligible turns, long sessions weighing more than short ones.

    ``per_100_turns`` and the bounds ``low`` and ``high`` (95 %) are marked turns per 100 eligible turns; None when there is no
    eligible turn (the bounds also with fewer than MIN_INTERVAL_CLUSTERS clusters).  ``marked`` and ``turns`` are turns; ``sessions``
    and ``clusters`` those with at least one eligible turn; ``patient_side_only`` says what « eligible » means.
    """

    name: str
    side: Side
    marked: int
    turns: int
    sessions: int
    clusters: int
    per_100_turns: float | None
    low: float | None
    high: float | None
    patient_side_only: bool
    method: str

    def as_dict(self) -> dict[str, Any]:
        """Return the rate as JSON-ready values."""
        return {**asdict(self), "side": self.side.value}


def label_rates(
    sessions: Sequence[Session], *, side: Side = Side.ALL, method: str = JACKKNIFE, draws: int = 2000, seed: int = 0
) -> tuple[Rate, ...]:
    """Return the pooled rate of each output, in the scheme's order.

    ``method``: ``JACKKNIFE`` (no drawing, covers best) or ``PERCENTILE`` (cluster bootstrap with ``draws`` and ``seed``).
    """
    counts = [count_session(session) for session in sessions]
    return tuple(
        _rate(counts, name, side, method=method, draws=draws, seed=seed) for name in default_label_set().outputs
    )


def rates_by_side(sessions: Sequence[Session]) -> dict[Side, tuple[Rate, ...]]:
    """Return the rates of each side, all turns first."""
    counts = [count_session(session) for session in sessions]
    return {side: label_rates(counts, side=side) for side in Side}


def _rate(counts: Sequence[SessionCounts], name: str, side: Side, *, method: str, draws: int, seed: int) -> Rate:
    marked, eligible = marked_and_eligible(counts, name, side)
    there = eligible > 0
    marked, eligible = marked[there], eligible[there]
    found: Interval | None = None
    if len(eligible) >= MIN_INTERVAL_CLUSTERS:
        drawn = method == PERCENTILE
        found = percentile_interval(marked, eligible, draws=draws, seed=seed) if drawn else share_interval(marked, eligible)
    bounds = scaled(found, PER) if found else None
    turns = int(eligible.sum())
    return Rate(
        name=name,
        side=side,
        marked=int(marked.sum()),
        turns=turns,
        sessions=sum(entry.rate(name, side).eligible > 0 for entry in counts),
        clusters=len(eligible),
        per_100_turns=PER * float(marked.sum()) / turns if turns else None,
        low=bounds.low if bounds else None,
        high=bounds.high if bounds else None,
        patient_side_only=patient_side_only(name),
        method=method,
    )
