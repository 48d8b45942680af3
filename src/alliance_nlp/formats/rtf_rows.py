"""Paragraphs, cells and rows, as they come in an RTF file → the blocks of a document.

In: paragraphs, and where cells and rows end.  Out: paragraphs and tables in order, each cell in the column of the grid
that its left edge shows: a cell that spans two columns is followed by an empty one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from alliance_nlp.formats.document import Block, Cell, Paragraph, Table

_SAME_EDGE = 60  # twips (1/20 pt): programs round the edges of one column differently from row to row
_MAX_COLUMNS = 64


@dataclass(slots=True)
class Grid:
    """The blocks read so far, and the table that is being read; ``edges`` are the right edges of the row's cells."""

    blocks: list[Block] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    rows: list[tuple[tuple[Cell, ...], tuple[int, ...]]] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    waiting: list[Paragraph] = field(default_factory=list)  # paragraphs of the cell being read

    def add(self, paragraph: Paragraph, *, in_table: bool) -> None:
        """Take in a paragraph, of the cell being read or of the text."""
        if in_table:
            self.waiting.append(paragraph)
            return
        self._end_table()
        self.blocks.append(paragraph)

    def end_cell(self, paragraph: Paragraph) -> None:
        """End a cell with its last paragraph."""
        self.cells.append((*self.waiting, paragraph))
        self.waiting = []

    def end_row(self) -> None:
        """End a row."""
        if self.cells:
            self.rows.append((tuple(self.cells), tuple(self.edges[: len(self.cells)])))
        self.cells = []

    def finish(self) -> list[Block]:
        """Return all blocks; cells whose row the file does not end are kept as paragraphs."""
        self._end_table()
        return self.blocks

    def _end_table(self) -> None:
        if self.rows:
            self.blocks.append(Table(_aligned(self.rows)))
        self.blocks += [paragraph for cell in self.cells for paragraph in cell]
        self.blocks += self.waiting
        self.rows, self.cells, self.waiting = [], [], []


def _aligned(rows: Sequence[tuple[tuple[Cell, ...], tuple[int, ...]]]) -> tuple[tuple[Cell, ...], ...]:
    widths = {len(cells) for cells, _ in rows}
    grid = max((edges for _, edges in rows), key=len, default=())
    if len(widths) == 1 or any(list(edges) != sorted(edges) for _, edges in rows):
        return tuple(cells for cells, _ in rows)
    return tuple(_placed(cells, edges, grid) for cells, edges in rows)


def _placed(cells: Sequence[Cell], edges: Sequence[int], grid: Sequence[int]) -> tuple[Cell, ...]:
    placed: list[Cell] = []
    for cell, left in zip(cells, (None, *edges)):
        column = 0 if left is None else bisect_right(grid, left + _SAME_EDGE)
        placed += [()] * (min(column, _MAX_COLUMNS) - len(placed))
        placed.append(cell)
    return tuple(placed)
