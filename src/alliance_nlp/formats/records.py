"""Session records, ``.jsonl`` (one a line) and ``.json`` (one, or a list) → transcripts as they were written.

In: bytes. Out: transcripts, unchanged: no new segmentation, no new roles, unknown keys kept. What a record
must hold is checked by :mod:`alliance_nlp.record`; here the place of what is wrong is added (file and
line).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.formats.base import ReadOptions
from alliance_nlp.formats.encoding import check_size, split_lines
from alliance_nlp.record import from_record
from alliance_nlp.transcript import Transcript

MAX_BYTES = 1024 * 1024 * 1024  # a corpus of some thousand annotated sessions


def read(data: bytes, name: str, options: ReadOptions) -> list[Transcript]:
    """Return every session of the file; TranscriptFormatError or LabelError with the line that is wrong."""
    check_size(len(data), name, limit=MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TranscriptFormatError("formats.record_not_utf8", file=name, line=line) from error
    if not text.strip():
        raise TranscriptFormatError("formats.empty_file", file=name)
    return [_transcript(record, line, name) for line, record in _records(text, name)]


def _records(text: str, name: str) -> Iterator[tuple[int, Any]]:
    """Give each record with its line: line by line when the first one is a whole record, else all at once."""
    lines = [(number, line) for number, line in enumerate(split_lines(text), start=1) if line.strip()]
    if not name.lower().endswith(".jsonl") and not _is_object(lines[0][1]):
        whole = _parse(text, None, name)
        for record in whole if isinstance(whole, list) else [whole]:
            yield lines[0][0], record
        return
    for number, line in lines:
        yield number, _parse(line, number, name)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _parse(text: str, line: int | None, name: str) -> Any:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        place = error.lineno if line is None else line
        raise TranscriptFormatError("formats.bad_json", file=name, line=place, column=error.colno) from error
    except (ValueError, RecursionError) as error:
        raise TranscriptFormatError("formats.bad_json", file=name, line=line or 1, column=1) from error
    if "\\ud" in text.lower() and not is_unicode(value):
        raise TranscriptFormatError("formats.half_characters", file=name, line=line or 1)
    return value


def is_unicode(value: Any) -> bool:
    """True when every text in a decoded JSON value can be written to a file."""
    # Half of a surrogate pair can be escaped in JSON, and then be written to no file.
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _transcript(record: Any, line: int, name: str) -> Transcript:
    try:
        return from_record(record)
    except AllianceError as error:
        raise type(error)(error.code, file=name, line=line, **error.params) from error
