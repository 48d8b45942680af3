"""Rupture episodes, and the longest stretch without agreement.

A *rupture episode* opens at a turn that carries ``rupture`` and takes in every later turn with ``rupture`` or
``repair`` as long as each comes at most :data:`EPISODE_GAP` turns after the one before; it closes at the last
of them.  An episode that has *come round* (a repair at or after its last rupture, then a turn of somebody other than a
therapist with ``goal``, ``task`` or ``bond`` and no rupture) takes in no further rupture: the next one opens its own.  Its *outcome* says only what was marked: ``no_repair`` (no repair in it), ``repair`` (the last
marked turn carries a repair) or ``rupture_again`` (a repair, then a rupture that no repair follows).  A
repair with no episode before it (a tension recalled from an earlier session) opens none.

*Before*: the marked turns among the :data:`BEFORE_TURNS` turns that lead to the first rupture.  *Return*: turns of
anybody but a therapist with ``goal``, ``task`` or ``bond``, from the first repair that follows the last rupture up to
:data:`RETURN_TURNS` turns after the last repair.  *Resolution* puts outcome and return together: ``resolved`` (it
ends with a repair, and agreement or bond returned), ``partly`` (a repair, then another rupture or no return marked)
or ``none`` (no repair).

The idea of following a rupture to its resolution, and of looking for renewed collaboration and bond after it, is that
of the 3RS (Eubanks, Muran & Safran, 2015, 2019; Safran & Muran, 2000); that system has trained raters judge
five-minute segments and sets no such windows: they are this project's, stated wherever they show.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Turn

EPISODE_GAP = 10  # turns: about five exchanges, twice what an annotator may look ahead
BEFORE_TURNS = 5  # what an annotator may look ahead, turned round: these turns were read together with the rupture
RETURN_TURNS = EPISODE_GAP  # a rupture within as many turns would have been part of the episode
RETURNED = frozenset({"goal", "task", "bond"})


class Outcome(str, Enum):
    """What was marked after a rupture; never a judgement on whether the alliance was restored."""

    NO_REPAIR = "no_repair"
    REPAIR = "repair"
    RUPTURE_AGAIN = "rupture_again"


class Resolution(str, Enum):
    """Whether agreement or bond was marked again after a repair; what was marked, not what was felt."""

    RESOLVED = "resolved"
    PARTLY = "partly"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Episode:
    """One rupture episode: its turns' indices, its rupture types, its outcome, what came before and what returned.

    ``repair_delay`` is the number of turns from the first rupture to the first repair: 0 in the same turn
    (a withdrawal caught at once), None without a repair.  ``turns_after`` counts the session's turns after it, at
    most :data:`RETURN_TURNS`: fewer means that the session ended before a return could be seen.
    """

    first: int
    last: int
    ruptures: tuple[int, ...]
    repairs: tuple[int, ...]
    types: tuple[str, ...]
    outcome: Outcome
    repair_delay: int | None
    before: tuple[int, ...] = ()
    returned: tuple[int, ...] = ()
    turns_after: int = RETURN_TURNS

    @property
    def resolution(self) -> Resolution:
        """Resolved, partly or none: see the module's definition."""
        if self.outcome is Outcome.NO_REPAIR:
            return Resolution.NONE
        return Resolution.RESOLVED if self.outcome is Outcome.REPAIR and self.returned else Resolution.PARTLY

    @property
    def cut_by_end(self) -> bool:
        """True when fewer turns than the return's window follow it."""
        return self.turns_after < RETURN_TURNS


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of turns: first and last index, how many turns and words."""

    first: int
    last: int
    turns: int
    words: int


def find_episodes(turns: Sequence[Turn], therapists: Collection[str] = ()) -> tuple[Episode, ...]:
    """Return the session's rupture episodes in order; ``therapists`` are the names whose turns show no return."""
    runs: list[list[Turn]] = []
    come_round = False
    for turn in turns:
        near = bool(runs) and turn.index - runs[-1][-1].index <= EPISODE_GAP
        if "rupture" in turn.labels and not (near and not come_round):
            runs.append([turn])
            come_round = False
        elif turn.labels & {"rupture", "repair"} and near:
            runs[-1].append(turn)
        if near and not come_round and _shows_return(turn, therapists):
            come_round = _ends_with_repair(runs[-1])
    return tuple(_episode(run, turns, therapists) for run in runs)


def _ends_with_repair(run: Sequence[Turn]) -> bool:
    repairs = [turn.index for turn in run if "repair" in turn.labels]
    return bool(repairs) and repairs[-1] >= max(turn.index for turn in run if "rupture" in turn.labels)


def _shows_return(turn: Turn, therapists: Collection[str]) -> bool:
    return bool(turn.labels & RETURNED) and "rupture" not in turn.labels and turn.speaker not in therapists


def _episode(run: Sequence[Turn], turns: Sequence[Turn], therapists: Collection[str]) -> Episode:
    ruptures = tuple(turn.index for turn in run if "rupture" in turn.labels)
    repairs = tuple(turn.index for turn in run if "repair" in turn.labels)
    found = {name for turn in run for name in turn.types}
    return Episode(
        first=run[0].index,
        last=run[-1].index,
        ruptures=ruptures,
        repairs=repairs,
        types=tuple(name for name in default_label_set().type_ids if name in found),
        outcome=_outcome(ruptures, repairs),
        repair_delay=repairs[0] - ruptures[0] if repairs else None,
        before=tuple(turn.index for turn in turns[max(run[0].index - BEFORE_TURNS, 0) : run[0].index] if turn.markers),
        returned=_returned(ruptures, repairs, turns, therapists),
        turns_after=min(len(turns) - 1 - run[-1].index, RETURN_TURNS),
    )


def _returned(
    ruptures: Sequence[int], repairs: Sequence[int], turns: Sequence[Turn], therapists: Collection[str]
) -> tuple[int, ...]:
    answering = [index for index in repairs if index >= ruptures[-1]]
    if not answering:
        return ()
    window = turns[answering[0] : answering[-1] + RETURN_TURNS + 1]
    return tuple(turn.index for turn in window if turn.labels & RETURNED and turn.speaker not in therapists)


def _outcome(ruptures: Sequence[int], repairs: Sequence[int]) -> Outcome:
    if not repairs:
        return Outcome.NO_REPAIR
    return Outcome.REPAIR if repairs[-1] >= ruptures[-1] else Outcome.RUPTURE_AGAIN


def repairs_outside(turns: Sequence[Turn], episodes: Sequence[Episode]) -> tuple[int, ...]:
    """Return the turns with a repair that belong to no episode."""
    inside = {index for episode in episodes for index in episode.repairs}
    return tuple(turn.index for turn in turns if "repair" in turn.labels and turn.index not in inside)


def longest_without(
    turns: Sequence[Turn], turn_words: Sequence[int], labels: frozenset[str]
) -> Stretch | None:
    """Return the longest run of turns with none of ``labels`` (the first of equal ones), None without any."""
    best: tuple[int, int] | None = None
    start: int | None = None
    for turn in turns:
        if turn.labels & labels:
            start = None
            continue
        start = turn.index if start is None else start
        if best is None or turn.index - start > best[1] - best[0]:
            best = (start, turn.index)
    if best is None:
        return None
    first, last = best
    return Stretch(first, last, last - first + 1, sum(turn_words[first : last + 1]))
