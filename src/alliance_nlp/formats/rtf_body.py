"""The body of an RTF document → paragraphs and tables of plain runs, as the printed page shows them.

In: bytes.  Out: :class:`RtfBody`.  After the RTF Specification 1.9.1: characters in the code page of the document or of
their font, ``\\u`` with the ``\\uc`` characters that stand in for it in old programs, ``\\*`` destinations.  Deleted text
(``\\deleted``) is not read, inserted text is.  Left out: hidden text, notes, comments, text boxes, headers and footers,
pictures, field codes.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import NamedTuple

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.document import Block, Paragraph, Run
from alliance_nlp.formats.rtf_rows import Grid
from alliance_nlp.formats.rtf_tokens import Token, tokens

MAX_TOKENS = 1_000_000  # an hour of talk takes some 100,000, as Word writes it
_DASHES = frozenset("-–—―‐‑−")
# Groups whose content the page does not show, or shows elsewhere; any other ``\*`` group is unknown, so skipped too.
_ELSEWHERE = frozenset({
    "fonttbl", "colortbl", "stylesheet", "info", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr",
    "footerf", "footnote", "annotation", "pict", "object", "fldinst", "listtable", "listoverridetable", "revtbl", "rsidtbl",
    "generator", "xe", "tc", "bkmkstart", "bkmkend", "atnid", "atnauthor", "filetbl", "nonesttables", "shp", "do", "upr",
    "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "nonshppict", "private", "themedata", "latentstyles",
})  # fmt: skip
_COUNTED = {"footnote": "notes", "annotation": "comments", "shptxt": "text_boxes"}
_CHARACTERS = {
    "tab": "\t", "line": "\n", "page": "\n", "column": "\n", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "emdash": "—", "endash": "–", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002",
    "qmspace": "\u2005",
}  # fmt: skip
_SIGNS = {"~": "\u00a0", "_": "-", "-": "", "{": "{", "}": "}", "\\": "\\", "\t": "\t"}
_CHARSETS = {  # \fcharset → code page
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "cp936", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 255: "cp850",
}  # fmt: skip
_PAGES = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


@dataclass(frozen=True, slots=True)
class RtfBody:
    """The blocks of a document, how much was left out, and whether the file stops before its end (``is_cut``)."""

    blocks: tuple[Block, ...]
    encoding: str
    notes: int = 0
    comments: int = 0
    text_boxes: int = 0
    is_cut: bool = False


class State(NamedTuple):
    """What holds until the group ends: ``place`` is where characters go (text, list mark, font table, nowhere)."""

    place: str = "text"
    bold: bool = False
    hidden: bool = False
    deleted: bool = False
    in_table: bool = False
    stand_ins: int = 1  # characters after \u that only old programs show
    font: int | None = None


@dataclass(slots=True)
class Walk:
    """A walk through one document."""

    page: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    default_font: int | None = None
    state: State = State()
    stack: list[State] = field(default_factory=list)
    starred: bool = False  # after \*: the next control word names a destination
    to_skip: int = 0  # stand-ins left
    pending: bytearray = field(default_factory=bytearray)  # bytes of characters, decoded together
    half: int = 0  # the first half of a pair of UTF-16 units
    mark: str = ""  # the number or sign that the page shows before an item of a list
    runs: list[Run] = field(default_factory=list)
    number: int = 0
    grid: Grid = field(default_factory=Grid)
    counts: dict[str, int] = field(default_factory=dict)


def read_body(data: bytes, name: str) -> RtfBody:
    """Return the document's body; TranscriptFormatError when it is too large to be a transcript."""
    walk = Walk()
    closed = False
    for count, token in enumerate(tokens(data)):
        if count >= MAX_TOKENS:
            raise TranscriptFormatError("documents.rtf_too_large", file=name, limit=MAX_TOKENS)
        _take(token, walk)
        if token.kind == "close" and not walk.stack:
            closed = True
            break
    _flush(walk)
    _end_paragraph(walk, last=True)
    blocks = walk.grid.finish()
    return RtfBody(tuple(blocks), _encoding_name(walk.page), is_cut=not closed, **walk.counts)


def _encoding_name(page: str) -> str:
    return f"windows-{page[2:]}" if page.startswith("cp12") else page.replace("_", "-")


# ---------------------------------------------------------------------------------------- tokens


def _take(token: Token, walk: Walk) -> None:
    if token.kind in ("byte", "text"):
        _characters(token.data, walk)
        return
    if walk.to_skip and (token.name in _CHARACTERS or token.name in _SIGNS):
        walk.to_skip -= 1  # one that stands for a character counts as one
        return
    _flush(walk)
    if token.kind == "open":
        walk.to_skip = 0
        walk.stack.append(walk.state)
    elif token.kind == "close":
        walk.to_skip = 0
        walk.state = walk.stack.pop() if walk.stack else walk.state
    elif token.kind == "sign":
        _sign(token.name, walk)
    else:
        _word(token.name, token.number, walk)


def _sign(sign: str, walk: Walk) -> None:
    if sign == "*":
        walk.starred = True
    elif sign in "\r\n":
        _end_paragraph(walk)
    else:
        _put(_SIGNS.get(sign, ""), walk)


def _word(name: str, number: int | None, walk: Walk) -> None:
    starred, walk.starred = walk.starred, False
    state = walk.state
    if starred or name in _ELSEWHERE or name in _COUNTED or name in ("listtext", "pntext"):
        _destination(name, walk, starred=starred)
    elif name == "u":
        _unicode(number or 0, walk)
    elif name in _CHARACTERS:
        _put(_CHARACTERS[name], walk)
    elif name in ("par", "sect"):
        _end_paragraph(walk)
    elif name in ("cell", "nestcell", "row", "trowd", "cellx"):
        _table_word(name, number, walk)
    elif name in _PAGES or name == "ansicpg":
        walk.page = _known_page(f"cp{number}" if name == "ansicpg" else _PAGES[name], walk.page)
    elif name in ("f", "deff", "fcharset"):
        _font_word(name, number, walk)
    else:
        walk.state = _formatted(name, number, state, walk.default_font)


def _formatted(name: str, number: int | None, state: State, default_font: int | None) -> State:
    is_on = number != 0
    if name == "b":
        return state._replace(bold=is_on)
    if name == "v":
        return state._replace(hidden=is_on)
    if name == "deleted":
        return state._replace(deleted=is_on)
    if name == "plain":
        return state._replace(bold=False, hidden=False, deleted=False, font=default_font)
    if name in ("intbl", "pard"):
        return state._replace(in_table=name == "intbl")
    if name == "uc":
        return state._replace(stand_ins=min(max(number or 0, 0), 16))
    return state


def _destination(name: str, walk: Walk, *, starred: bool) -> None:
    """Enter a group that is no running text; within one, nothing leads back to the text but ``\\ud``."""
    if name in _COUNTED and (walk.state.place == "text" or name == "shptxt"):
        walk.counts[_COUNTED[name]] = walk.counts.get(_COUNTED[name], 0) + 1
    if name == "ud":  # the Unicode twin of a group written twice
        walk.state = walk.stack[-2] if len(walk.stack) > 1 else walk.state
    elif name == "fonttbl":
        walk.state = walk.state._replace(place="fonts")
    elif name in ("listtext", "pntext") and walk.state.place == "text":
        walk.mark = ""
        walk.state = walk.state._replace(place="mark")
    else:
        walk.state = walk.state._replace(place="nowhere")


def _font_word(name: str, number: int | None, walk: Walk) -> None:
    if name == "deff":
        walk.default_font = number
    elif name == "f":
        walk.state = walk.state._replace(font=number)
    elif walk.state.place == "fonts" and walk.state.font is not None and number in _CHARSETS:
        walk.fonts[walk.state.font] = _CHARSETS[number]


# ---------------------------------------------------------------------------------------- characters


def _characters(data: bytes, walk: Walk) -> None:
    walk.starred = False
    if walk.to_skip:
        skipped = min(walk.to_skip, len(data))
        walk.to_skip -= skipped
        data = data[skipped:]
    if walk.state.place in ("text", "mark"):
        walk.pending += data


def _flush(walk: Walk) -> None:
    """Decode the bytes that have come in: some code pages need two for one character."""
    if walk.pending:
        font = walk.state.font if walk.state.font is not None else walk.default_font
        page = walk.fonts.get(font, walk.page) if font is not None else walk.page
        # cp1252 leaves five bytes undefined, and a font table may lie: the document's own page, then Latin-1.
        data = bytes(walk.pending)
        walk.pending.clear()
        for candidate in (page if page != "cp1252" else walk.page, "cp1252", "latin-1"):
            try:
                _put(data.decode(candidate), walk)
                return
            except UnicodeDecodeError:
                continue


def _unicode(number: int, walk: Walk) -> None:
    unit = number & 0xFFFF if number < 0x10000 else number
    if 0xD800 <= unit < 0xDC00:
        walk.half = unit
    elif 0xDC00 <= unit < 0xE000:
        if walk.half:
            _put(chr(0x10000 + ((walk.half - 0xD800) << 10) + (unit - 0xDC00)), walk)
        walk.half = 0
    elif 0 < unit < 0x110000:
        _put(chr(unit), walk)
    walk.to_skip = walk.state.stand_ins


def _put(text: str, walk: Walk) -> None:
    state = walk.state
    if state.place == "mark":
        walk.mark += text
    elif text and state.place == "text" and not state.hidden and not state.deleted:
        if walk.runs and walk.runs[-1].is_bold == state.bold:
            text = walk.runs.pop().text + text if len(walk.runs[-1].text) < 500 else text  # 500: no quadratic growth
        walk.runs.append(Run(text, state.bold))


def _known_page(page: str, fallback: str) -> str:
    try:
        return page if codecs.lookup(page).name and page != "cp65001" else "utf-8"
    except LookupError:
        return fallback


# ---------------------------------------------------------------------------------------- paragraphs and rows


def _end_paragraph(walk: Walk, *, last: bool = False) -> None:
    """End the paragraph, unless its mark was deleted: then it goes on in the next one."""
    if walk.state.place != "text" or (walk.state.deleted and not last):
        return
    if last and not walk.runs:
        return
    walk.grid.add(_paragraph(walk), in_table=walk.state.in_table)


def _paragraph(walk: Walk) -> Paragraph:
    walk.number += 1
    runs, walk.runs = walk.runs, []
    if runs and walk.mark.strip() in _DASHES:
        runs.insert(0, Run("– ", is_bold=False))
    walk.mark = ""
    return Paragraph(walk.number, tuple(runs))


def _table_word(name: str, number: int | None, walk: Walk) -> None:
    if walk.state.place != "text":
        return
    if name == "nestcell":
        walk.grid.add(_paragraph(walk), in_table=True)
    elif name == "cell":
        walk.grid.end_cell(_paragraph(walk))
    elif name == "row":
        walk.grid.end_row()
    elif name == "trowd":
        walk.grid.edges = []
    else:
        walk.grid.edges.append(number or 0)
