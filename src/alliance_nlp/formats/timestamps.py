"""Time stamps typed into plain text: at the head of a line, at its end, or inside it.

In: a line. Out: its times in seconds and the text without them. Read: ``[00:01:16]``, ``(1:16)``,
``00:01:16.5``, ``[00:01:16 - 00:01:20]``, ``[0.01 → 0.69]`` and f4's ``#00:01:16-4#`` (tenths after the
dash). A bare ``14:30`` is left in the text: people say times of day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from alliance_nlp.formats.clock import seconds

_CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
_CLOCK_2 = r"\d{1,3}:\d{2}"
_SECONDS = r"\d{1,6}(?:[.,]\d{1,3})?s?"
_ARROW = r"\s{0,3}(?:-{1,2}>|→|–|—|-|à|to)\s{0,3}"
_IN_BRACKETS = (
    rf"[\[(<{{]\s{{0,3}}(?:(?P<b1>{_CLOCK})(?:{_ARROW}(?P<b2>{_CLOCK}))?"
    rf"|(?=[^\])>}}]{{0,30}}[.,]\d)(?P<s1>{_SECONDS}){_ARROW}(?P<s2>{_SECONDS}))\s{{0,3}}[\])>}}]"
)
_F4 = r"#(?P<f1>\d{1,2}:\d{2}:\d{2})(?:-(?P<tenth>\d))?#"
_LONG_CLOCK = r"\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,3})?"
_BARE = rf"(?P<c1>{_LONG_CLOCK})(?:{_ARROW}(?P<c2>{_LONG_CLOCK}))?"
STAMP = re.compile(rf"(?:{_IN_BRACKETS}|{_F4}|(?<![\d:]){_BARE}(?![\d:]))")
# Inside speech only what is clearly a stamp: « (14:30) » there is a time of day.
INLINE = re.compile(rf"(?=[\[(<{{#]\s{{0,3}}\d)(?:(?!\({_CLOCK_2}\)){_IN_BRACKETS}|{_F4})")
SHORT_CLOCK = re.compile(r"(?<!\S)\d{1,3}:\d{2}(?!\S)")  # « Locuteur 1  0:03 », only beside a name


@dataclass(frozen=True, slots=True)
class Times:
    """When a stretch of talk begins and ends, in seconds; None where it is not said."""

    start_s: float | None = None
    end_s: float | None = None

    def or_else(self, other: Times) -> Times:
        """Return these times, with the gaps filled by ``other``."""
        return Times(
            self.start_s if self.start_s is not None else other.start_s,
            self.end_s if self.end_s is not None else other.end_s,
        )


@dataclass(frozen=True, slots=True)
class Stamped:
    """A piece of text and the times that stood before it."""

    times: Times
    text: str


def take_opening(line: str) -> Stamped:
    """Return the line without the stamp that opens it, and that stamp's times.

    >>> take_opening("[0.01 → 0.69] Bonjour.")
    Stamped(times=Times(start_s=0.01, end_s=0.69), text='Bonjour.')
    """
    match = STAMP.match(line)
    if match is None and SHORT_CLOCK.fullmatch(line):
        return Stamped(Times(seconds(line)), "")  # alone on its line, as below a name in Teams
    if match is None:
        return Stamped(Times(), line)
    return Stamped(times_of(match), line[match.end() :].lstrip())


def take_closing(line: str) -> Stamped:
    """Return the line without a stamp at its very end; a single time there says when the talk ends (f4)."""
    tail_start = max(len(line) - 60, 0)
    for match in INLINE.finditer(line, tail_start):
        if match.end() == len(line) and match.start() > 0:
            times = times_of(match)
            end_s = times.start_s if times.end_s is None else times.end_s
            return Stamped(Times(None, end_s), line[: match.start()].rstrip())
    return Stamped(Times(), line)


def cut_at_stamps(text: str) -> list[Stamped]:
    """Cut ``text`` at the stamps inside it: each piece begins at its stamp and ends at the next one."""
    pieces: list[Stamped] = []
    times, place = Times(), 0
    for match in INLINE.finditer(text):
        found = times_of(match)
        pieces.append(Stamped(times.or_else(Times(None, found.start_s)), text[place : match.start()].strip()))
        times, place = found, match.end()
    pieces.append(Stamped(times, text[place:].strip()))
    return pieces


def times_of(match: re.Match[str]) -> Times:
    """Return the times a match of STAMP or INLINE says."""
    part = match.groupdict()
    first = part.get("b1") or part.get("s1") or part.get("c1") or part.get("f1")
    last = part.get("b2") or part.get("s2") or part.get("c2")
    start_s = seconds(first.rstrip("s")) if first else None
    end_s = seconds(last.rstrip("s")) if last else None
    if start_s is not None and part.get("tenth"):
        start_s = float(f"{int(start_s)}.{part['tenth']}")
    if start_s is not None and end_s is not None and end_s < start_s:
        end_s = None
    return Times(start_s, end_s)
