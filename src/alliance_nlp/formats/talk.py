"""Lines of talk, each with its speaker, → utterances with their times.

In: :class:`Line`: what a layout made of the lines of a text. Out: utterances in file order. Here stamps
inside the speech become times, named overlaps (noScribe's ``//S02: oui //``) become their speaker's, and
stamps that run backwards are left out with a notice, since typed times slip and the file's order does not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from alliance_nlp.formats.names import is_known_name, name_key
from alliance_nlp.formats.timestamps import INLINE, Times, cut_at_stamps, take_closing
from alliance_nlp.segmentation import Utterance, is_back_channel
from alliance_nlp.transcript import Notice

MAX_STEP_BACK_S = 5.0  # overlapping talk is typed a little out of order; more is a slip or a second recording

_OVERLAP_NAME = re.compile(r"\s*(?P<name>[^\s:/][^:/]{0,30}?)\s*:\s*(?P<text>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of talk: its 1-based number, who speaks, the text without name and stamp, the times."""

    number: int
    speaker: str | None
    text: str
    times: Times = Times()


def spoken(lines: Sequence[Line], names: Collection[str]) -> tuple[tuple[Utterance, ...], tuple[Notice, ...]]:
    """Return the utterances of ``lines`` in order, and what there is to say about their times."""
    known = {name_key(name): name for name in names}
    found: list[Utterance] = []
    waiting = Times()  # a stamp alone on its line belongs to what follows
    for line in lines:
        for piece in _pieces(line, known):
            times = Times(piece.start_s, piece.end_s).or_else(Times(waiting.start_s))
            waiting = Times() if piece.text else times
            if piece.text:
                found.append(replace(piece, start_s=times.start_s, end_s=times.end_s))
    if found and found[-1].end_s is None and waiting.start_s is not None:
        found[-1] = replace(found[-1], end_s=_not_before(found[-1].start_s, waiting.start_s))
    return _forward(_continued(found))


def _pieces(line: Line, known: dict[str, str]) -> Iterator[Utterance]:
    closed = take_closing(line.text)
    times = line.times.or_else(closed.times)
    stamped = cut_at_stamps(closed.text) if INLINE.search(closed.text) else None
    if stamped is None:
        yield from _with_overlaps(
            Utterance(line.speaker, closed.text, line.number, times.start_s, times.end_s), known
        )
        return
    last = len(stamped) - 1
    for place, piece in enumerate(stamped):
        own = piece.times.or_else(
            Times(times.start_s if place == 0 else None, times.end_s if place == last else None)
        )
        if place == 0 and not piece.text and own.start_s is None:
            continue  # the line begins with a stamp: nothing stands before it
        yield from _with_overlaps(
            Utterance(line.speaker, piece.text, line.number, own.start_s, own.end_s), known
        )


def _with_overlaps(utterance: Utterance, known: dict[str, str]) -> list[Utterance]:
    """Cut « … //S02: oui // … » at the named overlaps; a back-channel comes after the whole."""
    parts = utterance.text.split("//") if "//" in utterance.text else []
    if not any(_overlap(part, known) for part in parts):
        return [utterance]
    inside: list[Utterance] = []
    after: list[Utterance] = []
    for part in parts:
        overlap = _overlap(part, known)
        cut = overlap or replace(utterance, text=part.strip(), start_s=None, end_s=None)
        cut = replace(cut, line=utterance.line)
        if overlap is not None and is_back_channel(overlap.text):
            after.append(cut)
        elif cut.text:
            inside.append(cut)
    if inside:
        inside[0] = replace(inside[0], start_s=utterance.start_s)
        inside[-1] = replace(inside[-1], end_s=utterance.end_s)
    return inside + after


def _overlap(part: str, known: dict[str, str]) -> Utterance | None:
    match = _OVERLAP_NAME.match(part[:40])
    if match is None:
        return None
    key = name_key(match["name"])
    if key not in known and not is_known_name(match["name"]):
        return None
    return Utterance(known.get(key, match["name"]), part.partition(":")[2].strip())


# ---------------------------------------------------------------------------------------- times


def _continued(utterances: list[Utterance]) -> list[Utterance]:
    """Where only ends are stamped (f4), let each utterance begin where the one before it ends."""
    found = utterances[:1]
    for utterance in utterances[1:]:
        before = found[-1]
        if utterance.start_s is None and utterance.end_s is not None and before.end_s is not None:
            utterance = replace(utterance, start_s=min(before.end_s, utterance.end_s))
        found.append(utterance)
    return found


def _forward(utterances: Sequence[Utterance]) -> tuple[tuple[Utterance, ...], tuple[Notice, ...]]:
    """Leave out the times of utterances that step back, so that they stay where they were typed."""
    found: list[Utterance] = []
    notices: list[Notice] = []
    latest = 0.0
    for utterance in utterances:
        if utterance.start_s is not None and utterance.start_s < latest - MAX_STEP_BACK_S:
            notices = notices or [Notice("formats.times_backwards", line=utterance.line)]
            latest = utterance.start_s
            utterance = replace(utterance, start_s=None, end_s=None)
        latest = utterance.start_s if utterance.start_s is not None else latest
        found.append(utterance)
    return tuple(found), tuple(notices)


def _not_before(start_s: float | None, end_s: float) -> float | None:
    return None if start_s is not None and end_s < start_s else end_s
