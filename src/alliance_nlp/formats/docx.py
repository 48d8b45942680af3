"""Word documents (``.docx``) → one draft.

In: the bytes of a file.  Out: what :mod:`alliance_nlp.formats.document_talk` makes of its paragraphs and tables, and a
notice of what was not read.
"""

from __future__ import annotations

from dataclasses import replace

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.document_talk import draft_of
from alliance_nlp.formats.docx_body import Body, read_body
from alliance_nlp.formats.docx_look import SUFFIX
from alliance_nlp.formats.package import open_package
from alliance_nlp.transcript import Notice, Transcript


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one draft of the document; TranscriptFormatError when it is none, or holds no text."""
    with open_package(data, name, suffix=SUFFIX) as package:
        body = read_body(package, name)
    draft = draft_of(body.blocks)
    if not draft.utterances:
        raise TranscriptFormatError("files.docx_no_text", file=name)
    return [replace(draft, notices=(*draft.notices, *_left_out(body)))]


def _left_out(body: Body) -> list[Notice]:
    if not body.text_boxes and not body.notes:
        return []
    return [Notice("files.docx_left_out", params={"text_boxes": body.text_boxes, "notes": body.notes})]
