"""Which turns to check next: those the machine doubts, spread over sessions and labels, and a random share.

The random share makes estimates from the checked turns unbiased.  The chosen turns are a stratum that is taken whole (inclusion
probability 1), the others are sampled with equal probabilities without replacement (m of N − d), so that the sum of y / inclusion over
all planned turns estimates the total of y over the population without bias (Horvitz & Thompson, 1952; take-all strata: Cochran,
1977, ch. 5).  The population is every turn that no person has decided on.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.likeness import is_left_unmarked
from alliance_nlp.evaluation.reviewed import reviewed_by
from alliance_nlp.labels import default_label_set
from alliance_nlp.review.carry import people
from alliance_nlp.review.doubt import label_doubts, thresholds
from alliance_nlp.statistics.sampling import POPULATION
from alliance_nlp.transcript import Transcript, Turn

DOUBT, RANDOM, DECIDED = "doubt", "random", "decided"
COLUMNS = ("session_id", "turn", "reason", "label", "doubt", "inclusion_probability", "turns")


@dataclass(frozen=True, slots=True)
class Planned:
    """A turn to be checked: why, its most doubtful label, its doubt in [0, 1], and the probability that the plan takes it."""

    session_id: str
    turn: int
    reason: str
    label: str | None
    doubt: float
    inclusion: float


def plan(sessions: Sequence[Transcript], n: int, *, seed: int, random_share: float = 0.2) -> tuple[Planned, ...]:
    """Return ``n`` turns (or all there are) to be checked, in the order of sessions and turns.

    Sessions left unmarked (they do not sound like psychotherapy) enter no rate, and are not checked.

    Raises ConfigError for n < 1 or a share outside [0, 1].
    """
    if n < 1 or not 0.0 <= random_share <= 1.0:
        raise ConfigError("store.bad_plan")
    counted = [(row, session) for row, session in enumerate(sessions) if not is_left_unmarked(session)]
    places = [(row, turn.index) for row, session in counted for turn in session.turns if not is_decided(turn)]
    doubts = doubt_table(sessions, places)
    wanted = min(n, len(places))
    drawn = wanted if not doubts.any() else math.ceil(wanted * random_share)
    chosen = pick(doubts, np.array([row for row, _ in places], dtype=int), wanted - drawn)
    rest = np.setdiff1d(np.arange(len(places)), chosen)
    sampled = np.random.default_rng(seed).choice(rest, drawn, replace=False) if drawn else np.array([], dtype=int)
    share = drawn / len(rest) if len(rest) else 1.0
    reasons = {int(k): (DOUBT, 1.0) for k in chosen} | {int(k): (RANDOM, share) for k in sampled}
    return tuple(planned(sessions, places[k], doubts[k], *reasons[k]) for k in sorted(reasons))


def is_decided(turn: Turn) -> bool:
    """True for a turn that a person has decided on: it is outside the plan's population."""
    return bool(people(turn) or reviewed_by(turn))


def doubt_table(sessions: Sequence[Transcript], places: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """Return ``(turns, labels)``: each label's doubt; 0 where there is no probability."""
    cuts = thresholds(sessions)
    names = default_label_set().ids
    table = np.zeros((len(places), len(names)))
    for k, (row, turn) in enumerate(places):
        found = label_doubts(sessions[row].turns[turn], cuts)
        table[k] = [found.get(name, 0.0) for name in names]
    return table


def pick(doubts: NDArray[np.float64], rows: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return ``count`` places, one after the other the greatest gain: doubt over the square root of one plus how often its session,
    and its label, were taken already (a concave gain: the second turn of a session teaches less than the first)."""
    label = doubts.argmax(axis=1) if len(doubts) else np.array([], dtype=int)
    gain = doubts.max(axis=1, initial=0.0)
    by_row, by_label = np.zeros(rows.max(initial=0) + 1), np.zeros(doubts.shape[1])
    free = np.ones(len(gain), dtype=bool)
    taken = []
    for _ in range(count):
        value = np.where(free, gain / np.sqrt((1 + by_row[rows]) * (1 + by_label[label])), -1.0)
        best = int(value.argmax())
        taken.append(best)
        free[best] = False
        by_row[rows[best]] += 1
        by_label[label[best]] += 1
    return np.array(taken, dtype=int)


def planned(
    sessions: Sequence[Transcript], place: tuple[int, int], doubts: NDArray[np.float64], reason: str, inclusion: float
) -> Planned:
    """Return one row of the plan."""
    session, turn = sessions[place[0]], place[1]
    label = default_label_set().ids[int(doubts.argmax())] if doubts.any() else None
    return Planned(session.session_id, turn, reason, label, float(doubts.max(initial=0.0)), inclusion)


def plan_csv(rows: Sequence[Planned], sessions: Sequence[Transcript]) -> str:
    """Return the plan as CSV without text, turns 0-based as in the record.

    After the planned turns come those decided before (« decided », taken for certain) and one row a session (« population », with its
    number of turns): what `report --plan` needs to weigh the checks.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([row.session_id, row.turn, row.reason, row.label or "", f"{row.doubt:.4f}", f"{row.inclusion:.9g}", ""])
    for session in sessions:
        decided = [turn.index for turn in session.turns if is_decided(turn)]
        writer.writerows([session.session_id, turn, DECIDED, "", "", 1, ""] for turn in decided)
    writer.writerows([session.session_id, "", POPULATION, "", "", "", len(session.turns)] for session in sessions)
    return out.getvalue()
