"""A session as one text, and its evidence one span at a time: what every export to a text annotation tool starts from.

In: a transcript.  Out: its text, one turn a line, with the place of every turn; its evidence with what it shows.
Offsets are code points throughout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alliance_nlp.segmentation import span_types
from alliance_nlp.transcript import Marker, Span, Transcript, Turn

NOBODY = "–"  # stands for the name of a speaker who is not known: the dash that opens a line of dialogue
AFTER_NAME = ": "


@dataclass(frozen=True, slots=True)
class PlacedTurn:
    """A turn in the text of its session: where its name begins and ends, where its own text begins and ends."""

    turn: Turn
    name_start: int
    name_end: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """A session's text and the place of its turns in it."""

    text: str
    turns: tuple[PlacedTurn, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One span of one marker with the types it shows; ``number`` is the marker's place in its turn.

    ``is_whole``: the marker has no span of its own, and ``span`` is the whole turn.
    """

    marker: Marker
    number: int
    span: Span
    types: tuple[str, ...]
    is_whole: bool = False


def lay_out(transcript: Transcript, *, with_names: bool) -> Page:
    """Return the session's text: a turn a line, with « P: » before it or not.  White space in a turn stays as it is."""
    parts: list[str] = []
    placed: list[PlacedTurn] = []
    place = 0
    for turn in transcript.turns:
        name = _name(turn) if with_names else ""
        opening = name + AFTER_NAME if with_names else ""
        start = place + len(opening)
        placed.append(PlacedTurn(turn, place, place + len(name), start, start + len(turn.text)))
        parts.append(opening + turn.text)
        place = start + len(turn.text) + 1  # the line end
    return Page("\n".join(parts), tuple(placed))


def _name(turn: Turn) -> str:
    return turn.speaker if turn.speaker and turn.speaker.strip() else NOBODY


def evidence_of(turn: Turn) -> Iterator[Evidence]:
    """Yield every evidence span of a turn, marker by marker; a marker without one takes the whole turn, if it has text."""
    for number, marker in enumerate(turn.markers):
        for span, types in zip(marker.spans, span_types(marker)):
            yield Evidence(marker, number, span, types)
        if not marker.spans and turn.text:
            yield Evidence(marker, number, Span(0, len(turn.text)), marker.types, is_whole=True)
