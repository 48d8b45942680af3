"""The parts of a Word document that python-docx has no words for: shades, underlines in colour, fields, table heads.

In: python-docx objects.  Out: the same, changed.  What a document says is left to :mod:`alliance_nlp.exports.word`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from alliance_nlp.labels import default_label_set
from alliance_nlp.report.excerpts import readable

UNDERLINES = {"solid": "single", "double": "double", "dotted": "dotted", "wavy": "wave", "dashed": "dash"}
TINT = 0.82  # share of white in the shade behind evidence: black on it keeps more than 10:1
SMALL_PT, GREY = 9, "595959"  # a grey that keeps 7:1 on white
COLUMNS_CM = (1.3, 3.6, 11.1)  # turn, speaker, words: within the margins of an A4 page
LANGUAGES = {"fr": "fr-FR", "en": "en-GB"}


def plain_document(language: str, title: str) -> Any:
    """Return an empty A4 document in ``language``, whose properties name no person."""
    import docx
    from docx.shared import Cm, Pt

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2.5)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(11)
    normal.paragraph_format.space_after = Pt(4)
    _set(_child(normal.element.get_or_add_rPr(), "w:lang"), val=LANGUAGES.get(language, language))
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "alliance-nlp", title, ""
    return document


def colour_run(run: Any, labels: Sequence[str]) -> None:
    """Mark evidence: the first label's underline and colour, the last one's shade behind the words."""
    if not labels:
        return
    first, last = default_label_set()[labels[0]], default_label_set()[labels[-1]]
    properties = run._r.get_or_add_rPr()
    _set(_child(properties, "w:u"), val=UNDERLINES.get(first.underline, "single"), color=first.text_colour.lstrip("#"))
    _set(_child(properties, "w:shd"), val="clear", color="auto", fill=tint(last.colour))


def tint(colour: str) -> str:
    """Return the shade of a label's colour that is light enough for black letters, as ``RRGGBB``."""
    parts = (int(colour.lstrip("#")[place : place + 2], 16) for place in (0, 2, 4))
    return "".join(f"{round(part + (255 - part) * TINT):02X}" for part in parts)


def shrink(paragraph: Any) -> None:
    """Set a paragraph in small grey type."""
    from docx.shared import Pt, RGBColor

    for run in paragraph.runs:
        run.font.size = Pt(SMALL_PT)
        if run.underline is None:
            run.font.color.rgb = RGBColor.from_string(GREY)


def field(paragraph: Any, instruction: str) -> None:
    """Add a field that the word processor fills in: ``PAGE``, ``NUMPAGES``."""
    from docx.oxml import OxmlElement

    element = OxmlElement("w:fldSimple")
    _set(element, instr=instruction)
    run = paragraph.add_run("1")
    element.append(run._r)
    paragraph._p.append(element)


def comment(document: Any, runs: Sequence[Any], *, author: str, lines: Iterable[str]) -> None:
    """Put a comment on runs: its first line in bold type, without a date (the same session gives the same document)."""
    name = readable(author)
    initials = "".join(part[:1] for part in name.replace("-", " ").split())[:4].upper()
    note = document.add_comment([runs[0], runs[-1]], text="", author=name, initials=initials)
    for key in [key for key in note._comment_elm.attrib if str(key).endswith("}date")]:
        del note._comment_elm.attrib[key]
    for place, line in enumerate(lines):
        paragraph = note.paragraphs[0] if place == 0 else note.add_paragraph()
        paragraph.add_run(line).bold = place == 0


def talk_table(document: Any, heads: Sequence[str], rows: int) -> Iterator[tuple[Any, Any, Any]]:
    """Yield the three paragraphs of each row of a new table whose head comes back on every page."""
    from docx.shared import Cm

    table = document.add_table(rows=rows + 1, cols=3)
    table.autofit = False
    for column, width in zip(table.columns, COLUMNS_CM):
        column.width = Cm(width)
    listed = list(table._tbl.tr_lst)
    _child(listed[0].get_or_add_trPr(), "w:tblHeader")
    found = [_paragraphs(table, row) for row in listed]
    for paragraph, head in zip(found[0], heads, strict=True):
        paragraph.add_run(head).bold = True
    yield from found[1:]


def _paragraphs(table: Any, row: Any) -> tuple[Any, Any, Any]:
    from docx.shared import Cm
    from docx.table import _Cell

    cells = [_Cell(element, table) for element in row.tc_lst]  # table.cell() walks the whole table for each cell
    for cell, width in zip(cells, COLUMNS_CM):
        cell.width = Cm(width)
    first, second, third = (cell.paragraphs[0] for cell in cells)
    return first, second, third


def _child(parent: Any, name: str) -> Any:
    """Return the child called ``name``, made at the place where the schema wants it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    found = parent.find(qn(name))
    if found is None:
        found = OxmlElement(name)
        after = _AFTER.get(name, ())
        parent.insert_element_before(found, *after)
    return found


_AFTER = {  # what the schema puts behind each (ECMA-376, part 1, 17.3.2.28)
    "w:u": ("w:effect", "w:bdr", "w:shd", "w:fitText", "w:vertAlign", "w:rtl", "w:cs", "w:em", "w:lang", "w:eastAsianLayout"),
    "w:shd": ("w:fitText", "w:vertAlign", "w:rtl", "w:cs", "w:em", "w:lang", "w:eastAsianLayout"),
    "w:lang": ("w:eastAsianLayout", "w:specVanish", "w:oMath"),
    "w:tblHeader": ("w:tblCellSpacing", "w:jc", "w:hidden", "w:ins", "w:del", "w:trPrChange"),
}


def _set(element: Any, **attributes: str) -> None:
    from docx.oxml.ns import qn

    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
