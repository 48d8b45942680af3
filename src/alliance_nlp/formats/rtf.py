"""Rich Text Format (``.rtf``) → one draft.

In: the bytes of a file.  Out: what :mod:`alliance_nlp.formats.document_talk` makes of its paragraphs and tables, and a
notice of what was not read.  The reader is our own: the public ones (striprtf) give a text without bold type, cells run
together and deleted words among the others.
"""

from __future__ import annotations

from dataclasses import replace

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.document_talk import draft_of
from alliance_nlp.formats.encoding import check_size
from alliance_nlp.formats.rtf_body import RtfBody, read_body
from alliance_nlp.transcript import Notice, Transcript


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one draft of the document; TranscriptFormatError when it is none, or holds no text."""
    check_size(len(data), name)
    if not data.strip():
        raise TranscriptFormatError("formats.empty_file", file=name)
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf"):
        raise TranscriptFormatError("documents.not_rtf", file=name)
    body = read_body(data, name)
    draft = draft_of(body.blocks)
    if not draft.utterances:
        raise TranscriptFormatError("documents.no_text", file=name)
    return [replace(draft, encoding=body.encoding, notices=(*draft.notices, *_aside(body)))]


def _aside(body: RtfBody) -> list[Notice]:
    counts = {"notes": body.notes, "comments": body.comments, "text_boxes": body.text_boxes}
    notices = [Notice("documents.left_out", params=counts)] if any(counts.values()) else []
    return [*notices, Notice("documents.rtf_cut")] if body.is_cut else notices
