"""Session records (``.jsonl``): nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.record import dumps
from alliance_nlp.transcript import Transcript


def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield one file with one session a line."""
    lines = [dumps(transcript) + "\n" for transcript in transcripts]
    yield ExportedFile("sessions.jsonl", "".join(lines).encode("utf-8"))
