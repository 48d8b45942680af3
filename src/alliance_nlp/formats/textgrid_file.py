"""Praat text files (``.TextGrid``), long or short → tiers of intervals and points.

In: decoded text.  Out: :class:`Grid`.  Praat reads nothing but free-standing numbers, texts in double quotes and
flags in angle brackets; all else (« xmin = », « intervals [3]: ») is comment, so that one parser serves both the long
and the short form.  A quote inside a text is doubled; old files write accents as trigraphs (``\\e'``).

Sources: Praat manual, « TextGrid file formats » and « Special symbols ».
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from alliance_nlp.errors import TranscriptFormatError

MAX_ENTRIES = 300_000  # an hour of talk cut into words, syllables and sounds takes some 80,000
MAX_TIME_S = 1e9  # thirty years: beyond, it is no time of a recording

_TOKEN = re.compile(r'"(?P<text>[^"]*(?:""[^"]*)*)"|(?P<comment>!\s?[^\n]*)|(?P<open>")|(?P<bare>[^\s"]+)')
_NUMBER = re.compile(r"[-+]?\d{1,30}(?:\.\d{0,40})?(?:[eE][-+]?\d{1,4})?")
_MARKS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", ",": "\u0327"}
_ACCENT = re.compile(r"\\([A-Za-z])(['`^\"~,])")
_SIGNS = {r"\oe": "œ", r"\OE": "Œ", r"\ae": "æ", r"\AE": "Æ", r"\<<": "«", r"\>>": "»", r"\bu": "•"}


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval: its text as read, times in seconds, the 1-based line of its text."""

    start_s: float | None
    end_s: float | None
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier; ``points`` True when its entries are moments (``start_s`` = ``end_s``)."""

    name: str
    intervals: tuple[Interval, ...]
    points: bool = False

    @property
    def filled(self) -> tuple[Interval, ...]:
        """The entries that hold text."""
        return tuple(interval for interval in self.intervals if interval.text)


@dataclass(frozen=True, slots=True)
class Grid:
    """A TextGrid: its tiers in file order, its length in seconds, and how many times could not be read."""

    tiers: tuple[Tier, ...]
    xmax_s: float | None
    bad_times: int = 0


def parse_textgrid(text: str, name: str) -> Grid:
    """Return the tiers of a TextGrid; TranscriptFormatError with the line where the file breaks off."""
    reader = _Reader(text.removeprefix("\ufeff"), name)
    reader.head()
    reader.number()  # xmin
    xmax_s = reader.time()
    if not reader.flag():
        return Grid((), xmax_s, reader.bad_times)
    tiers = tuple(reader.tier() for _ in range(reader.count()))
    return Grid(tiers, xmax_s, reader.bad_times)


class _Reader:
    """Reads one value after the other, and knows the line it is on."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name
        self.breaks = [match.start() for match in re.finditer(r"\n|\r(?!\n)", text)]
        self.tokens: Iterator[re.Match[str]] = _TOKEN.finditer(text)
        self.place = 0
        self.bad_times = 0
        self.entries = 0

    def head(self) -> None:
        """Read « File type » and « Object class »; another class of Praat's is refused by name."""
        kind = self.string("« ooTextFile »")
        found = self.string("« TextGrid »") if kind.startswith("ooTextFile") else kind
        if not found.startswith("TextGrid"):
            told = " ".join(re.findall(r"[A-Za-z]{1,20}", found)[:6]) or "?"
            raise TranscriptFormatError("talk_files.praat_other", file=self.name, found=told)

    def tier(self) -> Tier:
        """Read one tier of intervals or points."""
        kind = self.string("« IntervalTier »")
        if kind not in ("IntervalTier", "TextTier"):
            raise self.damaged("« IntervalTier »")
        name = " ".join(_unescaped(self.string("« name »")).split())
        self.number()
        self.number()
        points = kind == "TextTier"
        entries = tuple(self.entry(points) for _ in range(self.count()))
        return Tier(name, entries, points)

    def entry(self, points: bool) -> Interval:
        """Read one interval, or one point."""
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            raise TranscriptFormatError("talk_files.too_many", file=self.name, count=self.entries, limit=MAX_ENTRIES)
        start_s = self.time()
        end_s = start_s if points else self.time()
        text = _unescaped(self.string("« text »")).strip()
        if start_s is not None and end_s is not None and end_s < start_s:
            end_s, self.bad_times = None, self.bad_times + 1
        return Interval(start_s, end_s, " ".join(text.split()), self.line())

    def time(self) -> float | None:
        """Read a number of seconds; None (and counted) for what is no time."""
        value = self.number()
        if math.isfinite(value) and 0 <= value < MAX_TIME_S:
            return round(value, 3)
        self.bad_times += 1
        return None

    def count(self) -> int:
        """Read how many entries follow; the file ends before a wild number does."""
        value = self.number()
        if not math.isfinite(value) or value < 0:
            raise self.damaged("« size »")
        return int(value)

    def number(self) -> float:
        """Return the next free-standing number; « --undefined-- » is none, NaN here."""
        for token in self.tokens:
            self.place = token.start()
            bare = token["bare"]
            if bare in ("--undefined--", "nan", "NaN", "inf", "Infinity", "-inf", "-Infinity"):
                return math.nan
            if bare is not None and _NUMBER.fullmatch(bare):
                return float(bare)
            if bare is None and token["comment"] is None:
                break
        raise self.damaged("« xmin »")

    def string(self, expected: str) -> str:
        """Return the next text in quotes."""
        for token in self.tokens:
            self.place = token.start()
            if token["text"] is not None:
                return token["text"].replace('""', '"')
            if token["open"] is not None:
                break
        raise self.damaged(expected)

    def flag(self) -> bool:
        """Read « <exists> » or « <absent> »."""
        for token in self.tokens:
            self.place = token.start()
            if token["bare"] in ("<exists>", "<absent>"):
                return token["bare"] == "<exists>"
            if token["text"] is not None or token["open"] is not None:
                break
        raise self.damaged("<exists>")

    def line(self) -> int:
        """Return the 1-based line of the last value."""
        return bisect_right(self.breaks, self.place) + 1

    def damaged(self, expected: str) -> TranscriptFormatError:
        """Return the error for a value that is not there."""
        return TranscriptFormatError("talk_files.textgrid_damaged", file=self.name, line=self.line(), expected=expected)


def _unescaped(text: str) -> str:
    """Read Praat's trigraphs (``\\e'`` → é), which only old files hold."""
    if "\\" in text:
        text = _ACCENT.sub(lambda match: match[1] + _MARKS[match[2]], text)
        for sign, char in _SIGNS.items():
            text = text.replace(sign, char)
    return unicodedata.normalize("NFC", text)
