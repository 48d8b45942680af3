"""The times of turns as ELAN needs them: whole milliseconds, none missing, none overlapping within a tier.

In: turns, with or without times.  Out: :class:`Times`.  What is made up is counted; the true times travel beside
(``exports/elan.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alliance_nlp.transcript import Turn

MS_PER_CHAR = 65  # about 15 characters a second: French conversation, roughly
MIN_MS = 1000  # long enough to be seen and clicked
MAX_MS = 10**12  # beyond thirty years it is no time


@dataclass(frozen=True, slots=True)
class Times:
    """Begin and end of each turn by its index; how many turns had no begin; whether none had one."""

    of: Mapping[int, tuple[int, int]]
    made_up: int
    timeless: bool

    @property
    def whole(self) -> tuple[int, int]:
        """The begin of the first turn and the end of the last."""
        return (min(begin for begin, _ in self.of.values()), max(end for _, end in self.of.values()))


def tier_times(turns: Sequence[Turn]) -> Times:
    """Return begin and end of every turn, in milliseconds.

    A turn without a begin stands between its neighbours; one without an end lasts until the next turn of the session
    begins, or as long as its text takes to say.  Within a speaker's tier nothing overlaps.
    """
    starts = _starts(turns)
    ends = _ends(turns, starts)
    found: dict[int, tuple[int, int]] = {}
    for speaker in {turn.speaker for turn in turns}:
        own = sorted((turn for turn in turns if turn.speaker == speaker), key=lambda turn: (starts[turn.index], turn.index))
        free = 0
        for place, turn in enumerate(own):
            begin = max(starts[turn.index], free)
            following = starts[own[place + 1].index] if place + 1 < len(own) else MAX_MS * 2
            end = min(ends[turn.index], following) if following > begin else ends[turn.index]
            free = max(end, begin + 1)
            found[turn.index] = (begin, free)
    missing = sum(_ms(turn.start_s) is None for turn in turns)
    return Times(found, missing, bool(turns) and missing == len(turns))


def _ms(seconds: float | None) -> int | None:
    if seconds is None or not 0 <= seconds * 1000 < MAX_MS:
        return None
    return round(seconds * 1000)


def _length(turn: Turn) -> int:
    return max(MIN_MS, MS_PER_CHAR * len(turn.text))


def _starts(turns: Sequence[Turn]) -> list[int]:
    """Return a begin for every turn: its own; else, in a gap, evenly between the turns around it."""
    own = [_ms(turn.start_s) for turn in turns]
    starts: list[int] = []
    free = 0
    for place, turn in enumerate(turns):
        begin = own[place]
        if begin is None:
            ahead = next((p for p in range(place, len(own)) if own[p] is not None), None)
            limit = own[ahead] if ahead is not None else None
            step = _length(turns[place - 1]) if place else 0
            begin = free + step if place else 0
            if limit is not None and ahead is not None:
                begin = min(begin, free + max(limit - free, 0) * (1 if place else 0) // (ahead - place + 1))
        starts.append(begin)
        free = begin
    return starts


def _ends(turns: Sequence[Turn], starts: Sequence[int]) -> list[int]:
    """Return an end for every turn: its own; else the begin of the next turn, else as long as its text takes."""
    ends = []
    for place, turn in enumerate(turns):
        own = _ms(turn.end_s)
        following = starts[place + 1] if place + 1 < len(turns) and starts[place + 1] > starts[place] else None
        spoken = starts[place] + _length(turn)
        ends.append(own if own is not None and own >= starts[place] else min(spoken, following or spoken))
    return ends
