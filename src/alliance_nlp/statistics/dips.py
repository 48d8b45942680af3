"""Local dips and returns in the densities of one dyad: V-shaped sequences, by an adapted published criterion.

In: one dyad's sessions in order.  Out: :class:`Dip`: first, lowest and return session.  A dip is an arithmetical fact about
counts of marks, never a fact about persons; with the usual number of sessions many are chance (``docs/statistics.md``).

Where the criterion comes from.  V-shaped deflections of alliance questionnaires were read as rupture–repair sequences by Stiles et
al. (2004) and Strauss et al. (2006); the first asked for a fall of two, the second of one standard deviation (as compared
by Gumz, Brähler, Geyer and Erices, 2012, "Crisis-repair sequences", BMC Medical Research Methodology 12:10, discussion).
Eubanks-Carter, Gorman and Muran (2012) put such criteria beside control charts.  **Adapted**, because a density is a share of
counted turns and not a questionnaire score:

1. *Chart*: the control chart of shares that vary more than binomially, the p′ chart (Laney, 2002): centre p̄ = Σmarked / Σturns,
   z = (p − p̄) / √(p̄ (1 − p̄) / n), spread s = median |z_t − z_{t−1}| / 0.954 (the moving range of the individuals chart,
   Shewhart, 1931, in its median form, Wheeler and Chambers, 1992, which one odd session cannot inflate), and never below 1.
2. *Dip*: z / s at or beyond 2 on the strained side (agreement, bond: low; tension: high): the threshold of Stiles et al.
3. *First*: the last session before it inside 1 (the threshold of Strauss et al.); *return*: the first session after it inside 1.
   Neighbouring sessions beyond 2 with no session inside 1 between them are one dip; *lowest* is the furthest of them.
   No first session inside 1: no V, nothing is reported.  No return: reported with ``return_place`` None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.statistics.counting import Measure, SessionCounts

MIN_SESSIONS = 6  # five moving ranges: with fewer, their median is one accident
DIP, INSIDE = 2.0, 1.0  # standard deviations: Stiles et al. (2004), Strauss et al. (2006)
CONTROL_LIMIT = 3.0  # standard deviations: Shewhart (1931)
MEDIAN_RANGE = 0.954  # median |difference of two standard normals|, to four places 0.9539 (Wheeler and Chambers, 1992)
STRAINED = {Measure.AGREEMENT: -1, Measure.BOND: -1, Measure.TENSION: 1}  # the direction away from ease; repair has none


@dataclass(frozen=True, slots=True)
class Dip:
    """One V (or, for tension, inverted V).  Places count sessions of the dyad from 0.

    ``depth``: distance of the lowest session from the dyad's own centre in its own standard deviations (≥ 2).
    """

    measure: Measure
    first_place: int
    lowest_place: int
    return_place: int | None
    first_session: str
    lowest_session: str
    return_session: str | None
    depth: float
    upward: bool  # True for tension, which rises
    beyond_control_limit: bool  # depth ≥ 3, Shewhart's own limit: far rarer by chance

    def as_dict(self) -> dict[str, Any]:
        """Return the dip as JSON-ready values."""
        return asdict(self)


def find_dips(ordered: Sequence[SessionCounts]) -> tuple[Dip, ...]:
    """Return the dips of one dyad's sessions, by measure, then in time; none for fewer than MIN_SESSIONS sessions."""
    return tuple(dip for measure in STRAINED for dip in _dips_of(ordered, measure))


def _dips_of(ordered: Sequence[SessionCounts], measure: Measure) -> list[Dip]:
    counted = [(place, entry.measure(measure)) for place, entry in enumerate(ordered) if entry.measure(measure).eligible]
    strain = strain_scores(
        np.array([c.marked for _, c in counted], dtype=float),
        np.array([c.eligible for _, c in counted], dtype=float),
        STRAINED[measure],
    )
    places = [place for place, _ in counted]
    return [
        Dip(
            measure,
            places[first],
            places[low],
            None if back is None else places[back],
            ordered[places[first]].session_id,
            ordered[places[low]].session_id,
            None if back is None else ordered[places[back]].session_id,
            float(strain[low]),
            STRAINED[measure] > 0,
            bool(strain[low] >= CONTROL_LIMIT),
        )
        for first, low, back in deflections(strain)
    ]


def strain_scores(
    marked: NDArray[np.float64], eligible: NDArray[np.float64], direction: int
) -> NDArray[np.float64]:
    """Return each session's distance from the centre in standard deviations of the p′ chart, strain positive.

    Zeros (no dip) for fewer than MIN_SESSIONS sessions and when nothing or everything is marked.
    """
    centre = marked.sum() / eligible.sum() if eligible.sum() else 0.0
    if len(marked) < MIN_SESSIONS or centre in (0.0, 1.0):
        return np.zeros(len(marked))
    z = (marked / eligible - centre) / np.sqrt(centre * (1 - centre) / eligible)
    spread = max(float(np.median(np.abs(np.diff(z)))) / MEDIAN_RANGE, 1.0)  # below binomial chance is chance itself
    return direction * z / spread


def deflections(strain: NDArray[np.float64]) -> list[tuple[int, int, int | None]]:
    """Return (first, lowest, return) places of each V in a series of strain scores.

    >>> deflections(np.array([0.0, 0.2, 2.5, 1.4, 0.9, 0.0]))
    [(1, 2, 4)]
    """
    found: list[tuple[int, int, int | None]] = []
    inside = [int(place) for place in np.flatnonzero(strain <= INSIDE)]
    for before, after in zip(inside, [*inside[1:], None], strict=False):  # an empty series has no places at all
        stretch = strain[before + 1 : after]
        if len(stretch) and stretch.max() >= DIP:
            found.append((before, before + 1 + int(stretch.argmax()), after))
    return found
