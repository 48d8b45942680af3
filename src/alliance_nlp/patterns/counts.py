"""Counts by label, speaker and third of the session; where the markers come from.

In: turns.  Out: how many turns carry what; a turn counts once a label, however many markers of it there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alliance_nlp.labels import default_label_set
from alliance_nlp.patterns.talk import third_of
from alliance_nlp.transcript import Origin, Turn

Cells = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class LabelCount:
    """The turns that carry one label or rupture type.

    ``cells[speaker][third]`` counts them; ``turns`` lists their indices; ``per_100_turns`` is the density in
    the whole session, comparable between sessions of unequal length.
    """

    name: str
    turns: tuple[int, ...]
    cells: Cells
    per_100_turns: float

    @property
    def total(self) -> int:
        """How many turns carry it."""
        return len(self.turns)

    @property
    def by_speaker(self) -> tuple[int, ...]:
        """Turns by speaker, in the order of the session's talk."""
        return tuple(sum(row) for row in self.cells)

    @property
    def by_third(self) -> tuple[int, int, int]:
        """Turns by third of the session."""
        first, second, third = (sum(row[place] for row in self.cells) for place in range(3))
        return first, second, third


@dataclass(frozen=True, slots=True)
class OriginCount:
    """How many markers, on how many turns, one model or person gave."""

    origin: Origin
    markers: int
    turns: int


def count_labels(turns: Sequence[Turn], speakers: Sequence[str | None]) -> tuple[LabelCount, ...]:
    """Return one count for each label and type of the scheme, in its order (goal … rupture, withdrawal …)."""
    return tuple(_count(name, turns, speakers) for name in default_label_set().outputs)


def _count(name: str, turns: Sequence[Turn], speakers: Sequence[str | None]) -> LabelCount:
    carriers = [turn for turn in turns if name in turn.labels | turn.types]
    cells = [[0, 0, 0] for _ in speakers]
    for turn in carriers:
        cells[speakers.index(turn.speaker)][third_of(turn.index, len(turns))] += 1
    return LabelCount(
        name=name,
        turns=tuple(turn.index for turn in carriers),
        cells=tuple((row[0], row[1], row[2]) for row in cells),
        per_100_turns=100 * len(carriers) / len(turns) if turns else 0.0,
    )


def count_origins(turns: Sequence[Turn]) -> tuple[OriginCount, ...]:
    """Return who gave the markers, in order of kind, name and version."""
    found: dict[Origin, list[int]] = {}
    for turn in turns:
        for marker in turn.markers:
            found.setdefault(marker.origin, []).append(turn.index)
    ordered = sorted(found, key=lambda origin: (origin.kind.value, origin.name, origin.version or ""))
    return tuple(OriginCount(origin, len(found[origin]), len(set(found[origin]))) for origin in ordered)
