"""Markers as other tools want them: one coding for each span and type; texts that XML can hold; names in a language.

In: turns and the label scheme.  Out: codings, names, colours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from alliance_nlp.evaluation.reviewed import reviewed_by
from alliance_nlp.formats.coding import Code
from alliance_nlp.formats.marks import SCHEMA
from alliance_nlp.labels import Label, LabelType, default_label_set
from alliance_nlp.segmentation import span_types
from alliance_nlp.transcript import Marker, Span, Transcript, Turn

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2 (Char)


@dataclass(frozen=True, slots=True)
class Coding:
    """One code on one stretch of a turn; ``on_turn``: the marker has no span, the stretch is the whole turn."""

    marker: Marker
    code: Code
    start: int
    end: int
    on_turn: bool


def codings(turn: Turn) -> Iterator[Coding]:
    """Yield the codings of a turn's markers, in order."""
    for marker in turn.markers:
        stretches = list(zip(marker.spans, span_types(marker), strict=True)) or [(None, marker.types)]
        for span, types in stretches:
            for kind in types or (None,):
                yield _coding(turn, marker, Code(marker.label, kind), span)


def _coding(turn: Turn, marker: Marker, code: Code, span: Span | None) -> Coding:
    if span is None:
        return Coding(marker, code, 0, len(turn.text), True)
    return Coding(marker, code, span.start, span.end, False)


def session_facts(transcript: Transcript) -> dict[str, Any]:
    """Return what a tool has no place for and a reader needs to give the session back."""
    return {
        "schema": SCHEMA,
        "session_id": transcript.session_id,
        "language": transcript.language,
        "metadata": dict(transcript.metadata),
        "speakers": [{"id": speaker.id, "role": speaker.role.value} for speaker in transcript.speakers],
    }


def turn_facts(turn: Turn) -> dict[str, Any]:
    """Return a turn's times and reviewers, those that are known."""
    facts: Mapping[str, Any] = {"start": turn.start_s, "end": turn.end_s, "reviewed_by": list(reviewed_by(turn)) or None}
    return {key: value for key, value in facts.items() if value is not None}


def xml_text(text: str) -> str:
    """Return the text with the characters that XML cannot hold replaced one for one, so that places stay.

    >>> xml_text("a\\x00b")
    'a\ufffdb'
    """
    return _NOT_XML.sub("\ufffd", text)


# ---------------------------------------------------------------------------------------- names of the scheme


def label_name(label: Label, language: str) -> str:
    """Return the short name of a label in ``language``."""
    return label.short_fr if language == "fr" else label.short_en


def type_name(kind: LabelType, language: str) -> str:
    """Return the name of a type in ``language``."""
    return kind.fr if language == "fr" else kind.en


def definition(item: Label | LabelType, language: str) -> str:
    """Return the definition of a label or a type in ``language``."""
    return item.definition_fr if language == "fr" else item.definition_en


def code_title(code: Code, language: str) -> str:
    """Return the name of a code: « but », « rupture : retrait »."""
    label = default_label_set()[code.label]
    kind = next((kind for kind in label.types if kind.id == code.type), None)
    if kind is None:
        return label_name(label, language)
    space = "\u00a0" if language == "fr" else ""  # French sets a space before the colon
    return f"{label_name(label, language)}{space}: {type_name(kind, language)}"


def all_codes() -> Iterator[Code]:
    """Yield the codes of the scheme: labels without types, and types."""
    for label in default_label_set().labels:
        if not label.types:
            yield Code(label.id)
        yield from (Code(label.id, kind.id) for kind in label.types)
