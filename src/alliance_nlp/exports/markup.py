"""The authoring markup of the corpus (``.txt`` with ``<task>…</task>``): a text to read and correct in any editor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.file_names import file_name
from alliance_nlp.formats import dumps_markup
from alliance_nlp.transcript import Transcript


def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield one file a session."""
    for transcript in transcripts:
        yield ExportedFile(f"{file_name(transcript.session_id)}.txt", dumps_markup(transcript).encode("utf-8"))
