"""The lines of a PDF → paragraphs as they were typed, without running heads and page numbers.

In: lines by page.  Out: paragraphs.  A line goes on with the one before when nothing speaks against it: a wider gap, a
line before that had room for its first word, a name, a time or a dash that opens it, type that turns bold.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import replace
from statistics import median

from alliance_nlp.formats.document import Paragraph, Run
from alliance_nlp.formats.pdf_pages import PdfLine
from alliance_nlp.formats.prefixes import openings
from alliance_nlp.formats.timestamps import Times, take_opening

EDGE_LINES = 2  # at the top and at the bottom of a page: a head or foot takes one or two
HEAD_SHARE = 0.4  # of the pages: heads of left and right pages differ, and the first page may have none
WIDE_GAP = 1.35  # times the usual distance of lines: from there on a blank was left on purpose
FULL_LINE = 50  # characters: a page of talk holds at least as many in a line, even where none is full
ROOM_SHARE = 0.8  # of the usual line's characters: letters differ in width by less than the rest
_PAGE_NUMBER = re.compile(r"\W*(?:page|p\.)?\W*(?P<number>\d{1,4})(?:\s*(?:/|sur|of|de)\s*\d{1,4})?\W*", re.IGNORECASE)
_DASH = re.compile(r"[—–]\s*\S|-\s+\S|-[^\W\d_]")
_HYPHEN = re.compile(r"[^\W\d_]-$")

Page = Sequence[PdfLine]


# ---------------------------------------------------------------------------------------- heads and feet


def without_heads(pages: Sequence[Page]) -> tuple[list[list[PdfLine]], int]:
    """Return the pages without the lines that come back at their edges and without page numbers, and how many those are."""
    seen = Counter(key for page in pages for key in {_key(line) for line in _edges(page)})
    needed = max(2, HEAD_SHARE * sum(map(bool, pages)))
    named = {line.number for page in pages for line, o in zip(page, openings([line.text for line in page])) if o is not None}
    heads = {
        line.number
        for number, page in enumerate(pages, start=1)
        for line in _edges(page)
        if (seen[_key(line)] >= needed and (line.number not in named or seen[_key(line)] > 2))
        or _is_page_number(line, page, number)
    }
    kept = [[line for line in page if line.number not in heads] for page in pages]
    return kept, len(heads)


def _edges(page: Page) -> list[PdfLine]:
    return [line for place, line in enumerate(page) if place < EDGE_LINES or place >= len(page) - EDGE_LINES]


def _key(line: PdfLine) -> tuple[str, int]:
    return re.sub(r"\d+", "#", " ".join(line.text.split())), round(line.y / 4)


def _is_page_number(line: PdfLine, page: Page, number: int) -> bool:
    match = _PAGE_NUMBER.fullmatch(line.text)
    return match is not None and int(match["number"]) == number and line in (page[0], page[-1])


# ---------------------------------------------------------------------------------------- paragraphs


def paragraphs(pages: Sequence[Page]) -> list[Paragraph]:
    """Return the paragraphs of all pages, each with the number of its first line.

    A line that the look joins to the one before opens a paragraph all the same when it opens with a name, if that name
    opens others whose look leaves no doubt: « … au fond du | tiroir : j'y pensais » names nobody.
    """
    lines = [line for page in pages for line in page]
    starts = _starts(lines, firsts={page[0].number for page in pages if page})
    sure = openings([line.text if start else "" for line, start in zip(lines, starts)])
    names = {opening.key for opening in sure if opening is not None}
    found: list[list[PdfLine]] = []
    for line, start, opening in zip(lines, starts, openings([line.text for line in lines])):
        if start or (opening is not None and opening.key in names):
            found.append([line])
        else:
            found[-1].append(line)
    return [_paragraph(parts) for parts in found]


def _starts(lines: Sequence[PdfLine], firsts: Container[int]) -> list[bool]:
    """Return whether each line begins a paragraph by its look alone; ``firsts`` are the first lines of pages."""
    width = max(_usual([len(line.text.strip()) for line in lines], 0.95), FULL_LINE)
    steps = [0.0] + [0.0 if b.number in firsts else a.y - b.y for a, b in zip(lines, lines[1:])]
    usual = median([step for step in steps if step > 0] or [0.0])
    return [
        place == 0 or step < 0 or step > WIDE_GAP * usual or _begins(lines[place - 1], line, width)
        for place, (line, step) in enumerate(zip(lines, steps))
    ]


def _usual(sizes: Sequence[int], share: float) -> int:
    ordered = sorted(sizes)
    return ordered[int(share * (len(ordered) - 1))] if ordered else 0


def _begins(before: PdfLine, line: PdfLine, width: int) -> bool:
    """Return whether the line's own look, or room left in the line before it, says that a paragraph begins."""
    text = line.text.strip()
    first_word = text.split(" ", 1)[0]
    has_room = len(before.text.strip()) + 1 + len(first_word) <= ROOM_SHARE * width
    turns_bold = _is_bold(line.runs, 0) and not _is_bold(before.runs, -1)
    return has_room or turns_bold or _DASH.match(text) is not None or take_opening(text).times != Times()


def _is_bold(runs: Sequence[Run], place: int) -> bool:
    filled = [run for run in runs if run.text.strip()]
    return bool(filled) and filled[place].is_bold


def _paragraph(lines: Sequence[PdfLine]) -> Paragraph:
    """Join lines with blanks; a word broken at its hyphen (« peut-|être ») is whole again."""
    runs: list[Run] = []
    for line in lines:
        own = [run for run in line.runs if run.text]
        if runs and own:
            end = runs[-1].text.rstrip()
            joint = "" if _HYPHEN.search(end) and own[0].text[:1].islower() else " "
            runs[-1] = replace(runs[-1], text=end + joint)
            own[0] = replace(own[0], text=own[0].text.lstrip())
        runs += own
    return Paragraph(lines[0].number, tuple(runs))
