"""Checked turns that were drawn by a plan, with the probability that each had of being taken.

In: the CSV of `review plan`.  Out: :class:`Sample`, what ``count_checked`` weighs checked turns by.  A sum of y / π over the planned
turns has the population's total as its expectation (Horvitz and Thompson, 1952, JASA 47, 663–685); with the machine's reading
of every turn beside it, it is the estimator of active statistical inference (Zrnic and Candès, 2024, arXiv 2403.03208), in
:mod:`alliance_nlp.statistics.prediction_powered`.

It holds only when all sessions of the plan are there, none besides, and every planned turn was read: anything else is refused,
for a turn that was left unread is not left at random.  A turn that somebody read outside the plan counts as unchecked.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from alliance_nlp.errors import ConfigError
from alliance_nlp.statistics.checks import checked_by_origin
from alliance_nlp.transcript import Transcript

POPULATION = "population"  # the reason in the row that names a session of the plan and its number of turns
NAMED = 3  # sessions that a refusal names


@dataclass(frozen=True, slots=True)
class Sample:
    """By session: its number of ``turns``, and by turn (0-based) the probability that the plan took it."""

    turns: Mapping[str, int]
    inclusion: Mapping[str, Mapping[int, float]]

    def chances(self, session: Transcript) -> Mapping[int, float]:
        """Return the probabilities of the session's planned turns."""
        return self.inclusion.get(session.session_id, {})

    def check(self, sessions: Iterable[Transcript]) -> None:
        """Raise ConfigError unless the sessions are those of the plan, as they were, and every planned turn was read."""
        found, waiting, where = set(), 0, []
        for session in sessions:
            if self.turns.get(session.session_id) != len(session.turns):
                raise ConfigError("statistics.plan_other_session", session=session.session_id)
            found.add(session.session_id)
            left = self.chances(session).keys() - set(checked_by_origin(session))
            waiting += len(left)
            where += [session.session_id] if left else []
        missing = [name for name in self.turns if name not in found]
        if missing:
            raise ConfigError("statistics.plan_missing", count=len(missing), sessions=named(missing))
        if waiting:
            raise ConfigError("statistics.plan_unread", count=waiting, sessions=named(where))


def named(sessions: list[str]) -> str:
    """Return the first few names of a list."""
    return ", ".join(sessions[:NAMED]) + ("…" if len(sessions) > NAMED else "")


def read_sample(path: Path) -> Sample:
    """Return the sample of a plan's CSV; ConfigError when it is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        turns = {row["session_id"]: int(row["turns"]) for row in rows if row["reason"] == POPULATION}
        inclusion: dict[str, dict[int, float]] = {name: {} for name in turns}
        for row in (row for row in rows if row["reason"] != POPULATION):
            inclusion[row["session_id"]][int(row["turn"])] = float(row["inclusion_probability"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError("statistics.bad_plan", file=path.name, detail=type(error).__name__) from error
    if not turns or not all(0 < p <= 1 for table in inclusion.values() for p in table.values()):
        raise ConfigError("statistics.bad_plan", file=path.name, detail="inclusion_probability")
    return Sample(turns, inclusion)
