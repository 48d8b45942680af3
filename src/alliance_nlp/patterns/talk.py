"""Who spoke how much: words, shares, thirds and duration of a session.

In: turns.  Out: numbers.  Left out: overlaps and pauses (times are used only as the file gives them).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from alliance_nlp.transcript import Role, Transcript, Turn

# Square brackets always hold a note or a placeholder; round ones only when they open with a usual note's
# word, since people also talk in asides.  No nested repetition: linear on any text.
NOTE = re.compile(
    r"\[([^\[\]]*)\]"
    r"|\((?:(?:long(?:ue)?|petite?|bref|brève)\s)?(?:silence|pause|rires?|sourire|soupirs?|souffle|pleurs?|sanglots?"
    r"|toux|tousse|rit|soupire|pleure|inaudible|incompréhensible|chevauchement|bruits?)\b[^()]*\)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SpeakerTalk:
    """One speaker's part.  Shares lie in [0, 1]; ``speech_s`` is None unless all their turns have times."""

    speaker: str | None
    role: Role
    turns: int
    words: int
    turn_share: float
    word_share: float
    longest_words: int
    speech_s: float | None


@dataclass(frozen=True, slots=True)
class Third:
    """One third of a session: ``first`` and ``last`` turn, both None when it has no turn."""

    number: int
    first: int | None
    last: int | None
    turns: int
    words: int


def count_words(text: str) -> int:
    """Return the number of words, transcriber's notes left out and a placeholder counted as one.

    >>> count_words("Bonjour [PRÉNOM], [rire] asseyez-vous (silence 8 s) là.")
    4
    """
    spoken = NOTE.sub(_said, text)
    return sum(any(character.isalnum() for character in token) for token in spoken.split())


def _said(note: re.Match[str]) -> str:
    inside = note.group(1) or ""
    return "X" if inside.isupper() else " "


def share_talk(transcript: Transcript, turn_words: Sequence[int]) -> tuple[SpeakerTalk, ...]:
    """Return each speaker's part, in the record's order; turns without a speaker, if any, come last."""
    roles: dict[str | None, Role] = {speaker.id: speaker.role for speaker in transcript.speakers}
    if any(turn.speaker is None for turn in transcript.turns):
        roles[None] = Role.UNKNOWN
    total = sum(turn_words)
    return tuple(_part(speaker, role, transcript.turns, turn_words, total) for speaker, role in roles.items())


def _part(
    speaker: str | None, role: Role, turns: Sequence[Turn], turn_words: Sequence[int], total: int
) -> SpeakerTalk:
    own = [turn for turn in turns if turn.speaker == speaker]
    words = [turn_words[turn.index] for turn in own]
    spans = [turn.end_s - turn.start_s for turn in own if turn.start_s is not None and turn.end_s is not None]
    return SpeakerTalk(
        speaker=speaker,
        role=role,
        turns=len(own),
        words=sum(words),
        turn_share=len(own) / len(turns) if turns else 0.0,
        word_share=sum(words) / total if total else 0.0,
        longest_words=max(words, default=0),
        speech_s=sum(spans) if own and len(spans) == len(own) else None,
    )


def third_of(index: int, turns: int) -> int:
    """Return 0, 1 or 2: the third in which turn ``index`` of ``turns`` lies."""
    return 3 * index // turns


def cut_into_thirds(turn_words: Sequence[int]) -> tuple[Third, Third, Third]:
    """Return the three thirds of a session of ``len(turn_words)`` turns."""
    members: tuple[list[int], list[int], list[int]] = ([], [], [])
    for index in range(len(turn_words)):
        members[third_of(index, len(turn_words))].append(index)
    first, second, third = (
        Third(
            number=place + 1,
            first=own[0] if own else None,
            last=own[-1] if own else None,
            turns=len(own),
            words=sum(turn_words[index] for index in own),
        )
        for place, own in enumerate(members)
    )
    return first, second, third


def duration_s(turns: Sequence[Turn]) -> float | None:
    """Return the seconds from the first known time to the last, None when the file gives no two times."""
    times = [time for turn in turns for time in (turn.start_s, turn.end_s) if time is not None]
    return max(times) - min(times) if len(times) > 1 else None
