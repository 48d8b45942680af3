"""noScribe's HTML transcripts, and web pages that are plainly a transcript → one draft.

In: the bytes of a page.  Out: an utterance for each stretch of a paragraph by one speaker; ``line`` counts the
paragraphs with text from 1 (noScribe writes them all in one line of the file).  noScribe marks each
stretch with an anchor (``<a name="ts_12140_22800_S01">``: start and end in milliseconds, the speaker as recognised);
the speaker's name is the one in the text (« S01: »), which people correct in its editor.  Names, overlaps
(« //S02: oui // ») and header lines are read as in noScribe's text file, so that both give the same turns; the
anchors add times to the millisecond.

Any other page is read when most of its lines open with a speaker's name, else refused.  Scripts, styles, pictures
and links are not read.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import unescape

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.encoding import check_size, decode, probe_text
from alliance_nlp.formats.noscribe import declared_language
from alliance_nlp.formats.prefixes import openings
from alliance_nlp.formats.text import draft_from_lines
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Notice, Transcript

MAX_BYTES = 20 * 1024 * 1024  # a day of talk takes some 5 MB as noScribe writes it
MAX_LINES = 20_000  # a day of talk takes some 10,000 paragraphs
NAMED_SHARE = 0.5  # of a page's lines: a page that merely quotes somebody has fewer
MIN_NAMED = 4  # turns: two questions with their answers

_HEAD = re.compile(r"\ufeff?\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_ANCHOR = re.compile(r"ts_(\d{1,12})_(\d{1,12})_.{0,100}", re.DOTALL)
_NAME = re.compile(r"\bname\s*=\s*[\"']?([^\"'<>]{0,200})", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})")
_BLOCKS = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 dt dd blockquote section article table ul ol hr pre".split())
_UNREAD = frozenset({"script", "style", "head", "title", "template", "noscript"})  # up to their end tag


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where in a line of text a stretch begins, and its times in seconds."""

    place: int
    start_s: float
    end_s: float | None


@dataclass(slots=True)
class Line:
    """One paragraph or line of the page's text, piece by piece, and the anchors inside it."""

    text: list[str] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    size: int = 0  # characters so far

    def add(self, piece: str) -> None:
        self.text.append(piece)
        self.size += len(piece)


def is_html(data: bytes, name: str) -> bool:
    """True for a web page, whatever it holds."""
    return _HEAD.match(probe_text(data)[:4000]) is not None


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one draft of the page; TranscriptFormatError when it is no transcript."""
    check_size(len(data), name, limit=MAX_BYTES)
    decoded = decode(data, name)
    lines = [line for line in _lines(decoded.text) if "".join(line.text).strip()]
    texts = ["".join(line.text) for line in lines]
    if not lines:
        raise TranscriptFormatError("talk_files.html_no_text", file=name)
    if len(lines) > MAX_LINES:
        raise TranscriptFormatError("talk_files.too_many", file=name, count=len(lines), limit=MAX_LINES)
    timed = any(line.anchors for line in lines)
    if not timed and not _is_transcript(texts):
        raise TranscriptFormatError("talk_files.html_not_transcript", file=name)
    draft = draft_from_lines(texts)
    utterances = tuple(_timed(draft.utterances, lines)) if timed else draft.utterances
    notices = draft.notices if timed else (Notice("talk_files.html_as_text"), *draft.notices)
    backwards = sum(anchor.end_s is None for line in lines for anchor in line.anchors)
    if backwards:
        notices = (*notices, Notice("files.bad_times", params={"count": backwards}))
    language = declared_language(texts[:10]) or draft.language
    return [replace(draft, utterances=utterances, notices=notices, language=language, encoding=decoded.encoding)]


def _is_transcript(lines: Sequence[str]) -> bool:
    """True when most lines open with the name of one of at least two speakers."""
    named = [opening for opening in openings(lines) if opening is not None]
    return len(named) >= max(MIN_NAMED, NAMED_SHARE * len(lines)) and len({opening.key for opening in named}) > 1


# ---------------------------------------------------------------------------------------- the page's text


def _lines(text: str) -> list[Line]:
    """Return the text of a page line by line; nesting plays no part, which damaged pages get wrong.

    Read here and not with a parser at hand: the standard library's takes minutes over 100,000 unclosed comments, and
    libxml2's drops what is nested too deep.  Whatever is not closed ends the page, so that the time is linear.
    """
    lines = [Line()]
    place = 0
    while place < len(text):
        opening = text.find("<", place)
        opening = len(text) if opening < 0 else opening
        # Line ends in the source are spaces; what noScribe's editor means as a line end is <br>.
        lines[-1].add(re.sub(r"[\r\n\t ]+", " ", unescape(text[place:opening])))
        place = _tag(text, opening, lines)
    return lines


def _tag(text: str, opening: int, lines: list[Line]) -> int:
    """Take in the tag that opens at ``opening`` and return where the text goes on."""
    if text.startswith("<!--", opening):
        return _after(text, "-->", opening)
    match = _TAG.match(text, opening)
    if match is None and not text.startswith(("<!", "<?"), opening):
        lines[-1].add(text[opening : opening + 1])  # « < » that opens nothing
        return opening + 1
    end = _after(text, ">", opening)
    name = match[2].lower() if match is not None else ""
    if name in _BLOCKS:
        lines.append(Line())
    if match is not None and name == "a" and not match[1]:
        _anchor(text[match.end() : end], lines[-1])
    if match is not None and name in _UNREAD and not match[1]:
        closing = re.compile(f"</{name}\\b", re.IGNORECASE).search(text, end)
        return _after(text, ">", closing.start()) if closing is not None else len(text) if name != "head" else end
    return end


def _after(text: str, sign: str, place: int) -> int:
    found = text.find(sign, place)
    return len(text) if found < 0 else found + len(sign)


def _anchor(attributes: str, line: Line) -> None:
    name = _NAME.search(attributes)
    match = _ANCHOR.fullmatch(unescape(name[1])) if name is not None else None
    if match is not None:
        start, end = int(match[1]) / 1000, int(match[2]) / 1000
        line.anchors.append(Anchor(line.size, start, end if end >= start else None))


# ---------------------------------------------------------------------------------------- times


def _timed(utterances: Sequence[Utterance], lines: Sequence[Line]) -> Iterator[Utterance]:
    """Yield the utterances with the times of their anchors; those of one speaker in a row are one stretch of talk.

    Pieces of one line are found in it one after the other; a back-channel, which the text reader puts after the
    whole, is found before its end and keeps its own times.
    """
    floor: Utterance | None = None
    for line_number, group in _by_line(utterances):
        line = lines[line_number - 1]
        text = "".join(line.text)
        place = 0
        for piece in group:
            at = text.find(piece.text, place)
            behind = at < 0
            at = text.find(piece.text) if behind else at
            place = place if behind else at + len(piece.text)
            timed = _with_times(piece, line, at)
            if floor is not None and floor.speaker == timed.speaker and floor.line == timed.line:
                floor = replace(floor, text=f"{floor.text} {timed.text}", end_s=timed.end_s)
                continue
            if floor is not None:
                yield floor
            floor = timed
    if floor is not None:
        yield floor


def _by_line(utterances: Sequence[Utterance]) -> Iterator[tuple[int, list[Utterance]]]:
    group: list[Utterance] = []
    for utterance in utterances:
        if group and utterance.line != group[0].line:
            yield group[0].line or 1, group
            group = []
        group.append(utterance)
    if group:
        yield group[0].line or 1, group


def _with_times(piece: Utterance, line: Line, at: int) -> Utterance:
    """Return the piece with the start of the anchor it begins in and the end of the one it ends in."""
    if at < 0 or not line.anchors:
        return piece
    places = [anchor.place for anchor in line.anchors]
    first = max(bisect_right(places, at) - 1, 0)
    last = max(bisect_right(places, at + max(len(piece.text) - 1, 0)) - 1, first)
    return replace(piece, start_s=line.anchors[first].start_s, end_s=line.anchors[last].end_s)
