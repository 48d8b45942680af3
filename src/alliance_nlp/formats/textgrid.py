"""Praat TextGrids (``.TextGrid``) → one draft: a tier is a speaker, an interval with text is what they say.

In: the bytes of a file, text form, UTF-8, UTF-16 or Windows-1252.  Out: an utterance for each interval with text;
``line`` is the line of that text.  Empty intervals and « _ », « # », « sil » are silence.  When there is one tier of
talk and one that says who speaks when (« spk »), the latter names the speakers.  Word tiers are read only when no
tier holds talk.  Kept aside in ``metadata["textgrid"]``: points, words, sounds, remarks.  Corpus tags
(``<UNSURE>…</UNSURE>``, ``<UNIN/>``) become plain words and notes.

Two files of one conversation (``…_doctor.TextGrid``, ``…_patient.TextGrid``) are put together by :func:`together`;
who calls it is said in :mod:`alliance_nlp.batch.conversations`.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.chat_text import ELISION
from alliance_nlp.formats.encoding import decode, probe_text
from alliance_nlp.formats.textgrid_file import Grid, Interval, Tier, parse_textgrid
from alliance_nlp.formats.textgrid_tiers import Sorted, is_silence, owner, sort_tiers
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Notice, Transcript

PAUSE_S = 1.0  # a silence this long ends an utterance when there are words only, as in the readers of recognisers
SAME_LENGTH_S = 0.5  # two channels of one recording are cut at the same moment, give or take a breath
MAX_OVERLAP = 0.5  # of the lesser talk: people who talk to each other do not talk all at once

_HEAD = re.compile(r'\ufeff?\s*(?:File type\s*=\s*)?"(?:ooTextFile|Praat chronological TextGrid)')
_TOGETHER = re.compile(r"! alliance-nlp together: (?P<files>[^\n]{1,600})\n")
_EMPTY_TAG = re.compile(r"<([A-Z][A-Z_]{1,30})\s?/>")
_TAG = re.compile(r"</?[A-Z][A-Z_]{1,30}>")
_UNHEARD = re.compile(r"UNIN|INAUDIBLE|UNINTELLIGIBLE")


def is_textgrid(data: bytes, name: str) -> bool:
    """True for Praat's text files; which object they hold is told when they are read."""
    return data.startswith(b"ooBinaryFile") or _HEAD.match(probe_text(data)) is not None


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one draft of the file; TranscriptFormatError when it is no TextGrid, damaged or without talk."""
    decoded = decode(data, name)
    grid = parse_textgrid(decoded.text, name)
    tiers = sort_tiers(grid)
    utterances = tuple(_utterances(tiers))
    if not utterances:
        names = ", ".join(f"« {tier.name} »" for tier in grid.tiers[:20]) or "–"
        raise TranscriptFormatError("talk_files.textgrid_no_talk", file=name, tiers=names)
    aside = _aside(tiers)
    metadata = {"textgrid": {"xmax_s": grid.xmax_s, **({"tiers": aside} if aside else {})}}
    notices = tuple(_notices(decoded.text, grid, tiers))
    return [Draft(utterances, metadata=metadata, notices=notices, encoding=decoded.encoding)]


# ---------------------------------------------------------------------------------------- talk


@dataclass(frozen=True, slots=True)
class _Voices:
    """The tier that says who speaks when, in order of time."""

    intervals: tuple[Interval, ...]
    starts: tuple[float, ...]

    def during(self, interval: Interval) -> str | None:
        """Return who is named for most of an interval; None in silence."""
        first = max(bisect_right(self.starts, interval.start_s or 0.0) - 1, 0)
        last = bisect_right(self.starts, interval.end_s or 0.0)
        best = max(self.intervals[first:last], key=lambda other: _shared(interval, other), default=None)
        found = best is not None and _shared(interval, best) > 0 and not is_silence(best.text)
        return best.text if best is not None and found else None


def _utterances(tiers: Sorted) -> Iterator[Utterance]:
    """Yield what is said, in order of time (what has no time stands last)."""
    read = [*tiers.talk, *tiers.words]
    voices = _voices(tiers.speakers) if len(read) == 1 and tiers.speakers is not None else None
    found = [item for tier in tiers.talk for item in _said(tier, tier.name or None, voices)]
    found += [item for tier in tiers.words for item in _from_words(_said(tier, owner(tier), voices))]
    yield from sorted(found, key=lambda item: item.start_s if item.start_s is not None else math.inf)


def _voices(tier: Tier) -> _Voices:
    timed = sorted((i for i in tier.filled if i.start_s is not None), key=lambda i: i.start_s or 0.0)
    return _Voices(tuple(timed), tuple(interval.start_s or 0.0 for interval in timed))


def _said(tier: Tier, speaker: str | None, voices: _Voices | None) -> Iterator[Utterance]:
    for interval in tier.filled:
        text = plain(interval.text)
        if text and not is_silence(interval.text):
            who = speaker if voices is None else voices.during(interval)
            yield Utterance(who, text, interval.line, interval.start_s, interval.end_s)


def _from_words(words: Iterable[Utterance]) -> Iterator[Utterance]:
    """Join aligned words into utterances, cut at silences and where the speaker changes."""
    run: list[Utterance] = []
    for word in words:
        if run and (word.speaker != run[0].speaker or _is_pause(run[-1], word)):
            yield _joined(run)
            run = []
        run.append(word)
    if run:
        yield _joined(run)


def _is_pause(before: Utterance, after: Utterance) -> bool:
    return before.end_s is not None and after.start_s is not None and after.start_s - before.end_s >= PAUSE_S


def _joined(words: Sequence[Utterance]) -> Utterance:
    text = plain(" ".join(word.text for word in words))
    return Utterance(words[0].speaker, text, words[0].line, words[0].start_s, words[-1].end_s)


def _shared(one: Interval, other: Interval) -> float:
    """Return the seconds that two intervals have in common."""
    if None in (one.start_s, one.end_s, other.start_s, other.end_s):
        return 0.0
    return max(0.0, min(one.end_s or 0.0, other.end_s or 0.0) - max(one.start_s or 0.0, other.start_s or 0.0))


def plain(text: str) -> str:
    """Return a label as typed text: corpus tags read, « s' il » joined, all else as it stands.

    >>> plain("<UNSURE>Oui</UNSURE>, s' il <UNIN/> la semaine")
    "Oui, s'il [inaudible] la semaine"
    """
    text = _EMPTY_TAG.sub(lambda tag: f"[{'inaudible' if _UNHEARD.match(tag[1]) else tag[1].lower().replace('_', ' ')}]", text)
    return ELISION.sub(r"\1", " ".join(_TAG.sub("", text).split()))


# ---------------------------------------------------------------------------------------- aside


def _aside(tiers: Sorted) -> dict[str, list[dict[str, object]]]:
    """Return the tiers that are no talk, as JSON-ready values; two of one name are numbered."""
    kept: dict[str, list[dict[str, object]]] = {}
    for tier in (*tiers.aside, *([tiers.speakers] if tiers.speakers is not None else [])):
        name = tier.name or "–"
        while name in kept:
            name += " (2)"
        kept[name] = [{"start_s": i.start_s, "end_s": i.end_s, "text": i.text} for i in tier.filled]
    return kept


def _notices(text: str, grid: Grid, tiers: Sorted) -> Iterator[Notice]:
    both = _TOGETHER.search(text[:2000])
    if both is not None:
        yield Notice("talk_files.textgrid_together", params={"files": both["files"]})
    if tiers.aside:
        names = ", ".join(tier.name for tier in tiers.aside[:20])
        yield Notice("talk_files.textgrid_aside", params={"count": len(tiers.aside), "tiers": names})
    if tiers.words:
        yield Notice("talk_files.textgrid_from_words", params={"pause": int(PAUSE_S)})
    if grid.bad_times:
        yield Notice("files.bad_times", params={"count": grid.bad_times})


# ---------------------------------------------------------------------------------------- two files together


def together(files: Sequence[tuple[str, bytes]]) -> bytes | None:
    """Return the TextGrid of a conversation whose speakers have a file each; None when it is not certain to be one.

    Certain means: every file is a whole TextGrid with one tier of talk and none of words, the tiers have different
    names, the recordings end within :data:`SAME_LENGTH_S` of each other, and the talk does not run all at once.
    """
    try:
        grids = [parse_textgrid(decode(data, name).text, name) for name, data in files]
    except TranscriptFormatError:
        return None
    tiers = [sort_tiers(grid) for grid in grids]
    talk = [tier for found in tiers for tier in found.talk]
    lengths = [grid.xmax_s for grid in grids if grid.xmax_s is not None]
    if any(len(found.talk) != 1 for found in tiers) or len({tier.name for tier in talk}) < len(files):
        return None
    if len(lengths) < len(files) or max(lengths) - min(lengths) > SAME_LENGTH_S or _all_at_once(talk):
        return None
    return _written([tier for grid in grids for tier in grid.tiers], max(lengths), [name for name, _ in files])


def _all_at_once(talk: Sequence[Tier]) -> bool:
    """Return whether two people talk at the same time for most of the lesser talk."""
    one, other = (tier.filled for tier in talk[:2])
    lesser = min(sum(_shared(i, i) for i in intervals) for intervals in (one, other))
    shared, place = 0.0, 0
    for interval in one:  # both are in order of time
        while place < len(other) and (other[place].end_s or 0.0) <= (interval.start_s or 0.0):
            place += 1
        at = place
        while at < len(other) and (other[at].start_s or 0.0) < (interval.end_s or 0.0):
            shared += _shared(interval, other[at])
            at += 1
    return shared > MAX_OVERLAP * lesser


def _written(tiers: Sequence[Tier], xmax_s: float, names: Sequence[str]) -> bytes:
    """Return the tiers as a TextGrid in the short form, with a comment that names the files."""
    files = " + ".join(re.sub(r"\s", " ", name) for name in names)
    head = ['File type = "ooTextFile"', 'Object class = "TextGrid"', f"! alliance-nlp together: {files}"]
    lines = [*head, f"0 {xmax_s}", "<exists>", str(len(tiers))]
    for tier in tiers:
        kind = "TextTier" if tier.points else "IntervalTier"
        lines += [f'"{kind}" {_quoted(tier.name)} 0 {xmax_s} {len(tier.intervals)}']
        lines += [_entry(interval, tier.points) for interval in tier.intervals]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _entry(interval: Interval, points: bool) -> str:
    times = (interval.start_s,) if points else (interval.start_s, interval.end_s)
    return " ".join("--undefined--" if time is None else str(time) for time in times) + f" {_quoted(interval.text)}"


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
