"""The text of cues: tags, voices and entities read, repeated lines of rolling captions taken out.

In: the rows of cues as written.  Out: :class:`Row`, plain text with the voice that a WebVTT tag gives
it.  Only the tags that the formats define are taken off: ``<rire>`` is a transcriber's note and stays.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

_VOICE = re.compile(r"<v((?:\.[^\s<>.]*)*)(?:\s([^<>]*))?>|</v>", re.IGNORECASE)
_STYLE_TAG = re.compile(
    r"</?(?:i|b|u|s|c|em|strong|ruby|rt|lang|font|span)(?:[.\s][^<>]*)?>"  # WebVTT and HTML
    r"|<\d[\d:.]*>"  # karaoke times
    r"|\{\\[^{}]*\}",  # SubStation styles, which players also honour in SubRip
    re.IGNORECASE,
)
_LINE_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
# Only with their semicolon: "&notre" is no entity, whatever HTML makes of it.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")

_MAX_REPEATED_ROWS = 4  # captions show two or three rows at a time
_MIN_REPEATS = 3
_MIN_GROWTH = 2  # cues that repeat and then go on: repeating alone is what people do, too
_ROLLING_SHARE = 0.5  # of all cues: rolling captions repeat at nearly every cue, people do not


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a cue: its plain text and its voice, None when no tag gives one."""

    text: str
    voice: str | None = None


def plain_rows(rows: Sequence[str]) -> tuple[Row, ...]:
    """Return the rows of a cue that say something, cut where the voice changes.

    >>> plain_rows(["<v Mme D.>Oui &amp; non</v>", "<i>bon</i> [rire]"])
    (Row(text='Oui & non', voice='Mme D.'), Row(text='bon [rire]', voice=None))
    """
    text = _LINE_BREAK.sub("\n", "\n".join(rows))
    plain: list[Row] = []
    voice, position = None, 0
    for tag in _VOICE.finditer(text):
        plain.extend(_rows_of(text[position : tag.start()], voice))
        voice, position = _voice_name(tag), tag.end()
    plain.extend(_rows_of(text[position:], voice))
    return tuple(plain)


def _rows_of(text: str, voice: str | None) -> Iterator[Row]:
    for line in text.split("\n"):
        plain = _unescaped(_STYLE_TAG.sub("", line))
        if plain:
            yield Row(plain, voice)


def _voice_name(tag: re.Match[str]) -> str | None:
    """Return the name in ``<v Name>``, else the class in ``<v.speaker1>``; None for ``</v>``."""
    name = " ".join(_unescaped(tag[2] or "").split())
    return name or (tag[1] or "").strip(".") or None


def _unescaped(text: str) -> str:
    plain = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return unicodedata.normalize("NFC", plain).strip()


# ---------------------------------------------------------------------------------------- rolling captions


def without_repeats(cues: Sequence[tuple[Row, ...]]) -> tuple[list[tuple[Row, ...]], int]:
    """Return the cues without the rows that each repeats from the one before, and how many those were.

    Nothing is taken out unless half the cues repeat and go on: somebody who says « oui » twice said it twice.
    """
    filled = [place for place, rows in enumerate(cues) if rows]
    repeats = {b: _repeated(cues[a], cues[b]) for a, b in zip(filled, filled[1:])}
    previous = dict(zip(filled[1:], filled))
    cut = {
        place: _cut(cues[previous[place]], cues[place], count) for place, count in repeats.items() if count
    }
    growing = sum(1 for rows in cut.values() if rows)
    if len(cut) < _MIN_REPEATS or growing < _MIN_GROWTH or len(cut) < _ROLLING_SHARE * len(repeats):
        return list(cues), 0
    return [cut.get(place, rows) for place, rows in enumerate(cues)], sum(repeats.values())


def _repeated(before: Sequence[Row], rows: Sequence[Row]) -> int:
    """Return how many first rows are the last ones of the cue before; the last of them may have grown."""
    for count in range(min(len(before), len(rows), _MAX_REPEATED_ROWS), 0, -1):
        same = all(old == new for old, new in zip(before[-count:-1], rows))
        if same and _goes_on(before[-1], rows[count - 1]):
            return count
    return 0


def _goes_on(old: Row, new: Row) -> bool:
    # Programs that know who speaks write voices, and do not roll.
    return old.voice is None and new.voice is None and (old == new or new.text.startswith(old.text + " "))


def _cut(before: Sequence[Row], rows: tuple[Row, ...], count: int) -> tuple[Row, ...]:
    rest = rows[count - 1].text[len(before[-1].text) :].strip()
    grown = (replace(rows[count - 1], text=rest),) if rest else ()
    return (*grown, *rows[count:])
