"""The body of a Word document → paragraphs and tables of plain runs, as the printed page shows them.

In: the open package of a ``.docx``.  Out: :class:`Body`.  The XML is walked directly, without python-docx,
which reads neither tracked insertions nor content controls as text.  Insertions and moved text are read where
they now stand; deletions are not.  Left out: comments, headers, footers, notes, text boxes and hidden text.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.document import Block, Cell, Paragraph, Run, Table, paragraphs_of
from alliance_nlp.formats.docx_look import (
    SUFFIX,
    Look,
    bold_setting,
    child_of,
    is_on,
    local_name,
    read_look,
    value_of,
)
from alliance_nlp.formats.package import parse_part

# What the page does not show as running text, or shows a second time.
_SKIPPED = frozenset({
    "del", "moveFrom", "delText", "instrText", "delInstrText", "rPr", "pPr", "sdtPr", "tblPr", "tcPr", "trPr",
    "drawing", "pict", "object", "txbxContent", "Choice", "rt", "sectPr", "footnoteReference",
    "endnoteReference", "annotationRef",
})  # fmt: skip
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# The smileys and arrows that Word itself puts in the place of ":)" and "-->".
_WINGDINGS = {"4A": "☺", "4B": "😐", "4C": "☹", "DF": "←", "E0": "→", "E7": "←", "E8": "→", "F3": "↔"}


@dataclass(frozen=True, slots=True)
class Body:
    """The blocks of a document in their order, and how many text boxes and notes were left out."""

    blocks: tuple[Block, ...]
    text_boxes: int = 0
    notes: int = 0


@dataclass(slots=True)
class Walk:
    """A walk through one document: its look, and the number of the paragraph last read."""

    look: Look
    number: int = 0
    open_runs: list[Run] = field(default_factory=list)  # of a paragraph whose end was deleted


def read_body(package: zipfile.ZipFile, name: str) -> Body:
    """Return the document's body; TranscriptFormatError when the package holds no Word document."""
    main = _main_part(package, name)
    root = parse_part(package, main, name, suffix=SUFFIX)
    body = child_of(root, "body")
    if local_name(root) != "document" or body is None:
        raise TranscriptFormatError("files.not_office", file=name, suffix=SUFFIX)
    walk = Walk(read_look(package, posixpath.dirname(main), name))
    blocks = tuple(_all_blocks(body, walk))
    notes = sum(1 for _ in body.iter("{*}footnoteReference", "{*}endnoteReference"))
    return Body(blocks, text_boxes=_text_boxes(body), notes=notes)


def _text_boxes(body: etree._Element) -> int:
    """Return the number of text boxes with text; Word writes each a second time for older programs."""
    boxes = {box for box in body.iter("{*}txbxContent") if "".join(map(str, box.itertext("{*}t"))).strip()}
    copies = {box for fallback in body.iter("{*}Fallback") for box in fallback.iter("{*}txbxContent")}
    return len(boxes - copies)


# ---------------------------------------------------------------------------------------- parts


def _main_part(package: zipfile.ZipFile, name: str) -> str:
    """Return the path of the main part, which some programs do not call ``word/document.xml``."""
    parts = set(package.namelist())
    if "_rels/.rels" in parts:
        for relation in parse_part(package, "_rels/.rels", name, suffix=SUFFIX):
            target = (relation.get("Target") or "").lstrip("/")
            if (relation.get("Type") or "").endswith("/officeDocument") and target in parts:
                return target
    if "word/document.xml" not in parts:
        raise TranscriptFormatError("files.not_office", file=name, suffix=SUFFIX)
    return "word/document.xml"


# ---------------------------------------------------------------------------------------- blocks


def _all_blocks(parent: etree._Element, walk: Walk) -> Iterator[Block]:
    """Yield the blocks of the body or of a cell, also the last paragraph's text when its end was deleted."""
    yield from _blocks(parent, walk)
    if walk.open_runs:
        yield Paragraph(walk.number, tuple(walk.open_runs))
        walk.open_runs = []


def _blocks(parent: etree._Element, walk: Walk) -> Iterator[Block]:
    for child in _shown_children(parent):
        kind = local_name(child)
        if kind == "p":
            yield from _paragraph(child, walk)
        elif kind == "tbl":
            yield Table(tuple(_row(row, walk) for row in _rows(child) if not _is_deleted(row, "trPr")))
        else:  # content controls, insertions, smart tags: what they hold
            yield from _blocks(child, walk)


def _paragraph(element: etree._Element, walk: Walk) -> Iterator[Paragraph]:
    """Yield the paragraph; nothing when its end was deleted: then it goes on in the next one."""
    properties = child_of(element, "pPr")
    is_bold = value_of(child_of(properties, "pStyle"), "val") in walk.look.bold_styles
    runs = [*walk.open_runs, *_runs(element, walk.look, is_bold)]
    walk.open_runs = []
    walk.number += 1
    mark = child_of(properties, "rPr")
    if child_of(mark, "del") is not None or child_of(mark, "moveFrom") is not None:
        walk.open_runs = runs
        return
    if runs and _has_dash(properties, walk.look):
        runs.insert(0, Run("– ", is_bold=False))
    yield Paragraph(walk.number, tuple(runs))


def _has_dash(properties: etree._Element | None, look: Look) -> bool:
    numbering = child_of(properties, "numPr")
    level = value_of(child_of(numbering, "ilvl"), "val") or "0"
    return (value_of(child_of(numbering, "numId"), "val"), level) in look.dash_levels


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in _shown_children(table):
        if local_name(child) == "tr":
            yield child
        else:
            yield from _rows(child)


def _row(row: etree._Element, walk: Walk) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for cell in _cells(row):
        properties = child_of(cell, "tcPr")
        span = value_of(child_of(properties, "gridSpan"), "val")
        deleted = child_of(properties, "cellDel") is not None
        cells.append(() if deleted else tuple(paragraphs_of(_all_blocks(cell, walk))))
        cells.extend(() for _ in range(min(int(span), 64) - 1 if span.isdecimal() else 0))
    return tuple(cells)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for child in _shown_children(row):
        if local_name(child) == "tc":
            yield child
        else:
            yield from _cells(child)


def _is_deleted(element: etree._Element, properties: str) -> bool:
    return child_of(child_of(element, properties), "del") is not None


# ---------------------------------------------------------------------------------------- runs


def _runs(element: etree._Element, look: Look, is_bold: bool) -> Iterator[Run]:
    for child in _shown_children(element):
        if local_name(child) != "r":
            yield from _runs(child, look, is_bold)
            continue
        properties = child_of(child, "rPr")
        if is_on(child_of(properties, "vanish")):
            continue
        if text := "".join(_run_text(child)):
            yield Run(text, _is_bold(properties, look, is_bold))


def _run_text(run: etree._Element) -> Iterator[str]:
    for child in _shown_children(run):
        kind = local_name(child)
        if kind == "t":
            yield child.text or ""
        elif kind == "sym":
            yield _WINGDINGS.get(value_of(child, "char")[-2:].upper(), "")
        elif kind in _CHARACTERS:
            yield _CHARACTERS[kind]
        else:
            yield from _run_text(child)


def _is_bold(properties: etree._Element | None, look: Look, default: bool) -> bool:
    own = bold_setting(properties)
    if own is not None:
        return own
    return default or value_of(child_of(properties, "rStyle"), "val") in look.bold_styles


def _shown_children(element: etree._Element) -> Iterator[etree._Element]:
    """Yield the child elements that the page shows; comments and processing instructions have no name."""
    for child in element:
        if isinstance(child.tag, str) and local_name(child) not in _SKIPPED:
            yield child
