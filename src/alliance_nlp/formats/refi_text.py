"""The text of a REFI-QDA source, and what our own export noted beside it.

In: the bytes of a source and its description.  Out: the text with one character a line end, places moved accordingly,
and the turns as they were exported where the text is still the same.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.evaluation.reviewed import REVIEWED_BY
from alliance_nlp.formats.encoding import decode_as_typed
from alliance_nlp.formats.label_studio_data import speakers_of
from alliance_nlp.formats.marks import SCHEMA, json_object, names_of, object_of, seconds_of
from alliance_nlp.transcript import Speaker, Turn

SIGNATURE = "alliance-nlp"  # opens the description of what we wrote
NOTE = f"{SIGNATURE} "  # opens the line of a source's description that says where the turns are


@dataclass(frozen=True, slots=True)
class SourceText:
    """A source's text with ``\\n`` line ends.  ``cuts``: where, in the file's own count, a second character was dropped."""

    text: str
    cuts: tuple[int, ...] = ()

    def place(self, position: int) -> int:
        """Return the place in ``text`` of a position as the project counts it."""
        return position - bisect_left(self.cuts, position)


@dataclass(frozen=True, slots=True)
class Noted:
    """The session as our export noted it; ``turns`` None when the text was changed since."""

    facts: Mapping[str, Any]
    turns: tuple[Turn, ...] | None
    bounds: tuple[tuple[int, int], ...]
    speakers: tuple[Speaker, ...]


def source_text(data: bytes, name: str, *, counts_two: bool) -> SourceText:
    """Return the text of a source.

    ``counts_two``: positions count a Windows line end as two characters, as all but ATLAS.ti do (QualCoder's importer,
    ``load_text_source``).  Raises TranscriptFormatError when the bytes are no text.
    """
    try:
        raw = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raw = decode_as_typed(data, name).text
    return lines_of_one(raw, counts_two=counts_two)


def lines_of_one(raw: str, *, counts_two: bool) -> SourceText:
    """Return the text with ``\\n`` for ``\\r\\n``.

    >>> lines_of_one("a\\r\\nb", counts_two=True).place(3)
    2
    """
    cuts = tuple(match.start() + 1 for match in re.finditer("\r\n", raw)) if counts_two else ()
    return SourceText(raw.replace("\r\n", "\n"), cuts)


def text_hash(text: str) -> str:
    """Return the hash that tells whether a text was changed; white space at its end does not count."""
    return hashlib.sha256(text.rstrip().encode("utf-8", "replace")).hexdigest()


def noted(description: str | None, source: SourceText) -> Noted | None:
    """Return what our export noted in a source's description; None when it noted nothing."""
    line = next((line for line in (description or "").splitlines() if line.startswith(NOTE + "{")), None)
    if line is None:
        return None
    facts = json_object(line[len(NOTE) :])
    if facts.get("schema") != SCHEMA:
        return None
    if facts.get("sha256") != text_hash(source.text):
        return Noted(facts, None, (), ())
    return _turns(facts, source.text)


def _turns(facts: Mapping[str, Any], text: str) -> Noted:
    declared = facts.get("speakers")
    names = [object_of(item).get("id") for item in declared] if isinstance(declared, list) else []
    items = facts.get("turns")
    turns: list[Turn] = []
    bounds: list[tuple[int, int]] = []
    for item in items if isinstance(items, list) else []:
        place = _place(item, len(text))
        if place is None or (bounds and place[0] < bounds[-1][1]):
            return Noted(facts, None, (), ())
        bounds.append(place)
        turns.append(_turn(len(turns), item, names, text[place[0] : place[1]]))
    made = tuple(turns)
    return Noted(facts, made or None, tuple(bounds), speakers_of(declared, made))


def _place(item: Any, length: int) -> tuple[int, int] | None:
    if not isinstance(item, list) or len(item) < 3 or not all(type(number) is int for number in item[1:3]):
        return None
    return (item[1], min(item[2], length)) if 0 <= item[1] <= item[2] and item[1] <= length else None


def _turn(index: int, item: Sequence[Any], names: Sequence[Any], text: str) -> Turn:
    facts = object_of(item[3]) if len(item) > 3 else {}
    reviewers = names_of(facts.get(REVIEWED_BY))
    extra = {REVIEWED_BY: reviewers} if reviewers else {}
    speaker = names[item[0]] if type(item[0]) is int and 0 <= item[0] < len(names) else None
    speaker = speaker if isinstance(speaker, str) else None
    return Turn(index, speaker, text, seconds_of(facts.get("start")), seconds_of(facts.get("end")), extra=extra)
