"""Bond after repair: how often bond is marked shortly after a repair, and how often elsewhere.

In: turns.  Out: :class:`BondAfterRepair`: turns and counts.  A turn lies *after a repair* when one of the
:data:`WINDOW` turns before it carries ``repair``; every other turn lies *elsewhere*, a repair's own turn too unless
another repair came shortly before.  The two densities are set side by side, as in lag analysis (Bakeman & Quera,
2011, *Sequential Analysis and Observational Methods*, chapter 7), without a test: a session holds too few such turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alliance_nlp.patterns.episodes import RETURN_TURNS
from alliance_nlp.transcript import Turn

WINDOW = RETURN_TURNS  # turns: the same as for the return of agreement or bond after an episode


@dataclass(frozen=True, slots=True)
class BondAfterRepair:
    """``repairs`` and ``bonds`` (those after a repair) are turn indices; the others are numbers of turns."""

    repairs: tuple[int, ...]
    bonds: tuple[int, ...]
    turns_after: int
    bonds_elsewhere: int
    turns_elsewhere: int

    @property
    def after_per_100(self) -> float | None:
        """Bond turns in 100 turns after a repair; None when there is no such turn."""
        return 100 * len(self.bonds) / self.turns_after if self.turns_after else None

    @property
    def elsewhere_per_100(self) -> float | None:
        """Bond turns in 100 other turns; None when there is no other turn."""
        return 100 * self.bonds_elsewhere / self.turns_elsewhere if self.turns_elsewhere else None


def bond_after_repair(turns: Sequence[Turn]) -> BondAfterRepair:
    """Return how bond is marked after a repair and elsewhere."""
    repairs = tuple(turn.index for turn in turns if "repair" in turn.labels)
    after = {index for repair in repairs for index in range(repair + 1, min(repair + WINDOW + 1, len(turns)))}
    bonds = [turn.index for turn in turns if "bond" in turn.labels]
    near = tuple(index for index in bonds if index in after)
    return BondAfterRepair(repairs, near, len(after), len(bonds) - len(near), len(turns) - len(after))
