"""The paragraphs and tables of a document → one draft, whichever word processor wrote them.

In: blocks (:mod:`alliance_nlp.formats.document`).  Out: the utterances of the table, when the talk stands in one (speaker |
text, or time | speaker | text, with or without a row of column names), else those of the paragraphs, read as the lines of
a plain text are (:mod:`alliance_nlp.formats.text`).  What type alone says is turned into such lines first: names in bold
type, soft line breaks, the times of Teams transcripts.  ``line`` is the number of the row or of the paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from alliance_nlp.formats.base import Draft
from alliance_nlp.formats.document import Block, Paragraph, Table, paragraphs_of
from alliance_nlp.formats.docx_layout import TypedLine, alternating_type, teams_lines, with_bold_names
from alliance_nlp.formats.docx_table import Talk, table_talk
from alliance_nlp.formats.headers import read_header
from alliance_nlp.formats.text import check_lines, draft_from_lines
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Notice


def draft_of(blocks: Sequence[Block]) -> Draft:
    """Return the draft that the blocks of a document hold; one without utterances when there is no text."""
    talks = _table_talks(blocks)
    if _stands_in_tables(blocks, talks):
        return _from_tables(blocks, talks)
    return _from_paragraphs(list(paragraphs_of(blocks)))


# ---------------------------------------------------------------------------------------- tables


def _table_talks(blocks: Sequence[Block]) -> list[Talk | None]:
    """Return for each block the talk it holds, None for paragraphs and other tables."""
    talks: list[Talk | None] = []
    rows_above = 0
    for block in blocks:
        if isinstance(block, Table):
            talks.append(table_talk(block, rows_above=rows_above))
            rows_above += len(block.rows)
        else:
            talks.append(None)
    return talks


def _stands_in_tables(blocks: Sequence[Block], talks: Sequence[Talk | None]) -> bool:
    """Return whether most of the text stands in tables of talk, or the heads of one say that it is the talk."""
    if any(talk is not None and talk.is_named and talk.rows for talk in talks):
        return True
    inside = sum(len(row.text) for talk in talks if talk is not None for row in talk.rows)
    outside = sum(
        len(paragraph.text)
        for block, talk in zip(blocks, talks)
        if talk is None
        for paragraph in paragraphs_of([block])
    )
    return inside > 0 and inside >= outside


def _from_tables(blocks: Sequence[Block], talks: Sequence[Talk | None]) -> Draft:
    """Return what the tables say; what stands above them may declare roles, a date, the session's number."""
    rows = [row for talk in talks if talk is not None for row in talk.rows]
    aside = [block for block, talk in zip(blocks, talks) if talk is None]
    texts = [paragraph.text.strip() for paragraph in paragraphs_of(aside)]
    header = read_header([text for text in texts if text])
    count = sum(map(bool, texts))
    notices = (Notice("files.docx_outside_table", params={"count": count}),) if count else ()
    if any(row.speaker is not None for row in rows):
        utterances = tuple(
            Utterance(row.speaker, row.text, row.number, row.start_s, row.end_s, extra=row.extra)
            for row in rows
        )
        return Draft(utterances, roles=header.roles, metadata=header.metadata, notices=notices)
    draft = _numbered(draft_from_lines([row.as_line() for row in rows]), [row.number for row in rows])
    return replace(draft, notices=(*draft.notices, *notices))


# ---------------------------------------------------------------------------------------- paragraphs


def _from_paragraphs(paragraphs: Sequence[Paragraph]) -> Draft:
    check_lines(sum(bool(paragraph.text.strip()) for paragraph in paragraphs))
    lines, notices = _named_lines(paragraphs)
    draft = _numbered(draft_from_lines([line.text for line in lines]), [line.number for line in lines])
    return replace(draft, notices=(*draft.notices, *notices))


def _named_lines(paragraphs: Sequence[Paragraph]) -> tuple[list[TypedLine], list[Notice]]:
    """Return the paragraphs as plain lines, with the names that only their type sets off written out."""
    lines, machine_lines = teams_lines(paragraphs)
    aside = [Notice("files.docx_teams_lines", params={"count": machine_lines})] if machine_lines else []
    lines, names = with_bold_names(lines)
    if names:
        return lines, [*aside, Notice("files.docx_bold_names", params={"speakers": ", ".join(names)})]
    lines, notices = alternating_type(paragraphs, lines)
    return lines, [*aside, *notices]


def _numbered(draft: Draft, numbers: Sequence[int]) -> Draft:
    """Return the draft with the numbers of paragraphs or rows in the place of those of lines."""

    def number(line: int | None) -> int | None:
        return None if line is None else numbers[line - 1]

    def numbered(notice: Notice) -> Notice:
        lines = notice.params.get("lines")  # « 3, 7, 12… »
        if lines is None:
            return replace(notice, line=number(notice.line))
        places = re.sub(r"\d+", lambda line: str(number(int(line[0]))), str(lines))
        return replace(notice, line=number(notice.line), params={**notice.params, "lines": places})

    return replace(
        draft,
        utterances=tuple(replace(item, line=number(item.line)) for item in draft.utterances),
        notices=tuple(map(numbered, draft.notices)),
    )
