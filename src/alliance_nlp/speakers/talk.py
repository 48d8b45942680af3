"""Who leads the session, heard from the talk alone: two small logistic scores with stated weights.

In: turns.  Out: for each candidate the probability of being the therapist, with the signs it rests on.
First score: who leads (asks, says « vous » rather than « je », speaks less).  Second score: is this a therapy at
all?  A recruiter leads too, so the first counts only as far as the second allows: ordinary talk ends as ``unknown``.

Weights: logistic regressions on sessions s001–s032 of the corpus (whole, and in stretches of 36 turns) and some
ordinary conversations, rounded.  Signs and the level were chosen after looking at s033–s056 too: only s057–s064
are held out.  ``benchmarks/roles.py`` prints the figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.speakers.habits import Habits, Room, habits_of, room_of
from alliance_nlp.transcript import Turn

# Difference between one speaker and the rest of the room, for each habit.
LEAD_WEIGHTS = {"questions": 2.0, "address": 8.5, "first_person": -12.0, "length": -0.7}
# What makes the talk a therapy session; echoes are those of the speaker who leads.
THERAPY_BIAS = -0.5
THERAPY_WEIGHTS = {"echoes": 12.5, "recalls": 0.28, "hedges": 0.18, "errands": -0.26}
ECHO_CAP = 0.15  # recruiters echo too: echoes alone must never make a therapy
MIN_TURNS, MIN_WORDS = 30, 400  # a short piece of talk may be anything: its roles are for the user to say


@dataclass(frozen=True, slots=True)
class Lead:
    """The speaker who seems to lead: how surely, and how surely this is a therapy at all (0…1)."""

    speaker: str
    leads: float
    therapy: float
    evidence: tuple[Mapping[str, Any], ...] = ()

    @property
    def probability(self) -> float:
        """Return the probability that this speaker is the therapist of a session."""
        return self.leads * self.therapy


def enough_talk(turns: Sequence[Turn]) -> bool:
    """Return whether there is enough talk to listen to."""
    room = room_of(turns)
    return room.turns >= MIN_TURNS and room.words >= MIN_WORDS


def find_lead(turns: Sequence[Turn], candidates: Sequence[str]) -> Lead:
    """Return the candidate who leads most, each compared to everybody else in the room.

    Among two speakers the probability is the logistic of their difference; among more, the softmax.
    """
    named = [turn for turn in turns if turn.speaker is not None]
    everybody = {turn.speaker for turn in named if turn.speaker is not None}
    scores = {name: lead_score(*compared(named, name, everybody)) / 2 for name in candidates}
    total = sum(math.exp(_bounded(score)) for score in scores.values())
    best = max(candidates, key=lambda name: scores[name])
    own, others = compared(named, best, everybody)
    alone = logistic(2 * scores[best]) if len(candidates) == 1 else math.exp(_bounded(scores[best])) / total
    room = room_of(named)
    return Lead(best, alone, logistic(therapy_score(own, room)), (*evidence_of(own, others), *room_evidence(own, room)))


def compared(turns: Sequence[Turn], name: str, everybody: Iterable[str]) -> tuple[Habits, Habits]:
    """Return the habits of one speaker, and those of all others together."""
    return habits_of(turns, [name]), habits_of(turns, set(everybody) - {name})


def lead_score(own: Habits, others: Habits) -> float:
    """Return the logit of leading: 0 when both talk alike, antisymmetric."""
    return sum(weight * (getattr(own, sign) - getattr(others, sign)) for sign, weight in LEAD_WEIGHTS.items())


def therapy_score(lead: Habits, room: Room) -> float:
    """Return the logit of the talk being a therapy session led by ``lead``."""
    values = {"echoes": min(lead.echoes, ECHO_CAP)} | {name: getattr(room, name) for name in THERAPY_WEIGHTS if name != "echoes"}
    return THERAPY_BIAS + sum(weight * values[name] for name, weight in THERAPY_WEIGHTS.items())


def evidence_of(own: Habits, others: Habits) -> tuple[dict[str, Any], ...]:
    """Return the signs of leading as numbers: this speaker's and the others'."""
    return tuple(
        {"sign": sign, "own": round(getattr(own, sign), 3), "others": round(getattr(others, sign), 3)}
        for sign in LEAD_WEIGHTS
    )


def room_evidence(lead: Habits, room: Room) -> tuple[dict[str, Any], ...]:
    """Return the signs of a therapy session as one number: its probability."""
    return ({"sign": "therapy", "own": round(logistic(therapy_score(lead, room)), 3)},)


def logistic(score: float) -> float:
    """Return 1 / (1 + e^-score), safe for large scores."""
    return 1 / (1 + math.exp(-_bounded(score)))


def _bounded(score: float) -> float:
    return max(-30.0, min(30.0, score))
