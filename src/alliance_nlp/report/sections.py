"""One part of a corpus page: a drawing with its caption, the table behind it, and what must be said about it."""

from __future__ import annotations

from dataclasses import dataclass

from alliance_nlp.report.canvas import Drawing
from alliance_nlp.report.tables import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing ready for a paper: ``caption`` says what is drawn, of how much, and how."""

    drawing: Drawing
    caption: str

    @property
    def name(self) -> str:
        """The stem of its files."""
        return self.drawing.name


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part: ``notes`` are whole sentences, said before the drawing; ``remarks`` those said after the tables."""

    anchor: str
    title: str
    notes: tuple[str, ...] = ()
    figure: Figure | None = None
    tables: tuple[Table, ...] = ()
    remarks: tuple[str, ...] = ()
