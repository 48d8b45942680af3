"""SubRip (``.srt``) and WebVTT (``.vtt``) text → timed cues.

In: decoded text.  Out: :class:`CueFile`: cues in file order, each with the rows of its text as written, tags
and all.  One parser for both: files found in the field mix them (commas in WebVTT, settings in SubRip, blank
lines inside cues, no blank lines between them).  Written here because the libraries at hand (srt, webvtt-py,
pysubs2) either stop at the first damaged cue or drop it, and give no line numbers; here nothing said is
dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alliance_nlp.formats.clock import seconds
from alliance_nlp.formats.encoding import split_lines

_TEAMS_ID = re.compile(r"[0-9a-fA-F-]{36}(?:/\d+-\d+)?")  # Stream, the oldest Teams, wrote the GUID alone
_NAMED_ID = re.compile(r"\d+\s+\"(?P<name>[^\"]{1,63})\"(?:\s+\(\d+\))?")  # Webex: « 3 "Mme D." (12345) »
_NOTE_NAME = re.compile(r"NOTE\s+(?:speaker|locuteur|locutrice)\s*:\s*(?P<name>\S.{0,62})", re.IGNORECASE)
_NOTE_LANGUAGE = re.compile(r"(?:NOTE\s+)?language\s*:\s*(?P<code>[A-Za-z]{2,3})\b.{0,20}", re.IGNORECASE)
_ARROW = "-->"
_COMMENT_BLOCKS = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue: the 1-based line where its text begins, its times (None: damaged), its id and its rows.

    ``speaker`` is who a note or an id just before the cue names.
    """

    line: int
    start_s: float | None
    end_s: float | None
    rows: tuple[str, ...]
    id: str | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class CueFile:
    """All cues of a file, the language its header gives, and the lines whose times could not be read."""

    cues: tuple[Cue, ...]
    language: str | None
    damaged_lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines between blank lines; ``first`` is the 1-based number of the first one."""

    first: int
    lines: tuple[str, ...]


@dataclass(slots=True)
class OpenCue:
    """A cue being read: text after a blank line may still be its own."""

    line: int
    start_s: float | None
    end_s: float | None
    id: str | None
    rows: list[str]
    speaker: str | None = None

    def closed(self) -> Cue:
        return Cue(self.line, self.start_s, self.end_s, tuple(self.rows), self.id, self.speaker)


def parse_cues(text: str) -> CueFile:
    """Return the cues of a file of subtitles; no cue at all when there is no line of times."""
    cues: list[OpenCue] = []
    damaged: list[int] = []
    language = None
    noted: str | None = None  # who a note names: the next cue's speaker
    for block in _blocks(text.removeprefix("\ufeff")):
        timings = [place for place in range(len(block.lines)) if _is_timing(block, place)]
        lead = block.lines[: max(timings[0] - 1, 0)] if timings else block.lines  # just before times: an id
        if block.lines[0].startswith("WEBVTT") and not cues:
            language = _header_language(block.lines)
        elif _is_comment(block) and not timings:
            language = language or _header_language(block.lines)
            noted = _noted_name(block) or noted
        elif cues and lead and not _is_comment(block):
            _continue(cues[-1], Block(block.first, lead))
        found = list(_block_cues(block, timings, damaged))
        if found and noted is not None:
            found[0].speaker = found[0].speaker or noted
            noted = None
        cues.extend(found)
    return CueFile(tuple(cue.closed() for cue in cues), language, tuple(damaged))


def _blocks(text: str) -> Iterator[Block]:
    first, lines = 1, list[str]()
    for number, line in enumerate([*split_lines(text), ""], start=1):
        if line.strip():
            first = first if lines else number
            lines.append(line.strip())
        elif lines:
            yield Block(first, tuple(lines))
            lines = []


def _is_comment(block: Block) -> bool:
    return block.lines[0].split(None, 1)[0] in _COMMENT_BLOCKS and _ARROW not in block.lines[0]


def _header_language(lines: Sequence[str]) -> str | None:
    """Return the language that a WebVTT header or note declares (YouTube: ``Language: fr``, Stream: ``fr-fr``)."""
    return next((match["code"].lower() for line in lines if (match := _NOTE_LANGUAGE.fullmatch(line))), None)


def _noted_name(block: Block) -> str | None:
    return next((match["name"].strip() for line in block.lines if (match := _NOTE_NAME.fullmatch(line))), None)


# ---------------------------------------------------------------------------------------- times


def _times(line: str) -> tuple[float | None, float | None]:
    """Return start and end of a line of times; settings after the end (``align:start``) are left out."""
    start, _, rest = line.partition(_ARROW)
    end = rest.split(None, 1)[0] if rest.strip() else ""
    start_s, end_s = seconds(start), seconds(end)
    return start_s, None if start_s is not None and end_s is not None and end_s < start_s else end_s


def _is_timing(block: Block, place: int) -> bool:
    """Return whether a line gives times, if only damaged ones; an arrow in speech does not count."""
    line = block.lines[place]
    if _ARROW not in line:
        return False
    if _times(line) != (None, None):
        return True
    stands_first = place <= 1 or _is_id(block.lines[place - 1])
    return stands_first and any(map(str.isdigit, line)) and not re.search(r"[^\W\d_]{3}", line)


# ---------------------------------------------------------------------------------------- cues


def _block_cues(block: Block, timings: Sequence[int], damaged: list[int]) -> Iterator[OpenCue]:
    """Yield the cues of one block, several when the blank lines between them are missing."""
    for timing, following in zip(timings, [*timings[1:], len(block.lines)]):
        start_s, end_s = _times(block.lines[timing])
        if start_s is None or end_s is None:
            damaged.append(block.first + timing)
        end = following
        if following < len(block.lines) and following - 1 > timing and _is_id(block.lines[following - 1]):
            end = following - 1
        rows = list(block.lines[timing + 1 : end])
        cue_id = block.lines[timing - 1] if timing else None
        named = _NAMED_ID.fullmatch(cue_id or "")
        yield OpenCue(block.first + timing + 1, start_s, end_s, cue_id, rows, named["name"].strip() if named else None)


def _is_id(line: str) -> bool:
    """Return whether a line before times without a blank line between is an id (a number, a Teams id)."""
    return line.isdecimal() or _TEAMS_ID.fullmatch(line) is not None or _NAMED_ID.fullmatch(line) is not None


def _continue(cue: OpenCue, block: Block) -> None:
    """Add text that stands after a blank line to the cue before; a lone number is a cue's, and not said."""
    if len(block.lines) == 1 and _is_id(block.lines[0]):
        return
    if not cue.rows:
        cue.line = block.first
    cue.rows.extend(block.lines)
