"""Transcripts → training examples: chunks of a session with targets, and the changes that make the tagger sturdy.

A chunk holds some turns of context that are read but not scored, then the turns to score.  Turn targets are
0/1 per output; token targets are 0/1 per label on the tokens of turns that carry it.  On a turn that nobody reviewed
(``reviewed.UNREAD``) only what a person marked is known: the rest is masked, neither learnt as present nor as absent.
"""

from __future__ import annotations

import dataclasses
import random
import re
from dataclasses import dataclass

import torch
from torch import Tensor

from alliance_nlp.tagger.encoding import EncodedSession
from alliance_nlp.training.reviewed import is_unread
from alliance_nlp.transcript import Marker, Role, Span, Speaker, Transcript, Turn

PUNCTUATION = re.compile(r"\[[^\]]*\]|[.,;:!?…«»\"()—–]")
SLIPS = (("ne ", ""), ("c'est", "sait"), ("ces ", "ses "), ("et ", "est "), ("à ", "a "), ("peux", "peut"), ("ai ", "et "))
SLIP_SHARE = 0.06  # share of the places where a slip could be that get one


@dataclass(frozen=True, slots=True)
class Chunk:
    """Turns ``[start, end)`` of a session are read, ``[scored, end)`` are scored."""

    transcript: Transcript
    start: int
    scored: int
    end: int


def cut_chunks(transcript: Transcript, *, chunk_turns: int, context_turns: int, offset: int) -> list[Chunk]:
    """Cut a session into chunks; ``offset`` (turns) moves the borders from one epoch to the next."""
    total = len(transcript.turns)
    borders = sorted({0, *range(offset, total, chunk_turns), total})
    return [Chunk(transcript, max(0, a - context_turns), a, b) for a, b in zip(borders, borders[1:], strict=False)]


def chunk_transcript(chunk: Chunk) -> Transcript:
    """Return the chunk's turns as a transcript of its own, numbered from 0."""
    turns = chunk.transcript.turns[chunk.start : chunk.end]
    numbered = tuple(dataclasses.replace(turn, index=place) for place, turn in enumerate(turns))
    return dataclasses.replace(chunk.transcript, turns=numbered)


def teaches(chunk: Chunk) -> bool:
    """True when something is known of a turn that the chunk scores."""
    return any(turn.markers or not is_unread(turn) for turn in chunk.transcript.turns[chunk.scored : chunk.end])


def hide_roles(transcript: Transcript) -> Transcript:
    """Return the transcript with every role unknown."""
    speakers = tuple(dataclasses.replace(speaker, role=Role.UNKNOWN) for speaker in transcript.speakers)
    return dataclasses.replace(transcript, speakers=speakers)


def shuffle_roles(transcript: Transcript, rng: random.Random) -> Transcript:
    """Give the speakers of ordinary talk roles by chance: that it is no therapy must show in what is said."""
    choices = [Role.THERAPIST, Role.PATIENT, Role.UNKNOWN, Role.OTHER]
    speakers = tuple(Speaker(s.id, rng.choice(choices), s.extra) for s in transcript.speakers)
    return dataclasses.replace(transcript, speakers=speakers)


def as_recognised(turn: Turn, rng: random.Random) -> Turn:
    """Return the turn as a speech recogniser may write it: lower case, no punctuation, some slips; spans follow."""
    edits = [(m.start(), m.end(), "") for m in PUNCTUATION.finditer(turn.text)]
    for heard, written in SLIPS:
        for match in re.finditer(r"\b" + heard, turn.text):
            if rng.random() < SLIP_SHARE:
                edits.append((match.start(), match.end(), written))
    return edit_turn(turn, edits)


def edit_turn(turn: Turn, edits: list[tuple[int, int, str]]) -> Turn:
    """Return the turn in lower case with runs replaced; each span keeps the characters that are left of it."""
    text, moved, at = [], [0] * (len(turn.text) + 1), 0
    for start, end, written in sorted(edits):
        if start < at:  # two edits met: the first one stands
            continue
        for place in range(at, start):
            moved[place] = sum(map(len, text)) + place - at
        text.append(turn.text[at:start])
        before = sum(map(len, text))
        text.append(written)
        for place in range(start, end):
            moved[place] = before
        at = end
    base = sum(map(len, text))
    for place in range(at, len(turn.text) + 1):
        moved[place] = base + place - at
    result = ("".join(text) + turn.text[at:]).lower()
    if not result.strip() or len(result) != moved[-1]:
        return turn
    markers = tuple(move_marker(marker, moved) for marker in turn.markers)
    if any(not marker.spans for marker in markers):
        return turn
    return dataclasses.replace(turn, text=result, markers=markers)


def move_marker(marker: Marker, moved: list[int]) -> Marker:
    """Return the marker with its spans moved, those that vanished left out."""
    places = [(moved[span.start], moved[span.end]) for span in marker.spans]
    return dataclasses.replace(marker, spans=tuple(Span(a, b) for a, b in places if a < b))


def augment(transcript: Transcript, rng: random.Random, *, hidden: float, noise: float) -> Transcript:
    """Return the transcript as one epoch shows it."""
    if transcript.metadata.get("therapy") is False:
        transcript = shuffle_roles(transcript, rng)
    if rng.random() < hidden:
        transcript = hide_roles(transcript)
    if rng.random() < noise:
        turns = tuple(as_recognised(turn, rng) for turn in transcript.turns)
        transcript = dataclasses.replace(transcript, turns=turns)
    return transcript


def turn_targets(transcript: Transcript, outputs: tuple[str, ...]) -> Tensor:
    """Return 0/1 targets (turns, outputs)."""
    rows = [[float(name in turn.labels or name in turn.types) for name in outputs] for turn in transcript.turns]
    return torch.tensor(rows).reshape(len(rows), len(outputs))


def known_targets(transcript: Transcript, outputs: tuple[str, ...]) -> Tensor:
    """Return (turns, outputs), True where the target is known: everywhere but on turns that nobody reviewed, and there where marked."""
    unread = torch.tensor([is_unread(turn) for turn in transcript.turns], dtype=torch.bool)
    return ~unread[:, None] | (turn_targets(transcript, outputs) > 0)


def token_targets(transcript: Transcript, session: EncodedSession, piece: int, labels: tuple[str, ...]) -> Tensor:
    """Return targets (tokens, labels) of one piece: 1 on evidence, 0 beside it, -1 where nothing is to be learnt."""
    ids = session.pieces[piece]
    markers = transcript.turns[ids.turn].markers
    target = torch.full((len(ids.offsets), len(labels)), -1.0)
    for marker in (marker for marker in markers if marker.spans):  # words that a changed transcript lost teach nothing
        column = labels.index(marker.label)
        for row, (start, end) in enumerate(ids.offsets):
            if end > start:
                inside = any(span.start < end and start < span.end for span in marker.spans)
                target[row, column] = max(float(inside), float(target[row, column]))
    return target
