"""PDF with a text layer (``.pdf``) → one draft.

In: the bytes of a file.  Out: what :mod:`alliance_nlp.formats.document_talk` makes of its lines, joined into paragraphs as
they were typed.  A PDF says where letters stand, not what is a paragraph, a note or a table: a notice always says so.
Columns are not guessed: text is read in the file's order.  A scan without text and a protected file are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.document_talk import draft_of
from alliance_nlp.formats.encoding import check_size
from alliance_nlp.formats.pdf_pages import PdfLine, read_pages
from alliance_nlp.formats.pdf_paragraphs import paragraphs, without_heads
from alliance_nlp.transcript import Notice, Transcript

MAX_BYTES = 200 * 1024 * 1024  # a transcript with pictures; its text has a bound of its own
UNREADABLE_SHARE = 0.2  # of the letters: from there on the fonts hide what they stand for


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one draft of the file; TranscriptFormatError when it is damaged, protected or holds no text."""
    check_size(len(data), name, limit=MAX_BYTES)
    if not data.strip():
        raise TranscriptFormatError("formats.empty_file", file=name)
    pages = read_pages(data, name)
    _refuse_unreadable(pages, name)
    kept, heads = without_heads(pages)
    draft = draft_of(paragraphs(kept))
    if not draft.utterances:
        raise TranscriptFormatError("documents.pdf_no_text", file=name, pages=len(pages))
    return [replace(draft, notices=(*draft.notices, *_notices(pages, heads)))]


def _refuse_unreadable(pages: Sequence[Sequence[PdfLine]], name: str) -> None:
    text = "".join(line.text for page in pages for line in page)
    if not text.strip():
        raise TranscriptFormatError("documents.pdf_no_text", file=name, pages=len(pages))
    strange = sum(1 for char in text if char < " " or char == "\ufffd" or "\ue000" <= char <= "\uf8ff")
    if strange > UNREADABLE_SHARE * len(text):
        raise TranscriptFormatError("documents.pdf_no_letters", file=name)


def _notices(pages: Sequence[Sequence[PdfLine]], heads: int) -> list[Notice]:
    blank = sum(not page for page in pages)
    notices = [Notice("documents.pdf_layout")]
    if heads:
        notices.append(Notice("documents.pdf_heads", params={"count": heads}))
    if blank:
        notices.append(Notice("documents.pdf_blank_pages", params={"count": blank, "pages": len(pages)}))
    return notices
