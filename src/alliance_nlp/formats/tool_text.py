"""What tools write in text files and nobody types → the lines as a person would have typed them.

In: the lines of a text file.  Out: as many lines, so that line numbers hold.  Read here, each by its own sign:
aTrain's files for itself, MAXQDA and NVivo (« Transcription for … », then « [00:00:03] - parole »); the chat that
Zoom saves (« 10:00:03 From Anne to Everyone: … »); NVivo's rows without a header line (number, timespan, content,
speaker, set apart by tabs).  Any other file comes back as it is.

Sources: aTrain's ``create_txt_file``; NVivo help, « Import transcripts ».
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alliance_nlp.formats.clock import seconds, timespan
from alliance_nlp.formats.names import MAX_NAME_CHARS

ROWS_SHARE = 0.8  # of the lines: a row may be cut by a line end inside its text
_ATRAIN = re.compile(r"\ufeff?Transcription for \S")
_ATRAIN_DASH = re.compile(r"(?:(?<=\[\d\d:\d\d:\d\d\])|(?<=^\d\d:\d\d:\d\d)|(?<=\s\d\d:\d\d:\d\d)) - ")
_CHAT = re.compile(
    rf"(?P<time>\d{{2}}:\d{{2}}:\d{{2}})\s+From\s+(?P<name>[^:]{{1,{MAX_NAME_CHARS}}}?)(?:\s+to\s+[^:]{{1,80}})?\s*:(?P<said>.*)",
    re.IGNORECASE | re.DOTALL,
)


def as_typed(lines: Sequence[str]) -> list[str]:
    """Return the lines without what a tool has put in them; the very lines when no tool is recognised.

    >>> as_typed(["Transcription for e1", "SPEAKER_00", "[00:00:03] - Bonjour."])[2]
    '[00:00:03] Bonjour.'
    """
    first = next((line for line in lines if line.strip()), "")
    if _ATRAIN.match(first):
        return [_ATRAIN_DASH.sub(" ", line) for line in lines]
    if _CHAT.match(first):
        return [_chat_line(line) for line in lines]
    return _rows(lines) or list(lines)


def _chat_line(line: str) -> str:
    match = _CHAT.fullmatch(line)
    return line if match is None else f"[{match['time']}] {' '.join(match['name'].split())}: {match['said'].strip()}"


# ---------------------------------------------------------------------------------------- NVivo's rows


def _rows(lines: Sequence[str]) -> list[str] | None:
    """Return NVivo's rows as « [start - end] speaker: text »; None when the lines are no such rows."""
    cells = [[cell.strip() for cell in line.split("\t")] for line in lines]
    filled = [row for row, line in zip(cells, lines) if line.strip()]
    if sum(len(row) == 4 for row in filled) < max(2, ROWS_SHARE * len(filled)):
        return None  # nearly every file
    rows = [row for row in filled if len(row) == 4 and row[0].isdecimal() and timespan(row[1]) is not None]
    if len(rows) < 2 or len(rows) < ROWS_SHARE * len(filled):
        return None
    speaker = min((2, 3), key=lambda place: sum(len(row[place]) for row in rows))
    if any(len(row[speaker]) > MAX_NAME_CHARS or seconds(row[speaker]) is not None for row in rows):
        return None
    known = {id(row) for row in rows}
    return [_typed_row(row, speaker) if id(row) in known else line for row, line in zip(cells, lines)]


def _typed_row(row: Sequence[str], speaker: int) -> str:
    name = f"{row[speaker]}: " if row[speaker] else ""
    start, _, end = row[1].replace("–", "-").partition("-")
    return f"[{_clock(start)} - {_clock(end)}] {name}{row[5 - speaker]}"


def _clock(text: str) -> str:
    return text.strip().replace(",", ".")
