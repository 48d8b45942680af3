"""Reading transcripts: every readable format, one way in.

>>> from alliance_nlp.formats import read_sessions, read_transcript
"""

from __future__ import annotations

from alliance_nlp.formats.base import Draft, Format, ReadOptions
from alliance_nlp.formats.markup import dumps_markup
from alliance_nlp.formats.reading import read_bytes, read_sessions, read_transcript
from alliance_nlp.formats.registry import FORMATS, SUFFIXES

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "Draft",
    "Format",
    "ReadOptions",
    "dumps_markup",
    "read_bytes",
    "read_sessions",
    "read_transcript",
]
