"""What every word processor's document is made of: paragraphs of runs, and tables of paragraphs.

The readers of ``.docx``, ``.odt`` and ``.rtf`` give these; :mod:`alliance_nlp.formats.document_talk` makes talk of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """A run of characters in one type."""

    text: str
    is_bold: bool


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: its 1-based number in the document, those in tables included, and its runs."""

    number: int
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The paragraph's characters, a soft line break as ``\\n``."""
        return "".join(run.text for run in self.runs)


Cell = tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, each in its grid column: a cell that spans two columns is followed by an empty one."""

    rows: tuple[tuple[Cell, ...], ...]


Block = Paragraph | Table


def paragraphs_of(blocks: Iterable[Block]) -> Iterator[Paragraph]:
    """Yield the paragraphs of blocks, those of tables cell by cell."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block
        else:
            for row in block.rows:
                for cell in row:
                    yield from cell
