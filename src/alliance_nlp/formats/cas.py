"""A UIMA CAS in XMI: its text, its annotations in code points, and the turns that our own export noted in it.

In: the root element.  Out: a :class:`Cas`; :class:`OwnTurns` where there are any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.evaluation.reviewed import REVIEWED_BY
from alliance_nlp.formats.label_studio_data import speakers_of
from alliance_nlp.formats.marks import SCHEMA, json_object, names_of, object_of, seconds_of, text_of
from alliance_nlp.formats.utf16 import Utf16
from alliance_nlp.transcript import Speaker, Turn

NAMESPACE = "http:///webanno/custom.ecore"  # of INCEpTION's custom layers (UIMA type webanno.custom.X)
MARKER, TURN = "AllianceMarker", "AllianceTurn"  # the two layers of our export
METADATA = "}DocumentMetaData"
SOFA = "{http:///uima/cas.ecore}Sofa"
VIEW_TEXT = "_InitialView"


@dataclass(frozen=True, slots=True)
class Place:
    """An annotation of the CAS with its place in the text, in code points."""

    element: etree._Element
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cas:
    """The text of the main view, and the elements beside it."""

    text: str
    items: Sequence[etree._Element]
    units: Utf16

    def placed(self) -> list[Place]:
        """Return the annotations that have a place within the text, in order of place."""
        found = []
        for item in self.items:
            begin, end = _number(item.get("begin")), _number(item.get("end"))
            if begin is not None and end is not None:
                place = Place(item, self.units.place(begin), self.units.place(end, up=True))
                found += [place] if place.start <= place.end <= len(self.text) else []
        return sorted(found, key=lambda place: (place.start, place.end))


@dataclass(frozen=True, slots=True)
class OwnTurns:
    """The session as our export noted it; ``bounds`` are the turns' places in the text."""

    turns: tuple[Turn, ...]
    bounds: tuple[tuple[int, int], ...]
    speakers: tuple[Speaker, ...]
    session_id: str | None
    language: str = "fr"
    metadata: Mapping[str, Any] = field(default_factory=dict)


def read_cas(root: etree._Element, name: str) -> Cas:
    """Return the CAS of an XMI file; TranscriptFormatError when it holds no text."""
    sofas = [item for item in root if item.tag == SOFA]
    if etree.QName(root).localname != "XMI" or not sofas:
        raise TranscriptFormatError("coding_tools.inception_no_cas", file=name)
    sofa = next((item for item in sofas if item.get("sofaID") == VIEW_TEXT), sofas[0])
    text = sofa.get("sofaString")
    if text is None:
        raise TranscriptFormatError("coding_tools.inception_no_text", file=name)
    own = sofa.get("{http://www.omg.org/XMI}id")
    items = [item for item in root if isinstance(item.tag, str) and item.tag != SOFA and item.get("sofa") in (own, None)]
    return Cas(text, items, Utf16(text))


def own_turns(cas: Cas) -> OwnTurns | None:
    """Return the turns that our export noted; None for a document made otherwise, or whose layer was damaged."""
    places = [place for place in cas.placed() if place.element.tag == f"{{{NAMESPACE}}}{TURN}"]
    numbers = [_number(place.element.get("number")) for place in places]
    if not places or None in numbers or sorted(number or 0 for number in numbers) != list(range(len(places))):
        return None
    ordered = [place for _, place in sorted(zip(numbers, places, strict=True), key=lambda pair: pair[0] or 0)]
    turns = tuple(_turn(index, place, cas.text) for index, place in enumerate(ordered))
    facts = _facts(ordered[0].element.get("session"))
    return OwnTurns(
        turns,
        tuple((place.start, place.end) for place in ordered),
        speakers_of(facts.get("speakers") or _declared(ordered), turns),
        text_of(facts.get("session_id")),
        text_of(facts.get("language")) or "fr",
        dict(object_of(facts.get("metadata"))),
    )


def _turn(index: int, place: Place, text: str) -> Turn:
    facts = _json(place.element.get("facts"))
    names = names_of(facts.get(REVIEWED_BY))
    extra = {REVIEWED_BY: names} if names else {}
    speaker = place.element.get("speaker") or None
    start, end = seconds_of(facts.get("start")), seconds_of(facts.get("end"))
    return Turn(index, speaker, text[place.start : place.end], start, end, extra=extra)


def _declared(places: Sequence[Place]) -> list[dict[str, str | None]]:
    named = [place.element for place in places if place.element.get("speaker")]
    return [{"id": element.get("speaker"), "role": element.get("role")} for element in named]


def _facts(text: str | None) -> Mapping[str, Any]:
    facts = _json(text)
    return facts if facts.get("schema") == SCHEMA else {}


def _json(text: str | None) -> Mapping[str, Any]:
    return json_object(text or "{}")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
