"""Transcripts of speech recognisers as JSON → one draft.

In: what whisper, faster-whisper, WhisperX, whisper.cpp and the Hugging Face pipeline write, and the podcast
index's JSON: segments with or without speakers, with or without words, or words alone.  Out: one utterance a
segment, cut where its words change speaker; ``line`` is the number of the segment (or of the first word).
Left out: tokens, scores and word times, which no later step reads.  Unknown speakers stay None.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.clock import seconds
from alliance_nlp.formats.encoding import decode
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Notice, Transcript

_SEGMENT_KEYS = ("segments", "transcription", "chunks")
_WORD_KEYS = ("word_segments", "words")
_TEXT_KEYS = ("text", "body", "word")
_START_KEYS = ("start", "startTime", "start_time")
_END_KEYS = ("end", "endTime", "end_time")
_LANGUAGE_CODES = {"french": "fr", "français": "fr", "english": "en"}  # some services write the language out
_MAX_TIME_S = 1e9  # thirty years: beyond, it is no time of a recording
_PAUSE_S = 1.0  # a silence this long ends an utterance when there are words only


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment or a word: its text, its speaker and its times, where given."""

    text: str
    speaker: str | None
    start_s: float | None
    end_s: float | None


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a recogniser's file holds: its segments, its words outside segments, its language."""

    segments: Sequence[Mapping[str, Any]]
    words: Sequence[Mapping[str, Any]]
    language: str


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one draft of the file; TranscriptFormatError when it is no such JSON or holds no text."""
    decoded = decode(data, name)
    recognised = _recognised(_parse(decoded.text, name), name)
    utterances = tuple(_utterances(recognised))
    if not utterances:
        raise TranscriptFormatError("files.whisper_no_text", file=name)
    notices = (*_speaker_notices(utterances), *_time_notices((*recognised.segments, *recognised.words)))
    return [Draft(utterances, language=recognised.language, notices=notices, encoding=decoded.encoding)]


# ---------------------------------------------------------------------------------------- the file


def _parse(text: str, name: str) -> Any:
    if not text.strip():
        raise TranscriptFormatError("formats.empty_file", file=name)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        # Not the parser's own message: it is English, and later versions may quote the text.
        raise TranscriptFormatError(
            "files.json_invalid", file=name, line=error.lineno, column=error.colno
        ) from None
    except (RecursionError, ValueError) as error:  # nested, or a number, beyond all measure
        raise TranscriptFormatError("files.whisper_not_segments", file=name) from error


def _recognised(document: Any, name: str) -> Recognised:
    """Return the segments and words of a decoded file; TranscriptFormatError when there are none."""
    if isinstance(document, list):
        document = {"segments": document}
    if not isinstance(document, Mapping):
        raise TranscriptFormatError("files.whisper_not_segments", file=name)
    segments = _first_list(document, _SEGMENT_KEYS)
    words = _first_list(document, _WORD_KEYS)
    if segments is None and words is None:
        raise TranscriptFormatError("files.whisper_not_segments", file=name)
    for place, item in enumerate((*(segments or ()), *(words or ())), start=1):
        if not isinstance(item, Mapping) or not any(key in item for key in _TEXT_KEYS):
            raise TranscriptFormatError("files.whisper_bad_segment", file=name, number=place)
    return Recognised(segments or (), words or (), _language(document))


def _first_list(document: Mapping[str, Any], keys: Sequence[str]) -> list[Any] | None:
    return next((document[key] for key in keys if isinstance(document.get(key), list)), None)


def _language(document: Mapping[str, Any]) -> str:
    """Return the two- or three-letter language of the file, French when it gives none."""
    result = document.get("result")  # whisper.cpp
    candidates = (
        document.get("language"),
        document.get("language_code"),
        isinstance(result, Mapping) and result,
    )
    for value in candidates:
        value = value.get("language") if isinstance(value, Mapping) else value
        if isinstance(value, str) and value.strip():
            value = value.strip().lower()
            return _LANGUAGE_CODES.get(value, value.replace("_", "-").partition("-")[0])
    return "fr"


# ---------------------------------------------------------------------------------------- utterances


def _utterances(recognised: Recognised) -> Iterator[Utterance]:
    if not recognised.segments:
        yield from _from_words([_piece(word) for word in recognised.words])
        return
    loose = _words_by_segment(recognised)
    for place, segment in enumerate(recognised.segments):
        own = segment.get("words")
        words = [word for word in own if isinstance(word, Mapping)] if isinstance(own, list) else []
        for piece in _cut(_piece(segment), [_piece(word) for word in words or loose[place]]):
            if piece.text:
                yield Utterance(piece.speaker, piece.text, place + 1, piece.start_s, piece.end_s)


def _words_by_segment(recognised: Recognised) -> list[list[Mapping[str, Any]]]:
    """Return the words that stand outside the segments, each list to its segment, by the times of both."""
    shares: list[list[Mapping[str, Any]]] = [[] for _ in recognised.segments]
    place = 0
    for word in recognised.words:
        start_s = _start(word)
        while start_s is not None and place + 1 < len(shares):
            following = _start(recognised.segments[place + 1])
            if following is None or start_s < following:
                break
            place += 1
        shares[place].append(word)
    return shares


def _cut(segment: Piece, words: Sequence[Piece]) -> list[Piece]:
    """Return the segment, cut where its words change speaker.

    Words without a speaker (numbers, mostly: the aligner leaves them out) go with the word before.  A segment
    whose speaker is none of its words' was renamed by hand: that name counts.  When the words do not fit the
    text, the speaker of most words is taken.
    """
    speakers = _filled([word.speaker for word in words], segment.speaker)
    known = [speaker for speaker in speakers if speaker is not None]
    if not known or (segment.speaker is not None and segment.speaker not in known):
        return [segment]
    majority = Counter(known).most_common(1)[0][0]
    runs = [[place for place, _ in run] for _, run in groupby(enumerate(speakers), key=lambda pair: pair[1])]
    starts = _word_starts(segment.text, words) if len(runs) > 1 else None
    if starts is None:
        return [Piece(segment.text, segment.speaker or majority, segment.start_s, segment.end_s)]
    bounds = [0, *(starts[run[0]] for run in runs[1:]), len(segment.text)]
    texts = [segment.text[start:end].strip() for start, end in zip(bounds, bounds[1:])]
    return [
        Piece(text, speakers[run[0]], *_times_of([words[place] for place in run], segment))
        for text, run in zip(texts, runs)
    ]


def _filled(speakers: Sequence[str | None], default: str | None) -> list[str | None]:
    """Return the speakers with each gap filled from before, the first gap from after, else ``default``."""
    filled = []
    last = next((speaker for speaker in speakers if speaker is not None), default)
    for speaker in speakers:
        last = speaker if speaker is not None else last
        filled.append(last)
    return filled


def _word_starts(text: str, words: Sequence[Piece]) -> list[int] | None:
    """Return where each word begins in the text, None when one is not found in its place."""
    starts = []
    position = 0
    for word in words:
        position = text.find(word.text, position)
        if position < 0:
            return None
        starts.append(position)
        position += len(word.text)
    return starts


def _times_of(words: Sequence[Piece], segment: Piece) -> tuple[float | None, float | None]:
    starts = [word.start_s for word in words if word.start_s is not None]
    ends = [word.end_s for word in words if word.end_s is not None]
    return (starts[0] if starts else segment.start_s, ends[-1] if ends else segment.end_s)


def _from_words(words: Sequence[Piece]) -> Iterator[Utterance]:
    """Yield the utterances of a file of words alone: a new one at a change of speaker or a pause."""
    speakers = _filled([word.speaker for word in words], None)
    run: list[int] = []
    for place in range(len(words) + 1):
        if run and (place == len(words) or speakers[place] != speakers[place - 1] or _is_pause(words, place)):
            text = " ".join(words[at].text for at in run if words[at].text)
            start_s, end_s = _times_of([words[at] for at in run], Piece("", None, None, None))
            if text:
                yield Utterance(speakers[run[0]], text, run[0] + 1, start_s, end_s)
            run = []
        run.append(place)


def _is_pause(words: Sequence[Piece], place: int) -> bool:
    end_s, start_s = words[place - 1].end_s, words[place].start_s
    return end_s is not None and start_s is not None and start_s - end_s >= _PAUSE_S


# ---------------------------------------------------------------------------------------- values


def _piece(item: Mapping[str, Any]) -> Piece:
    text = next((item[key] for key in _TEXT_KEYS if isinstance(item.get(key), str)), "")
    speaker = item.get("speaker")
    name = "" if speaker is None or isinstance(speaker, (dict, list)) else str(speaker).strip()
    return Piece(unicodedata.normalize("NFC", text).strip(), name or None, _start(item), _end(item))


def _start(item: Mapping[str, Any]) -> float | None:
    return _time(_raw_time(item, 0))


def _end(item: Mapping[str, Any]) -> float | None:
    return _time(_raw_time(item, 1))


def _raw_time(item: Mapping[str, Any], side: int) -> Any:
    """Return the start (``side`` 0) or end (1) as written, None when absent."""
    for key in (_START_KEYS, _END_KEYS)[side]:
        if key in item:
            return item[key]
    pair = item.get("timestamp")  # Hugging Face: [start, end]
    if isinstance(pair, list) and len(pair) == 2:
        return pair[side]
    clock = item.get("timestamps")  # whisper.cpp: {"from": "00:00:01,000", "to": …}
    if isinstance(clock, Mapping) and isinstance(clock.get(("from", "to")[side]), str):
        return seconds(clock[("from", "to")[side]])
    return None


def _time(value: Any) -> float | None:
    if isinstance(value, str):
        return seconds(value)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < _MAX_TIME_S else None  # NaN and infinity are not


# ---------------------------------------------------------------------------------------- notices


def _speaker_notices(utterances: Sequence[Utterance]) -> list[Notice]:
    unnamed = [utterance.line for utterance in utterances if utterance.speaker is None]
    if not unnamed:
        return []
    params = {"count": len(unnamed), "total": len(utterances)}
    return [Notice("files.whisper_without_speaker", line=unnamed[0], params=params)]


def _time_notices(items: Sequence[Mapping[str, Any]]) -> list[Notice]:
    """Return a notice for times written as text (read), and one for what is no time (left empty)."""
    raw = [_raw_time(item, side) for item in items for side in (0, 1)]
    as_text = sum(isinstance(value, str) and _time(value) is not None for value in raw)
    unread = sum(value is not None and _time(value) is None for value in raw)
    notices = []
    if as_text:
        notices.append(Notice("files.whisper_text_times", params={"count": as_text}))
    if unread:
        notices.append(Notice("files.bad_times", params={"count": unread}))
    return notices
