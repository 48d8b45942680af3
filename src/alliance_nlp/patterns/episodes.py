"""Rupture episodes, and the longest stretch without agreement.

A *rupture episode* opens at a turn that carries ``rupture`` and takes in every later turn with ``rupture`` or
``repair`` as long as each comes at most :data:`EPISODE_GAP` turns after the one before; it closes at the last
of them.  Its *outcome* says only what was marked: ``no_repair`` (no repair in it), ``repair`` (the last
marked turn carries a repair) or ``rupture_again`` (a repair, then a rupture that no repair follows).  A
repair with no episode before it (a tension recalled from an earlier session) opens none.

The idea of following a rupture to its resolution is that of the 3RS (Eubanks, Muran & Safran, 2015); that
system rates five-minute segments and sets no such window: the gap is this project's, stated wherever it
shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Turn

EPISODE_GAP = 10  # turns: about five exchanges, twice what an annotator may look ahead


class Outcome(str, Enum):
    """What was marked after a rupture; never a judgement on whether the alliance was restored."""

    NO_REPAIR = "no_repair"
    REPAIR = "repair"
    RUPTURE_AGAIN = "rupture_again"


@dataclass(frozen=True, slots=True)
class Episode:
    """One rupture episode: its turns' indices, its rupture types, its outcome.

    ``repair_delay`` is the number of turns from the first rupture to the first repair: 0 in the same turn
    (a withdrawal caught at once), None without a repair.
    """

    first: int
    last: int
    ruptures: tuple[int, ...]
    repairs: tuple[int, ...]
    types: tuple[str, ...]
    outcome: Outcome
    repair_delay: int | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of turns: first and last index, how many turns and words."""

    first: int
    last: int
    turns: int
    words: int


def find_episodes(turns: Sequence[Turn]) -> tuple[Episode, ...]:
    """Return the session's rupture episodes in order."""
    runs: list[list[Turn]] = []
    for turn in turns:
        if not turn.labels & {"rupture", "repair"}:
            continue
        if runs and turn.index - runs[-1][-1].index <= EPISODE_GAP:
            runs[-1].append(turn)
        elif "rupture" in turn.labels:
            runs.append([turn])
    return tuple(_episode(run) for run in runs)


def _episode(run: Sequence[Turn]) -> Episode:
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
    )


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
