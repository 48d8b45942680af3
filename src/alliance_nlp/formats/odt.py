"""OpenDocument texts (``.odt``, of LibreOffice and others) → one draft.

In: the bytes of a file.  Out: what :mod:`alliance_nlp.formats.document_talk` makes of its paragraphs and tables, and a
notice of what was not read (notes, comments, text boxes).
"""

from __future__ import annotations

from dataclasses import replace

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.document_talk import draft_of
from alliance_nlp.formats.odt_body import OdtBody, read_body
from alliance_nlp.formats.odt_look import SUFFIX
from alliance_nlp.formats.package import open_package
from alliance_nlp.transcript import Notice, Transcript


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one draft of the document; TranscriptFormatError when it is none, or holds no text."""
    with open_package(data, name, suffix=SUFFIX) as package:
        body = read_body(package, name)
    draft = draft_of(body.blocks)
    if not draft.utterances:
        raise TranscriptFormatError("documents.no_text", file=name)
    return [replace(draft, notices=(*draft.notices, *_left_out(body)))]


def _left_out(body: OdtBody) -> list[Notice]:
    counts = {"notes": body.notes, "comments": body.comments, "text_boxes": body.text_boxes}
    return [Notice("documents.left_out", params=counts)] if any(counts.values()) else []
