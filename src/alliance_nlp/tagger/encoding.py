"""Turns → token pieces.  A long turn becomes several pieces: nothing is cut off silently.

In: turns with roles.  Out: integer lists and the code points each token stands for.  No tensors here.  A piece may open with the
end of the turn before, so that the encoder reads an answer against what it answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alliance_nlp.tagger.tokens import Tokens
from alliance_nlp.transcript import Role, Transcript, Turn

ROLE_GROUPS = ("therapist", "patient_side", "other", "unknown")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of tokens of one turn, with the special tokens and the prefix around it.

    ``input_ids`` may hold, before its own ones, tokens of the turn before, which are read but never scored.  ``offsets`` has one
    entry per own token: the run of characters ``[start, end)`` of the turn's text, ``(0, 0)`` for special and prefix tokens.
    """

    turn: int
    input_ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]

    @property
    def own(self) -> slice:
        """Where the own tokens stand in ``input_ids``."""
        return slice(len(self.input_ids) - len(self.offsets), len(self.input_ids))


@dataclass(frozen=True, slots=True)
class EncodedSession:
    """Everything the model reads of a session: pieces, and per turn the role group and speaker number."""

    pieces: tuple[Piece, ...]
    roles: tuple[int, ...]
    speakers: tuple[int, ...]


def encode_session(
    transcript: Transcript,
    tokens: Tokens,
    *,
    prefix: str,
    max_tokens: int,
    previous_tokens: int = 0,
) -> EncodedSession:
    """Return the transcript as pieces of at most ``max_tokens`` tokens, special tokens included, of which the first
    ``previous_tokens`` at most come from the end of the turn before."""
    roles = {speaker.id: speaker.role for speaker in transcript.speakers}
    return EncodedSession(
        pieces=encode_turns(
            transcript.turns, tokens, prefix=prefix, max_tokens=max_tokens, previous_tokens=previous_tokens
        ),
        roles=tuple(role_group(roles.get(turn.speaker, Role.UNKNOWN)) for turn in transcript.turns),
        speakers=number_speakers(transcript.turns),
    )


def role_group(role: Role) -> int:
    """Return the index in ``ROLE_GROUPS`` of a role."""
    if role.is_patient_side:
        return 1
    return {Role.THERAPIST: 0, Role.OTHER: 2}.get(role, 3)


def number_speakers(turns: Sequence[Turn]) -> tuple[int, ...]:
    """Return a number per turn, equal for equal speakers; unnamed speakers count as all different."""
    seen: dict[object, int] = {}
    return tuple(
        seen.setdefault(turn.speaker if turn.speaker is not None else ("?", turn.index), len(seen)) for turn in turns
    )


def encode_turns(
    turns: Sequence[Turn],
    tokens: Tokens,
    *,
    prefix: str,
    max_tokens: int,
    previous_tokens: int = 0,
) -> tuple[Piece, ...]:
    """Return the turns' pieces in order; an empty turn still gives one piece."""
    if not turns:
        return ()
    (opening_tokens, *rows) = tokens([prefix, *(turn.text for turn in turns)])
    before = [tokens.cls_id, *opening_tokens.ids]
    room = max_tokens - len(before) - 1 - (previous_tokens + 1 if previous_tokens else 0)
    pieces = []
    for place, turn in enumerate(turns):
        ids, offsets = rows[place]
        heard = rows[place - 1].ids[-previous_tokens:] if place and previous_tokens else []
        heard = [tokens.cls_id, *heard] if heard else []
        opening = [tokens.sep_id, *before[1:]] if heard else before
        for start, end in even_cuts(len(ids), room):
            pieces.append(
                Piece(
                    turn=place,
                    input_ids=(*heard, *opening, *ids[start:end], tokens.sep_id),
                    offsets=(
                        *((0, 0),) * len(before),
                        *(trimmed(turn.text, *offset) for offset in offsets[start:end]),
                        (0, 0),
                    ),
                )
            )
    return tuple(pieces)


def even_cuts(length: int, room: int) -> list[tuple[int, int]]:
    """Cut ``length`` tokens into the fewest parts of at most ``room``, of nearly equal size.

    >>> even_cuts(5, 2)
    [(0, 2), (2, 4), (4, 5)]
    """
    parts = max(1, -(-length // room))
    size = -(-length // parts)
    return [(start, min(start + size, length)) for start in range(0, max(length, 1), max(size, 1))]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the offsets without surrounding white space (SentencePiece counts the space before a word in)."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end)
