"""What a Label Studio task holds of a session: paragraphs, speakers, and what our own export noted beside them.

In: the ``data`` of a task (in JSON-MIN: the record itself).  Out: a :class:`Dialogue`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alliance_nlp.errors import LabelError, TranscriptFormatError
from alliance_nlp.evaluation.reviewed import REVIEWED_BY
from alliance_nlp.formats.coding import code_of
from alliance_nlp.formats.marks import (
    SCHEMA,
    Mark,
    given_as,
    is_whole,
    names_of,
    object_of,
    parse_origin,
    probability_of,
    seconds_of,
    text_of,
)
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Role, Span, Speaker, Turn

FACTS = "alliance"  # key of a task's data: what our export noted
_TEXT_KEYS = ("text", "utterance", "texte", "content", "sentence")
_AUTHOR_KEYS = ("author", "speaker", "name", "locuteur", "role")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A task's talk.  ``turns`` when our export made it (then they are kept exactly), else ``utterances``."""

    texts: tuple[str, ...]
    session_id: str | None
    utterances: tuple[Utterance, ...] = ()
    turns: tuple[Turn, ...] | None = None
    speakers: tuple[Speaker, ...] = ()
    language: str = "fr"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    machine: Mapping[tuple[int, str], Sequence[Mark]] = field(default_factory=dict)  # (turn, fingerprint) → as handed over


def dialogue_of(data: Mapping[str, Any], name: str, number: int) -> Dialogue:
    """Return the dialogue of a task; TranscriptFormatError when it holds none (``number``: the task's place)."""
    paragraphs = _paragraphs(data)
    if paragraphs is None:
        raise TranscriptFormatError("coding_tools.ls_no_dialogue", file=name, number=number)
    facts = object_of(data.get(FACTS))
    texts = tuple(_field(item, _TEXT_KEYS) or "" for item in paragraphs)
    if facts.get("schema") == SCHEMA:
        return _own(paragraphs, texts, facts)
    session_id = next((found for key in ("session_id", "session", "title") if (found := text_of(data.get(key)))), None)
    return Dialogue(texts, session_id, utterances=tuple(_utterances(paragraphs, texts)))


def _paragraphs(data: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """Return the list of paragraphs: objects with a text and an author."""
    for value in data.values():
        items = value if isinstance(value, list) else []
        if items and all(isinstance(item, Mapping) for item in items) and "startOffset" not in items[0]:
            if all(_field(item, _TEXT_KEYS) is not None for item in items):
                return items
    return None


def _field(item: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    return next((item[key] for key in keys if isinstance(item.get(key), str)), None)


def _utterances(paragraphs: Sequence[Mapping[str, Any]], texts: Sequence[str]) -> list[Utterance]:
    """Return the paragraphs of somebody else's task as they stand: places are counted in their characters."""
    found = []
    for number, (item, text) in enumerate(zip(paragraphs, texts, strict=True), start=1):
        speaker = unicodedata.normalize("NFC", (_field(item, _AUTHOR_KEYS) or "").strip().rstrip(":").strip())
        start = seconds_of(item.get("start"))
        end = seconds_of(item.get("end"))
        length = seconds_of(item.get("duration"))
        end = round(start + length, 3) if end is None and start is not None and length is not None else end
        found.append(Utterance(speaker or None, text, number, start, end))
    return found


# ---------------------------------------------------------------------------------------- of our own export


def _own(paragraphs: Sequence[Mapping[str, Any]], texts: tuple[str, ...], facts: Mapping[str, Any]) -> Dialogue:
    turns = tuple(_turn(index, item, text) for index, (item, text) in enumerate(zip(paragraphs, texts, strict=True)))
    machine: dict[tuple[int, str], list[Mark]] = {}
    for mark, given in _machine(facts.get("machine"), texts):
        machine.setdefault((mark.turn, given), []).append(mark)
    return Dialogue(
        texts,
        text_of(facts.get("session_id")),
        turns=turns,
        speakers=speakers_of(facts.get("speakers"), turns),
        language=text_of(facts.get("language")) or "fr",
        metadata=dict(object_of(facts.get("metadata"))),
        machine=machine,
    )


def _turn(index: int, item: Mapping[str, Any], text: str) -> Turn:
    names = names_of(item.get(REVIEWED_BY))
    extra = {REVIEWED_BY: names} if names else {}
    speaker = _field(item, ("author",)) or None
    return Turn(index, speaker, text, seconds_of(item.get("start")), seconds_of(item.get("end")), extra=extra)


def speakers_of(given: Any, turns: Sequence[Turn]) -> tuple[Speaker, ...]:
    """Return the speakers with their roles, as noted; those that only speak are added with an unknown role."""
    roles: dict[str, Role] = {}
    for item in given if isinstance(given, list) else []:
        name, role = object_of(item).get("id"), object_of(item).get("role")
        if isinstance(name, str):
            roles.setdefault(name, _role(role))
    for turn in turns:
        if turn.speaker is not None:
            roles.setdefault(turn.speaker, Role.UNKNOWN)
    return tuple(Speaker(name, role) for name, role in roles.items())


def _role(value: Any) -> Role:
    try:
        return Role.parse(str(value))
    except LabelError:
        return Role.UNKNOWN


def _machine(given: Any, texts: Sequence[str]) -> list[tuple[Mark, str]]:
    """Return the machine's marks as they were handed over, each with its fingerprint."""
    found = []
    for item in given if isinstance(given, list) else []:
        item = object_of(item)
        code, origin = code_of(str(item.get("code"))), parse_origin(text_of(item.get("origin")))
        turn, start, end = (item.get(key) for key in ("turn", "start", "end"))
        if code is None or origin is None or not is_whole(code) or not all(type(n) is int for n in (turn, start, end)):
            continue
        if not (0 <= turn < len(texts) and 0 <= start <= end <= len(texts[turn])):
            continue
        span = None if item.get("scope") == "turn" or start == end else Span(start, end)
        mark = Mark(turn, code, origin, span, probability_of(item.get("probability")))
        found.append((mark, given_as(code, start, end)))
    return found
