"""Subtitles (``.srt``, ``.vtt``) → one draft: who says what in each cue, with its times.

In: the bytes of a file.  Out: an utterance for each stretch of a cue by one speaker; ``line`` is the line of
the file where the cue's text begins.  Speakers come from WebVTT voices (``<v Name>``), else from names before
the speech (« T : », « [SPEAKER_00]: », « >> ALICE: »), which hold until the next name, or stand alone on a cue's
first row; else from a note (« NOTE Speaker: … ») or an id (Webex: « 3 "Mme D." ») before each cue; where there are none,
marks of a change (« - », « >> ») alternate between two.  Cues are not joined into turns here: segmentation
does that.

A cue shared by several speakers says when it begins and ends, not when they change: each of them has the
cue's start, only the last one its end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.cue_text import Row, plain_rows, without_repeats
from alliance_nlp.formats.cues import Cue, CueFile, parse_cues
from alliance_nlp.formats.encoding import decode_as_typed
from alliance_nlp.formats.line_openings import Form, Opening, candidates
from alliance_nlp.formats.names import is_known_name, is_name_like
from alliance_nlp.formats.noscribe import declared_language
from alliance_nlp.formats.prefixes import lone_names, openings
from alliance_nlp.formats.talk import Line as TalkLine
from alliance_nlp.formats.talk import spoken
from alliance_nlp.formats.timestamps import Times
from alliance_nlp.segmentation import MAX_PAUSE_S, Utterance, is_note
from alliance_nlp.transcript import Notice, Transcript

ALTERNATING = ("A", "B")  # as in plain text without names
_MARKED_SHARE = 0.2  # of the cues: with fewer marks of change, whole stretches would be misattributed
HEAD_CHARS = 2000  # noScribe says its settings in the first note
NAMED_ROWS = 0.6  # of the cues: names on rows of their own are a layout, not a coincidence
_CHANGE = re.compile(r"(?P<sign>>{2,3}|[-–—‐])[ \t\u00a0\u202f]*(?=\S)")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a cue, without its sign or name: who is named, and whether the speaker changes here."""

    text: str
    speaker: str | None
    is_change: bool


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one draft of the file; TranscriptFormatError when it holds no cue, or none with text."""
    decoded = decode_as_typed(data, name)  # composed characters are made row by row: tags end in ">"
    file = parse_cues(decoded.text)
    if not file.cues:
        raise TranscriptFormatError("files.subtitles_no_cue", file=name)
    rows, repeated = without_repeats([plain_rows(cue.rows) for cue in file.cues])
    if not any(rows):
        raise TranscriptFormatError("files.subtitles_no_text", file=name, count=len(file.cues))
    lines = _lines(file, rows)
    guessed = _changes_to_alternate(lines)
    utterances = tuple(_with_overlaps(list(_utterances(file.cues, _alternated(lines) if guessed else lines))))
    notices = (*_file_notices(file, repeated), *_speaker_notices(utterances, guessed))
    language = file.language or declared_language(decoded.text[:HEAD_CHARS].split("\n")) or "fr"
    return [Draft(utterances, language=language, notices=notices, encoding=decoded.encoding)]


# ---------------------------------------------------------------------------------------- speakers


def _lines(file: CueFile, rows: Sequence[tuple[Row, ...]]) -> list[list[Line]]:
    """Return each cue's lines with the speakers that voices give, or else names before the speech."""
    if any(row.voice for cue in rows for row in cue):
        return [[Line(row.text, _voice(row, cue), is_change=True) for row in cue] for cue in rows]
    if any(cue.speaker for cue in file.cues):
        return [[Line(row.text, cue.speaker, is_change=True) for row in found] for cue, found in zip(file.cues, rows)]
    heads = _names_above(rows)
    if heads:
        return [_below_name(cue, heads) for cue in rows]
    marked = [_without_signs(cue) for cue in rows]
    found = iter(_openings(file, marked))
    speaker: str | None = None
    named: list[list[Line]] = []
    for lines in marked:
        named.append([])
        for line in lines:
            opening = next(found)
            if opening is not None or line.is_change:
                speaker = None if opening is None else opening.name
            text = line.text if opening is None else opening.rest
            named[-1].append(Line(text, speaker, line.is_change or opening is not None))
    return named


def _openings(file: CueFile, cues: Sequence[Sequence[Line]]) -> list[Opening | None]:
    """Return for each line of all cues the name it opens with.

    Subtitles give a name where the speaker changes, so that somebody may be named once only: beside names
    that recur, such a name is believed when it opens a cue after a finished sentence or a pause.
    """
    texts = [line.text for lines in cues for line in lines]
    found = openings(texts, alone=False)
    fresh = _fresh_starts(file, cues)
    for place in lone_names(texts, found):
        if place in fresh:
            found[place] = next(opening for opening in candidates(texts[place]) if opening.form is Form.COLON)
    return found


def _fresh_starts(file: CueFile, cues: Sequence[Sequence[Line]]) -> set[int]:
    """Return the places, among all lines, of those that open a cue after a finished sentence or a pause."""
    fresh = set()
    place = 0
    last_text = ""
    last_end_s: float | None = None
    for cue, lines in zip(file.cues, cues):
        if _is_pause(last_end_s, cue.start_s) or re.search(r"[.!?…][»\"”’)\]\s]*$", last_text[-20:]):
            fresh.add(place)
        place += len(lines)
        if lines:
            last_text, last_end_s = lines[-1].text, cue.end_s
    return fresh


def _is_pause(end_s: float | None, start_s: float | None) -> bool:
    return end_s is not None and start_s is not None and start_s - end_s >= MAX_PAUSE_S


def _names_above(cues: Sequence[Sequence[Row]]) -> frozenset[str]:
    """Return the names that stand alone on the first row of (nearly) all cues, above the speech; else none.

    Speech cut in two rows hardly ever begins twice with the same row; two people's names do, all along.
    """
    firsts = Counter(cue[0].text for cue in cues if len(cue) > 1 and is_name_like(cue[0].text))
    names = {name for name, count in firsts.items() if count > 1 or is_known_name(name)}
    filled = sum(1 for cue in cues if cue)
    is_layout = len(names) > 1 and sum(firsts[name] for name in names) >= NAMED_ROWS * filled
    return frozenset(names) if is_layout else frozenset()


def _below_name(rows: Sequence[Row], names: frozenset[str]) -> list[Line]:
    speaker = rows[0].text if len(rows) > 1 and rows[0].text in names else None
    return [Line(row.text, speaker, is_change=True) for row in (rows[1:] if speaker else rows)]


def _voice(row: Row, cue: Sequence[Row]) -> str | None:
    """Return who a row's tag names.

    noScribe gives a whole paragraph the voice of its last stretch: where that one talks over somebody (« <v //S02> …
    //S02: oui // »), who speaks the rest is not said.
    """
    name = _name(row.voice)
    is_over = (row.voice or "").startswith("//")
    return None if is_over and any(f"//{name}:" in other.text for other in cue) else name


def _name(voice: str | None) -> str | None:
    # noScribe sets two strokes before the name of who talks over somebody.
    return (voice or "").removeprefix("//").strip(" \u00a0\u202f:") or None


def _without_signs(rows: Sequence[Row]) -> list[Line]:
    """Return a cue's rows without the signs of a change of speaker, and whether each had one.

    A dash before a small letter in the middle of a cue is punctuation: « – enfin, je crois ».
    """
    lines = []
    dashed_cue = bool(rows) and _CHANGE.match(rows[0].text) is not None
    for row in rows:
        sign = _CHANGE.match(row.text)
        rest = row.text[sign.end() :] if sign else row.text
        is_change = sign is not None and (dashed_cue or sign["sign"][0] == ">" or not rest[0].islower())
        lines.append(Line(rest if is_change else row.text, None, is_change))
    return lines


def _changes_to_alternate(cues: Sequence[Sequence[Line]]) -> int:
    """Return the number of marked changes when speakers are to alternate at them, else 0."""
    lines = [line for cue in cues for line in cue]
    changes = sum(line.is_change for line in lines)
    is_unnamed = all(line.speaker is None for line in lines)
    filled = sum(1 for cue in cues if cue)
    return changes if is_unnamed and changes >= max(2, _MARKED_SHARE * filled) else 0


def _alternated(cues: Sequence[Sequence[Line]]) -> list[list[Line]]:
    place, begun = 0, False
    alternated: list[list[Line]] = []
    for cue in cues:
        alternated.append([])
        for line in cue:
            place += line.is_change and begun
            begun = True
            alternated[-1].append(Line(line.text, ALTERNATING[place % 2], line.is_change))
    return alternated


# ---------------------------------------------------------------------------------------- utterances


def _utterances(cues: Sequence[Cue], spoken: Sequence[Sequence[Line]]) -> Iterator[Utterance]:
    for cue, lines in zip(cues, spoken):
        stretches = _stretches(lines)
        for place, stretch in enumerate(stretches):
            end_s = cue.end_s if place + 1 == len(stretches) else None
            text = " ".join(line.text for line in stretch)
            yield Utterance(stretch[0].speaker, text, cue.line, cue.start_s, end_s)


def _with_overlaps(utterances: Sequence[Utterance]) -> Iterator[Utterance]:
    """Yield the utterances, those with named overlaps (noScribe's « //S02: oui // ») cut at them."""
    names = {utterance.speaker for utterance in utterances if utterance.speaker is not None}
    for utterance in utterances:
        if "//" not in utterance.text:
            yield utterance
            continue
        times = Times(utterance.start_s, utterance.end_s)
        pieces, _ = spoken([TalkLine(utterance.line or 1, utterance.speaker, utterance.text, times)], names)
        # Without a start a piece would keep the whole file from being put in order of time.
        yield from (replace(piece, start_s=utterance.start_s) for piece in pieces)


def _stretches(lines: Sequence[Line]) -> list[list[Line]]:
    """Group a cue's lines by speaker; a line that only names somebody says nothing."""
    stretches: list[list[Line]] = []
    for line in lines:
        if not line.text:
            continue
        last = stretches[-1][-1] if stretches else None
        goes_on = last is not None and last.speaker == line.speaker
        if goes_on and (line.speaker is not None or not line.is_change):
            stretches[-1].append(line)
        else:
            stretches.append([line])
    return stretches


# ---------------------------------------------------------------------------------------- notices


def _file_notices(file: CueFile, repeated: int) -> list[Notice]:
    notices = []
    if file.damaged_lines:
        count = len(file.damaged_lines)
        notices.append(
            Notice("files.subtitles_bad_times", line=file.damaged_lines[0], params={"count": count})
        )
    if repeated:
        notices.append(Notice("files.subtitles_rolling", params={"count": repeated}))
    return notices


def _speaker_notices(utterances: Sequence[Utterance], guessed: int) -> list[Notice]:
    if guessed:
        first, second = ALTERNATING
        params = {"count": guessed, "first": first, "second": second}
        return [Notice("files.subtitles_turns_guessed", params=params)]
    unnamed = [item.line for item in utterances if item.speaker is None and not is_note(item.text)]
    if not unnamed:
        return []
    params = {"count": len(unnamed), "total": len(utterances)}
    return [Notice("files.without_speaker", line=unnamed[0], params=params)]
