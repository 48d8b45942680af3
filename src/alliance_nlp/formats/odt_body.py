"""The body of an OpenDocument text → paragraphs and tables of plain runs, as the printed page shows them.

In: the open package.  Out: :class:`OdtBody`.  Tracked changes: what was deleted stands apart in the file and is not read;
what was inserted stands in the text and is.  Left out: notes, comments, text boxes, hidden text, indexes, headers and
footers.  White space is collapsed as the format asks (OpenDocument 1.3, part 3, 6.1.2): more than one space is written
``<text:s/>``.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.document import Block, Cell, Paragraph, Run, Table, paragraphs_of
from alliance_nlp.formats.docx_look import child_of, local_name, value_of
from alliance_nlp.formats.odt_look import SUFFIX, OdtLook, read_look
from alliance_nlp.formats.package import parse_part, read_part

_CONTENT, _MANIFEST, _WHOLE = "content.xml", "META-INF/manifest.xml", "encrypted-package"
# What the page does not show as running text, shows elsewhere, or shows a second time.
_SKIPPED = frozenset({
    "tracked-changes", "note", "annotation", "annotation-end", "frame", "custom-shape", "rect", "shape", "ruby-text",
    "hidden-text", "hidden-paragraph", "table-of-content", "alphabetical-index", "illustration-index", "table-index",
    "object-index", "user-index", "bibliography", "forms", "sequence-decls", "variable-decls", "user-field-decls",
    "soft-page-break", "shadow-text",
})  # fmt: skip
_LISTS = frozenset({"list", "list-item", "list-header"})
_MAX_REPEATED = 64  # columns written as one cell « repeated »; LibreOffice fills a sheet's width so
_MAX_SPACES = 1000  # one ``<text:s text:c="…"/>`` stands for so many at most
_BLANKS = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class OdtBody:
    """The blocks of a document in their order, and how much was left out."""

    blocks: tuple[Block, ...]
    notes: int = 0
    comments: int = 0
    text_boxes: int = 0


@dataclass(slots=True)
class Walk:
    """A walk through one document: its look, and the number of the paragraph last read."""

    look: OdtLook
    number: int = 0


@dataclass(slots=True)
class Line:
    """A paragraph being read: its runs, and whether a further blank would be one too many."""

    look: OdtLook
    is_bold: bool
    runs: list[Run] = field(default_factory=list)
    after_blank: bool = True

    def add(self, text: str, is_bold: bool) -> None:
        """Take in text as written in the XML, blanks collapsed."""
        text = _BLANKS.sub(" ", text)
        if self.after_blank:
            text = text.removeprefix(" ")
        if text:
            self.after_blank = text.endswith(" ")
            self.runs.append(Run(text, is_bold))

    def put(self, text: str, is_bold: bool) -> None:
        """Take in characters that an element stands for: they are kept as they are."""
        self.after_blank = False
        self.runs.append(Run(text, is_bold))


def read_body(package: zipfile.ZipFile, name: str) -> OdtBody:
    """Return the document's body; TranscriptFormatError when the package is protected or holds no text document."""
    _refuse_encrypted(package, name)
    if _CONTENT not in package.namelist():
        raise TranscriptFormatError("files.not_office", file=name, suffix=SUFFIX)
    root = parse_part(package, _CONTENT, name, suffix=SUFFIX)
    body = child_of(child_of(root, "body"), "text")
    if local_name(root) != "document-content" or body is None:
        raise TranscriptFormatError("files.not_office", file=name, suffix=SUFFIX)
    deleted = {element for changes in body.iter("{*}tracked-changes") for element in changes.iter()}
    counts = {kind: sum(e not in deleted for e in body.iter(f"{{*}}{kind}")) for kind in ("note", "annotation")}
    boxes = sum(1 for e in body.iter("{*}text-box") if e not in deleted and "".join(map(str, e.itertext())).strip())
    blocks = tuple(_blocks(body, Walk(read_look(package, root, name))))
    return OdtBody(blocks, notes=counts["note"], comments=counts["annotation"], text_boxes=boxes)


def _refuse_encrypted(package: zipfile.ZipFile, name: str) -> None:
    parts = set(package.namelist())
    manifest = read_part(package, _MANIFEST, name, suffix=SUFFIX) if _MANIFEST in parts else b""
    if _WHOLE in parts or b"encryption-data" in manifest:
        raise TranscriptFormatError("files.office_encrypted", file=name, suffix=SUFFIX)


# ---------------------------------------------------------------------------------------- blocks


def _blocks(parent: etree._Element, walk: Walk, list_style: str = "", level: int = 0) -> Iterator[Block]:
    """Yield the blocks below ``parent``; the first paragraph of a list's item knows its list."""
    for child in _shown_children(parent):
        kind = local_name(child)
        if kind in ("p", "h"):
            yield _paragraph(child, walk, list_style, level)
            list_style, level = ("", 0) if local_name(parent) == "list-item" else (list_style, level)
        elif kind == "table":
            yield Table(tuple(_row(row, walk) for row in _rows(child)))
        elif kind == "list":
            yield from _blocks(child, walk, value_of(child, "style-name") or list_style, level + 1)
        elif kind != "section" or value_of(child, "display") != "none":
            yield from _blocks(child, walk, list_style if kind in _LISTS else "", level if kind in _LISTS else 0)


def _paragraph(element: etree._Element, walk: Walk, list_style: str, level: int) -> Paragraph:
    style = value_of(element, "style-name")
    walk.number += 1
    line = Line(walk.look, walk.look.is_bold("paragraph", style) or False)
    if not walk.look.is_hidden("paragraph", style):
        _read_runs(element, line, line.is_bold)
    own = walk.look.list_style(style) or list_style
    if line.runs and level and (own, level) in walk.look.dash_levels:
        line.runs.insert(0, Run("– ", is_bold=False))
    return Paragraph(walk.number, tuple(line.runs))


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in _shown_children(table):
        if local_name(child) == "table-row":
            yield child
        elif local_name(child) in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _rows(child)


def _row(row: etree._Element, walk: Walk) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for cell in _shown_children(row):
        if local_name(cell) not in ("table-cell", "covered-table-cell"):
            continue
        repeated = value_of(cell, "number-columns-repeated")
        covered = local_name(cell) == "covered-table-cell"
        content: Cell = () if covered else tuple(paragraphs_of(_blocks(cell, walk)))
        cells.append(content)
        times = int(repeated) if repeated.isdecimal() and len(repeated) < 6 else 1
        cells.extend(content for _ in range(min(times, _MAX_REPEATED) - 1))
    return tuple(cells)


# ---------------------------------------------------------------------------------------- runs


def _read_runs(element: etree._Element, line: Line, is_bold: bool) -> None:
    line.add(element.text or "", is_bold)
    for child in element:
        if isinstance(child.tag, str):
            _read_inline(child, line, is_bold)
        line.add(child.tail or "", is_bold)


def _read_inline(child: etree._Element, line: Line, is_bold: bool) -> None:
    kind = local_name(child)
    if kind == "s":
        count = value_of(child, "c")
        line.put(" " * min(int(count) if count.isdecimal() and len(count) < 9 else 1, _MAX_SPACES), is_bold)
    elif kind == "tab":
        line.put("\t", is_bold)
    elif kind == "line-break":
        line.put("\n", is_bold)
    elif kind not in _SKIPPED:
        style = value_of(child, "style-name")
        if kind == "span" and line.look.is_hidden("text", style):
            return
        own = line.look.is_bold("text", style) if kind == "span" else None
        _read_runs(child, line, is_bold if own is None else own)


def _shown_children(element: etree._Element) -> Iterator[etree._Element]:
    """Yield the child elements that the page shows; comments and processing instructions have no name."""
    for child in element:
        if isinstance(child.tag, str) and local_name(child) not in _SKIPPED:
            yield child
