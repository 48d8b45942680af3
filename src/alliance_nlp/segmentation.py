"""From stretches of talk, as a file gives them, to the turns of a session.

In: utterances in file order, with or without speakers, times and markers.  Out: turns, numbered from 0, with
the markers' spans moved along.  Not done here: finding speakers in text (formats) and roles (speakers).

The rules, all of them:

1. **Order.** When every utterance has a start time they are put in order of it (equal times stay in file
   order). When one has none, nothing is moved.
2. **Back-channels.** A sound of listening (« hm hm », « mhm », « ah », « oh »; also « oui », « ouais »,
   unless what they fall in ends with a question) of one to three words, whose time lies wholly within an
   utterance of another speaker, does not cut that speaker's talk: it becomes the turn after it. Everything
   else that overlaps is simply put in order of its start.
3. **Turns.** What one speaker says in a row is one turn, its parts joined by one space.
4. **No speaker.** Talk without a speaker is one turn per utterance; timed parts of one unfinished sentence
   (pause of at most 1 s, at most 500 characters in all) are joined, so that cues cut mid-sentence are read
   as sentences and a file without speakers never becomes a single turn.
5. **Notes.** Transcriber's notes stay in the text. A note alone, without a speaker (« [silence 8 s] »),
   goes to the turn before it, or to the first turn when it opens the file.
6. Utterances without text vanish; nothing else is ever dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from typing import Any

from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Marker, Origin, Span, Turn

MAX_PAUSE_S = 1.0  # a longer silence inside a sentence without a speaker may hide a change of speaker
MAX_UNNAMED_CHARS = 500  # a spoken sentence rarely passes it; machine transcripts without full stops would
MAX_BACK_CHANNEL_WORDS = 3

SOUNDS = frozenset("hm hmm hmmm hum humhum hmhm mh mm mmm mmh mhm mhmm mmhm mmhmm ah oh".split())
ASSENTS = frozenset("oui ouais".split())

_NOTE_ALONE = re.compile(r"(?:(?:\[[^\[\]]{1,80}\]|\([^()]{1,80}\))[\s.…]*)+")
_UNFINISHED = re.compile(r"[^.!?…\s»\"”')\]][»\"”')\]\s]*$")
_QUESTION = re.compile(r"\?[\s»\"”')\]]*$")
_TURN_KEYS = frozenset(f.name for f in fields(Turn))


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of talk as a file gives it, before it becomes part of a turn.

    ``text`` is as typed (NFC, no surrounding white space); ``markers`` hold spans into it; ``line`` is the
    1-based line, cue, row or paragraph where it begins; times are seconds from the start of the recording.
    """

    speaker: str | None
    text: str
    line: int | None = None
    start_s: float | None = None
    end_s: float | None = None
    markers: tuple[Marker, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


def segment(utterances: Sequence[Utterance]) -> tuple[Turn, ...]:
    """Return the turns of a session, by the rules at the head of this module.

    >>> [turn.text for turn in segment([Utterance("P", "Je dors mal."), Utterance("P", "Très mal.")])]
    ['Je dors mal. Très mal.']
    """
    spoken = [utterance for utterance in utterances if utterance.text.strip()]
    placed = _after_the_talk(_in_time(spoken))
    return tuple(_turn(index, parts) for index, parts in enumerate(_runs(placed)))


def is_back_channel(text: str, *, assents: bool = True) -> bool:
    """True for one to three sounds of listening; ``assents``: whether « oui », « ouais » count among them.

    >>> is_back_channel("Hm hm."), is_back_channel("Oui, oui."), is_back_channel("D'accord.")
    (True, True, False)
    """
    if len(text) > 40:
        return False
    words = re.findall(r"[\w']+", text.casefold())
    known = SOUNDS | ASSENTS if assents else SOUNDS
    return 0 < len(words) <= MAX_BACK_CHANNEL_WORDS and all(word in known for word in words)


def is_note(text: str) -> bool:
    """True when ``text`` is nothing but transcriber's notes: « [rire] », « (silence 8 s) »."""
    return _NOTE_ALONE.fullmatch(text.strip()) is not None


# ---------------------------------------------------------------------------------------- order


def _in_time(utterances: list[Utterance]) -> list[Utterance]:
    if any(utterance.start_s is None for utterance in utterances):
        return utterances
    return sorted(utterances, key=lambda utterance: utterance.start_s or 0.0)


def _after_the_talk(utterances: list[Utterance]) -> list[Utterance]:
    """Put each back-channel behind the talk it falls in (rule 2)."""
    placed: list[Utterance] = []
    held: list[Utterance] = []  # back-channels waiting for the end of the talk they fell in
    floor: Utterance | None = None  # of the talk going on, the utterance that ends last
    for utterance in utterances:
        if floor is not None and _falls_in(utterance, floor):
            held.append(utterance)
            continue
        if utterance.speaker is None and is_note(utterance.text):
            placed.append(utterance)  # part of the talk going on, whoever listens
            continue
        if floor is None or utterance.speaker != floor.speaker:
            placed += held
            held, floor = [], utterance
        elif (utterance.end_s or 0.0) >= (floor.end_s or 0.0):
            floor = utterance
        placed.append(utterance)
    return placed + held


def _falls_in(utterance: Utterance, floor: Utterance) -> bool:
    if None in (utterance.speaker, floor.speaker) or utterance.speaker == floor.speaker:
        return False
    times = [floor.start_s, utterance.start_s, utterance.end_s, floor.end_s]
    known = [time for time in times if time is not None]
    if len(known) < len(times) or known != sorted(known):
        return False
    return is_back_channel(utterance.text, assents=not _QUESTION.search(floor.text[-40:]))


# ---------------------------------------------------------------------------------------- joining


def _runs(utterances: list[Utterance]) -> list[list[Utterance]]:
    """Group utterances into turns (rules 3 to 5)."""
    runs: list[list[Utterance]] = []
    size = 0  # characters of the run going on
    for utterance in utterances:
        if runs and _joins(runs[-1], utterance, size):
            runs[-1].append(utterance)
            size += len(utterance.text)
        else:
            runs.append([utterance])
            size = len(utterance.text)
    return runs


def _joins(run: list[Utterance], utterance: Utterance, size: int) -> bool:
    if utterance.speaker is None and is_note(utterance.text):
        return True
    last = run[-1]
    if all(part.speaker is None and is_note(part.text) for part in run):
        return True  # notes that open the file belong to the first turn
    speaker = _speaker(run)
    if speaker is not None or utterance.speaker is not None:
        return speaker == utterance.speaker
    if last.end_s is None or utterance.start_s is None:
        return False
    short = size + len(utterance.text) <= MAX_UNNAMED_CHARS
    return (
        short and utterance.start_s - last.end_s <= MAX_PAUSE_S and bool(_UNFINISHED.search(last.text[-40:]))
    )


def _speaker(parts: list[Utterance]) -> str | None:
    return next((part.speaker for part in parts if part.speaker is not None), None)


def _turn(index: int, parts: list[Utterance]) -> Turn:
    ends = [part.end_s for part in parts if part.end_s is not None]
    return Turn(
        index=index,
        speaker=_speaker(parts),
        text=" ".join(part.text for part in parts),
        start_s=next((part.start_s for part in parts if part.start_s is not None), None),
        end_s=max(ends, default=None),
        line=parts[0].line,
        markers=_markers(parts),
        extra=_extra(parts),
    )


def _markers(parts: list[Utterance]) -> tuple[Marker, ...]:
    """Move the parts' markers to their place in the turn."""
    moved: list[Marker] = []
    offset = 0
    for part in parts:
        for marker in part.markers:
            spans = tuple(Span(span.start + offset, span.end + offset) for span in marker.spans)
            moved.append(replace(marker, spans=spans))
        offset += len(part.text) + 1  # the joining space
    return merge_markers(moved)


def _extra(parts: list[Utterance]) -> dict[str, Any]:
    """Join what else the file said of the parts: one value when they agree, the list of values when not."""
    values: dict[str, list[Any]] = {}
    for key, value in chain.from_iterable(part.extra.items() for part in parts):
        # A column named like a field of the turn must not take its place in the record.
        known = values.setdefault(f"source_{key}" if key in _TURN_KEYS else key, [])
        known.append(value)
    return {key: found[0] if all(v == found[0] for v in found) else found for key, found in values.items()}


# ---------------------------------------------------------------------------------------- markers


def merge_markers(markers: Sequence[Marker]) -> tuple[Marker, ...]:
    """Return one marker per label and origin, in the scheme's order, with all spans in order of place.

    A rupture of both types says in ``extra["span_types"]`` which of its spans shows which type.
    """
    groups: dict[tuple[str, Origin], list[Marker]] = {}
    for marker in markers:
        groups.setdefault((marker.label, marker.origin), []).append(marker)
    order = default_label_set().ids
    merged = [group[0] if len(group) == 1 else _union(group) for group in groups.values()]
    return tuple(sorted(merged, key=lambda marker: order.index(marker.label)))


def span_types(marker: Marker) -> list[tuple[str, ...]]:
    """Return the types that each span of ``marker`` shows; all of the marker's when it does not say."""
    given = marker.extra.get("span_types")
    if isinstance(given, list) and len(given) == len(marker.spans):
        return [tuple(types) for types in given]
    return [marker.types for _ in marker.spans]


def _union(group: Sequence[Marker]) -> Marker:
    scheme = default_label_set().type_ids
    shown: dict[Span, set[str]] = {}
    for marker in group:
        for span, types in zip(marker.spans, span_types(marker)):
            shown.setdefault(span, set()).update(types)
    types = tuple(kind for kind in scheme if any(kind in marker.types for marker in group))
    extra = {key: value for marker in group for key, value in marker.extra.items()}
    spans = tuple(sorted(shown))
    if len(types) > 1:
        extra["span_types"] = [[kind for kind in types if kind in shown[span]] for span in spans]
    probabilities = [marker.probability for marker in group if marker.probability is not None]
    return replace(
        group[0], types=types, spans=spans, extra=extra, probability=max(probabilities, default=None)
    )
