"""A file → its transcripts: choose the format, read it, cut it into turns, give the speakers their roles.

In: a path, or bytes with a name. Out: transcripts, each with its source and what the user should know
(warnings). Session records come back as they were written.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.brat import SUFFIX as PAIRED
from alliance_nlp.formats.brat import pair
from alliance_nlp.formats.encoding import MAX_BYTES, check_size
from alliance_nlp.formats.records import MAX_BYTES as MAX_RECORDS_BYTES
from alliance_nlp.formats.registry import Choice, choose
from alliance_nlp.segmentation import segment
from alliance_nlp.speakers import assign_roles
from alliance_nlp.transcript import Notice, Source, Transcript, Turn

MAX_PACKAGE_BYTES = 200 * 1024 * 1024  # a Word document with pictures; its text has a bound of its own
_LIMITS = {
    ".jsonl": MAX_RECORDS_BYTES,
    ".json": MAX_RECORDS_BYTES,
    ".docx": MAX_PACKAGE_BYTES,
    ".odt": MAX_PACKAGE_BYTES,
    ".pdf": MAX_PACKAGE_BYTES,
    ".xlsx": MAX_PACKAGE_BYTES,
    ".qdpx": MAX_PACKAGE_BYTES,
    ".zip": MAX_PACKAGE_BYTES,
}
STDIN = "stdin"


def read_transcript(path: str | os.PathLike[str], *, options: ReadOptions = ReadOptions()) -> Transcript:
    """Return the one session of a file; TranscriptFormatError when it holds several."""
    transcripts = read_sessions(path, options=options)
    if len(transcripts) != 1:
        raise TranscriptFormatError("formats.several_sessions", file=Path(path).name, count=len(transcripts))
    return transcripts[0]


def read_sessions(path: str | os.PathLike[str], *, options: ReadOptions = ReadOptions()) -> list[Transcript]:
    """Return every session of a file, in its order.

    Raises TranscriptFormatError or LabelError, with the file and the line, for what cannot be read, and
    ConfigError for options that make no sense.
    """
    place = Path(path)
    if place.is_dir():
        raise TranscriptFormatError("formats.is_folder", file=place.name)
    try:
        check_size(place.stat().st_size, place.name, limit=_LIMITS.get(place.suffix.lower(), MAX_BYTES))
        data = pair(place) if place.suffix.lower() == PAIRED else place.read_bytes()
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise TranscriptFormatError("formats.unreadable", file=place.name, detail=detail) from error
    return read_bytes(data, place.name, options=options)


def read_bytes(data: bytes, name: str, *, options: ReadOptions = ReadOptions()) -> list[Transcript]:
    """Return every session in ``data``, the content of the file called ``name`` (``-``: standard input)."""
    file = STDIN if name == "-" else unicodedata.normalize("NFC", PurePath(name).name)
    try:
        choice = choose(data, file, forced=options.format)
        items = choice.format.read(data, file, options)
        source = Source(file=file, format=choice.format.id, sha256=hashlib.sha256(data).hexdigest())
        return [
            item
            if isinstance(item, Transcript)
            else _finished(item, _named(item, place, file), source, options, choice)
            for place, item in enumerate(items)
        ]
    except AllianceError as error:
        if error.file is not None:
            raise
        raise error.at(file) from error


def _named(draft: Draft, place: int, file: str) -> str:
    """Return the draft's session id; for want of one the file's stem, numbered from the second session on."""
    stem = PurePath(file).stem
    return draft.session_id or (f"{stem}-{place + 1}" if place else stem)


def _finished(
    draft: Draft, session_id: str, source: Source, options: ReadOptions, choice: Choice
) -> Transcript:
    """Cut a draft into turns and give its speakers their roles; TranscriptFormatError when nobody speaks."""
    turns = segment(draft.utterances)
    if not turns:
        raise TranscriptFormatError("formats.no_turn", session=session_id)
    given = assign_roles(turns, declared=draft.roles, asked=options.roles)
    encoding = {"encoding": draft.encoding} if draft.encoding else {}
    return Transcript(
        session_id=session_id,
        turns=turns,
        speakers=given.speakers,
        language=draft.language,
        source=replace(source, extra=encoding),
        metadata=draft.metadata,
        warnings=(*choice.notices, *draft.notices, *_lonely(turns), *given.notices),
    )


def _lonely(turns: Sequence[Turn]) -> list[Notice]:
    speakers = {turn.speaker for turn in turns}
    if len(speakers) > 1 or None in speakers:
        return []
    return [Notice("formats.one_speaker", params={"speaker": next(iter(speakers)), "turns": len(turns)})]
