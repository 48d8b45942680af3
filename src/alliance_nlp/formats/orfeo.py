"""ORFEO files and spoken CoNLL (``.orfeo``, ``.conll``, ``.conllu``) → one draft: one word a line.

In: lines of ten CoNLL columns, in ORFEO followed by start, end (seconds) and speaker.  Out: an utterance for each run of one
speaker's words in a sentence.  The text is the sentence's « # text », else the words joined into French typing.  In CoNLL-U
the speaker may stand in « # speaker_id = … », the times in the last column (AlignBegin, AlignEnd, milliseconds).  Left out:
lemmas, categories and dependencies.  Sources: CEFC-ORFEO (Benzitoun, Debaisieux & Deulofeu 2016); CoNLL-U, Universal
Dependencies.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.encoding import decode, split_lines
from alliance_nlp.formats.oral import plain, time_s
from alliance_nlp.formats.words import join_words
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Notice, Transcript

COLUMNS = 10  # of CoNLL; ORFEO adds start, end and speaker

_WORD = re.compile(r"(?P<id>\d{1,6})(?P<last>-\d{1,6})?\t")
_COMMENT = re.compile(r"#\s*(?P<key>[\w.-]{1,40})\s*=\s*(?P<value>.*)")
_SPEAKER_KEYS = ("speaker_id", "speaker", "spk", "locuteur")
_ALIGNED = re.compile(r"(?:^|\|)(Align(?:Begin|End))=(\d{1,12})(?=\||$)")


@dataclass(frozen=True, slots=True)
class _Word:
    """One word: its form, its times, its speaker, the line it stands on, and whether a space follows."""

    form: str
    start_s: float | None
    end_s: float | None
    speaker: str | None
    line: int
    bad_times: int


@dataclass(slots=True)
class _Sentence:
    """The words of a sentence and what its comments say."""

    words: list[_Word]
    comments: dict[str, str]


def is_words(head: str) -> bool:
    """True when ``head``, the beginning of a text, holds words in CoNLL columns."""
    lines = [line for line in split_lines(head[:20_000].removeprefix("\ufeff")) if line.strip() and not line.startswith("#")][:5]
    return bool(lines) and all(_WORD.match(line) and line.count("\t") >= COLUMNS - 1 for line in lines[:-1] or lines)


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one session of the file; TranscriptFormatError when it holds no word."""
    decoded = decode(data, name)
    sentences = list(_sentences(decoded.text))
    if not any(sentence.words for sentence in sentences):
        raise TranscriptFormatError("oral.orfeo_no_word", file=name)
    utterances = tuple(utterance for sentence in sentences for utterance in _utterances(sentence))
    words = sum(len(sentence.words) for sentence in sentences)
    bad = sum(word.bad_times for sentence in sentences for word in sentence.words)
    notices = (Notice("oral.orfeo_words", params={"count": words}), *([Notice("oral.bad_times", params={"count": bad})] if bad else []))
    return [Draft(utterances, notices=notices, encoding=decoded.encoding)]


def _sentences(text: str) -> Iterator[_Sentence]:
    """Yield the sentences of a file: words up to an empty line, with the comments before them."""
    now = _Sentence([], {})
    covered = 0  # the last word that a form of several words (« 2-3 du ») stands for
    for number, line in enumerate(split_lines(text.removeprefix("\ufeff")), start=1):
        comment = _COMMENT.match(line)
        word = _WORD.match(line)
        if not line.strip():
            yield now
            now, covered = _Sentence([], {}), 0
        elif comment is not None:
            now.comments[comment["key"]] = comment["value"].strip()
        elif word is not None and line.count("\t") >= 1 and int(word["id"]) > covered:
            covered = int(word["last"][1:]) if word["last"] else covered
            now.words.append(_word(line.split("\t"), number, now.comments))
    yield now


def _word(cells: Sequence[str], line: int, comments: dict[str, str]) -> _Word:
    extra = [cell.strip() for cell in cells[COLUMNS : COLUMNS + 3]]
    aligned = dict(_ALIGNED.findall(cells[COLUMNS - 1])) if len(cells) >= COLUMNS else {}
    raw = [cell for cell in extra[:2] if cell not in ("", "_")]
    times = [time_s(cell) for cell in extra[:2]] if len(extra) >= 2 else [
        time_s(aligned.get(key), unit_s=0.001) for key in ("AlignBegin", "AlignEnd")
    ]  # fmt: skip
    speaker = extra[2] if len(extra) == 3 else next((comments[key] for key in _SPEAKER_KEYS if key in comments), "")
    return _Word(
        form=unicodedata.normalize("NFC", cells[1].strip()),
        start_s=times[0],
        end_s=times[1],
        speaker=None if speaker in ("", "_") else plain(speaker),
        line=line,
        bad_times=sum(time_s(cell) is None for cell in raw) if len(extra) >= 2 else 0,
    )


def _utterances(sentence: _Sentence) -> Iterator[Utterance]:
    """Yield a sentence, cut where its words change speaker."""
    runs = [list(run) for _, run in groupby(sentence.words, key=lambda word: word.speaker)]
    for run in runs:
        joined = join_words(word.form for word in run if word.form not in ("", "_"))
        text = _typed(sentence.comments.get("text", ""), joined) if len(runs) == 1 else joined
        if text:
            ends = [word.end_s for word in run if word.end_s is not None]
            start_s = next((word.start_s for word in run if word.start_s is not None), None)
            yield Utterance(run[0].speaker, text, run[0].line, start_s, max(ends, default=None))


def _typed(text: str, joined: str) -> str:
    """Return the sentence as its comment has it, when its words are those of the lines; else the joined words."""
    same = re.sub(r"\s", "", text) == re.sub(r"\s", "", joined)
    return plain(text) if same else joined
