"""Plain text and Markdown transcripts → utterances.

In: the bytes of a ``.txt`` or ``.md`` file (or the paragraphs of a document). Out: one :class:`Draft`. Four
layouts, told from the whole file: speakers' names (any of the ways in :mod:`line_openings`), dialogue
dashes, stamped lines without names, paragraphs without names. Where nothing names the speakers they
alternate as « A » and « B », and a notice says so. Title, date, legend and front matter above the talk are
used and put aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.encoding import decode, split_lines
from alliance_nlp.formats.foreign import refuse_foreign
from alliance_nlp.formats.headers import (
    front_matter,
    is_header_line,
    is_heading,
    is_legend,
    legend,
    read_header,
)
from alliance_nlp.formats.line_openings import Opening
from alliance_nlp.formats.names import declared_role, is_note_word, name_key
from alliance_nlp.formats.prefixes import lone_names, openings
from alliance_nlp.formats.talk import Line, spoken
from alliance_nlp.formats.timestamps import INLINE, Times, take_opening
from alliance_nlp.formats.tool_text import as_typed
from alliance_nlp.labels import default_label_set
from alliance_nlp.segmentation import is_note
from alliance_nlp.transcript import Notice, Role

STAMPED_SHARE = 0.5  # of the lines: from there on the lines are a machine's, not turns
DASHED_SHARE = 0.3  # a turn of three lines opens with one dash
MAX_LINES = 30_000  # a day of talk has some 10,000; reading takes up to 0.3 ms a line
LISTED_LINES = 5  # places named in one notice
NOTE_WORDS = 6  # « (silence de 8 secondes environ) »; longer lines in brackets describe the file

_DASH = re.compile(r"[—–]\s*(?=\S)|-\s+(?=\S)|-(?=[^\W\d_])")


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft]:
    """Return the one session of a text file; TranscriptFormatError when it is no text or no transcript."""
    decoded = decode(data, name, controls="\x15")  # CHAT's time marks: the refusal can then say what the file is
    refuse_foreign(decoded.text, name)
    return [replace(draft_from_lines(as_typed(split_lines(decoded.text))), encoding=decoded.encoding)]


def draft_from_lines(lines: Sequence[str]) -> Draft:
    """Return the session that lines (or paragraphs) of text hold; ``Utterance.line`` counts them from 1.

    Raises TranscriptFormatError when more than ``MAX_LINES`` of them are written on.

    >>> [u.speaker for u in draft_from_lines(["T : Bonjour.", "P : Il m'a dit : viens."]).utterances]
    ['T', 'P']
    """
    check_lines(sum(not line.isspace() for line in lines if line))
    front = front_matter(lines)
    body = [""] * front.length + [_clean(line) for line in lines[front.length :]]
    opened = openings(body)
    is_named = any(opened)
    top = _talk_begins(body, opened) if is_named else _header_ends(body)
    header = read_header(body[:top])
    talk, notices = (_named(body, opened, top), _doubts(body, opened)) if is_named else _unnamed(body, top)
    names = {line.speaker for line in talk if line.speaker is not None}
    utterances, late = spoken([*_notes_above(body[:top]), *talk], names)
    return Draft(
        utterances=utterances,
        roles=_roles({**_named_roles(body[:top], opened), **header.roles, **front.roles}, names),
        metadata={**header.metadata, **{k: v for k, v in front.metadata.items() if k != "session_id"}},
        session_id=front.metadata.get("session_id"),
        notices=(*_aside(lines, opened, top), *notices, *late, *_tags(body)),
    )


def check_lines(count: int) -> None:
    """Raise TranscriptFormatError for more lines or paragraphs than a session can have."""
    if count > MAX_LINES:
        raise TranscriptFormatError("talk_files.too_many", count=count, limit=MAX_LINES)


def _clean(line: str) -> str:
    return line.strip().strip("\ufeff\u200b").strip()


# ---------------------------------------------------------------------------------------- with names


def _named(body: Sequence[str], opened: Sequence[Opening | None], top: int) -> list[Line]:
    """Give every line to the speaker who last took the floor."""
    talk: list[Line] = []
    speaker: str | None = None
    for place in range(top, len(body)):
        opening, line = opened[place], body[place]
        if opening is not None:
            speaker = opening.name
            talk.append(Line(place + 1, speaker, opening.rest, opening.times))
        elif line and not is_heading(line):
            stamped = take_opening(line)
            talk.append(Line(place + 1, speaker, stamped.text, stamped.times))
    return talk


def _talk_begins(body: Sequence[str], opened: Sequence[Opening | None]) -> int:
    """Return the place of the first turn: the first name that does not merely declare who speaks."""
    places = [place for place, opening in enumerate(opened) if opening is not None]
    keys = [opening.key for opening in opened if opening is not None]
    end = 0
    while end < len(places) and (is_legend(body[places[end]]) or _names_somebody(opened[places[end]], keys)):
        end += 1
    declared = {name for place in places[:end] for name in legend(body[place]) or [str(place)]}
    recur = all(key in keys[end:] or keys.count(key) == 1 for key in keys[:end])
    return places[end] if end < len(places) and len(declared) >= 2 and recur else places[0]


def _names_somebody(opening: Opening | None, keys: Sequence[str]) -> bool:
    """True for « Thérapeute : Mme D. » when « Mme D. » is the name before the turns."""
    if opening is None or declared_role(opening.name) is None:
        return False
    return keys.count(opening.key) == 1 and name_key(opening.rest) in keys


def _named_roles(header: Sequence[str], opened: Sequence[Opening | None]) -> dict[str, Role]:
    """Read « Thérapeute : Mme D. » above the talk: the role of « Mme D. »."""
    roles: dict[str, Role] = {}
    for opening, _ in zip(opened, header):
        role = None if opening is None else declared_role(opening.name)
        if opening is not None and role is not None:
            roles[opening.rest] = role
    return roles


def _doubts(body: Sequence[str], opened: Sequence[Opening | None]) -> tuple[Notice, ...]:
    lone = lone_names(body, opened)
    numbered = any(opening is not None and opening.number is not None for opening in opened)
    notices = [Notice("formats.numbered_turns")] if numbered else []
    if lone:
        places = ", ".join(str(place + 1) for place in lone[:LISTED_LINES])
        more = "…" if len(lone) > LISTED_LINES else ""
        notices.append(Notice("formats.lone_names", line=lone[0] + 1, params={"lines": places + more}))
    return tuple(notices)


# ---------------------------------------------------------------------------------------- without names


def _header_ends(body: Sequence[str]) -> int:
    """Return the place of the first line of talk, where no name shows it."""
    for place, line in enumerate(body):
        underlined = place + 1 < len(body) and bool(body[place + 1]) and not body[place + 1].strip("=-")
        if not is_header_line(line) and not (line and underlined):
            return place
    return 0  # nothing but headings: then they are the text


def _unnamed(body: Sequence[str], top: int) -> tuple[list[Line], tuple[Notice, ...]]:
    """Read the three layouts without names; the notice says which one and how to name the speakers."""
    places = [place for place in range(top, len(body)) if body[place] and not is_heading(body[place])]
    stamped = sum(
        1 for place in places if take_opening(body[place]).times != Times() or INLINE.search(body[place])
    )
    dashed = [place for place in places if _DASH.match(body[place])]
    if stamped >= STAMPED_SHARE * len(places):
        lines = [Line(place + 1, None, *_split(body[place])) for place in places]
        return lines, (Notice("formats.stamped_without_names"),) if places else ()
    if len(dashed) >= 2 and len(dashed) >= DASHED_SHARE * len(places):
        return _alternating(body, places, starts=set(dashed)), (Notice("formats.alternating_dashes"),)
    starts = {place for place in places if not body[place - 1]} if places else set()
    if len(starts - {places[0]}) == 0 and len(places) > 1:
        return _alternating(body, places, starts=set(places)), (Notice("formats.alternating_lines"),)
    return _alternating(body, places, starts=starts), (Notice("formats.alternating_paragraphs"),)


def _alternating(body: Sequence[str], places: Sequence[int], *, starts: set[int]) -> list[Line]:
    """Let « A » and « B » take the floor in turn at each of ``starts``; a note alone takes no floor."""
    names = cycle("AB")
    speaker: str | None = None
    talk: list[Line] = []
    for place in places:
        note = is_note(body[place])
        if not note and (place in starts or speaker is None):
            speaker = next(names)
        text, times = _split(_DASH.sub("", body[place], count=1) if _DASH.match(body[place]) else body[place])
        talk.append(Line(place + 1, None if note else speaker, text, times))
    return talk


def _split(line: str) -> tuple[str, Times]:
    stamped = take_opening(line)
    return stamped.text, stamped.times


# ---------------------------------------------------------------------------------------- around the talk


def _notes_above(header: Sequence[str]) -> Iterator[Line]:
    """Keep the notes of what was heard before the first word (« [silence 50 s] »)."""
    for place, line in enumerate(header):
        if is_note(line) and is_note_word(line) and ":" not in line and len(line.split()) <= NOTE_WORDS:
            yield Line(place + 1, None, line)


def _roles(declared: dict[str, Role], names: set[str]) -> dict[str, Role]:
    """Give the declared roles to the names as they stand in the talk."""
    spelling = {name_key(name): name for name in names}
    return {spelling.get(name_key(name), name): role for name, role in declared.items()}


def _aside(lines: Sequence[str], opened: Sequence[Opening | None], top: int) -> Iterator[Notice]:
    headings = sum(
        1 for line, opening in zip(lines[top:], opened[top:]) if opening is None and is_heading(line.strip())
    )
    above = [line for line in lines[:top] if line.strip()]
    count = len(above) - len(list(_notes_above([line.strip() for line in lines[:top]]))) + headings
    if count:
        yield Notice("formats.lines_aside", params={"count": count})


def _tags(body: Sequence[str]) -> Iterator[Notice]:
    closing = re.compile("</(?:%s)>" % "|".join(default_label_set().markup_tags))
    place = next((place for place, line in enumerate(body) if closing.search(line)), None)
    if place is not None:
        yield Notice("formats.tags_without_meta", line=place + 1)
