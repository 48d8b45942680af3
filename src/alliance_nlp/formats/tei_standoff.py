"""A TEI file that the export wrote (:mod:`alliance_nlp.exports.tei`) → its session, exactly; or its marks alone.

In: the root element of a parsed file.  Out: a transcript with turns as they were (no new segmentation), or markers by
``xml:id`` of their ``u``, spans in code points of the ``u``'s own text (all its text joined, as it stands).  Marks that are
not understood are counted, never guessed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from alliance_nlp.errors import LabelError
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Marker, Notice, Origin, OriginKind, Role, Span, Speaker, Transcript, Turn

TEI = "{http://www.tei-c.org/ns/1.0}"
ID = "{http://www.w3.org/XML/1998/namespace}id"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class StandOff:
    """The markers of each ``u``, and how many marks were not understood."""

    markers: Mapping[str, tuple[Marker, ...]]
    unknown: int = 0


def markers_of(root: etree._Element) -> StandOff:
    """Return the markers that the file's ``spanGrp`` elements hold; a file without any gives none.

    Give them to turns whose text is :func:`speech_of` their ``u``: spans are offsets into that.
    """
    speech = {unit.get(ID): unit for unit in root.iter(f"{TEI}u") if unit.get(ID)}
    places = {ident: _anchors(unit) for ident, unit in speech.items()}
    origins = {statement.get(ID): _origin(statement) for statement in root.iter(f"{TEI}respStmt")}
    found: dict[str, list[Marker]] = {}
    unknown = 0
    for group in root.iterfind(f"{TEI}standOff//{TEI}spanGrp"):
        unit = _pointed(group.get("inst"))
        marker = _marker(group, places[unit], origins) if unit in places else None
        unknown += marker is None
        if marker is not None and unit is not None:
            found.setdefault(unit, []).append(marker)
    return StandOff({unit: tuple(markers) for unit, markers in found.items()}, unknown)


def is_ours(root: etree._Element) -> bool:
    """True for a file that says in its header that this program wrote it."""
    return any(application.get("ident") == "alliance-nlp" for application in root.iter(f"{TEI}application"))


def transcript_of(root: etree._Element) -> Transcript:
    """Return the session of a file that this program wrote, its source still empty.

    Lines, doubt and the probabilities of unmarked turns are not in such a file.  What somebody added beside ``u`` elements
    is not read; marks that cannot be understood are told in a notice.
    """
    found = markers_of(root)
    people = {person.get(ID): person for person in root.iter(f"{TEI}person")}
    names = {ident: person.findtext(f"{TEI}persName") or ident or "" for ident, person in people.items()}
    times = {when.get(ID): _number(when.get("interval")) for when in root.iter(f"{TEI}when")}
    turns = []
    for index, unit in enumerate(root.iterfind(f"{TEI}text//{TEI}u")):
        speaker = names.get(_pointed(unit.get("who")))
        start_s, end_s = (times.get(_pointed(unit.get(side))) for side in ("start", "end"))
        text = speech_of(unit)
        markers = tuple(m for m in found.markers.get(unit.get(ID) or "", ()) if all(span.end <= len(text) for span in m.spans))
        turns.append(Turn(index, speaker, text, start_s, end_s, markers=markers))
    return Transcript(
        session_id=root.findtext(f"{TEI}teiHeader/{TEI}fileDesc/{TEI}titleStmt/{TEI}title") or "tei",
        turns=tuple(turns),
        speakers=tuple(Speaker(name, _role(people[ident].get("role"))) for name, ident in {n: i for i, n in names.items()}.items()),
        language=root.get(LANG) or "fr",
        metadata=_metadata(root),
        warnings=(Notice("exports.tei_aside", params={"count": found.unknown}),) if found.unknown else (),
    )


def _metadata(root: etree._Element) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for item in root.iterfind(f".//{TEI}notesStmt/{TEI}note[@type='metadata']/{TEI}list/{TEI}item"):
        try:
            table[item.get("n") or ""] = json.loads(item.text or "null")
        except (ValueError, RecursionError):
            table[item.get("n") or ""] = item.text  # typed in by somebody
    return table


def _role(value: str | None) -> Role:
    return Role(value) if value in {role.value for role in Role} else Role.UNKNOWN


def _number(interval: str | None) -> float | None:
    """Return seconds from the origin; the origin itself has no interval."""
    try:
        seconds = 0.0 if interval is None else float(interval)
    except ValueError:
        return None
    return seconds if 0.0 <= seconds < float("inf") else None


def speech_of(unit: etree._Element) -> str:
    """Return the text of a ``u`` as it stands, white space and all."""
    return "".join(unit.itertext())


def _anchors(unit: etree._Element) -> dict[str, int]:
    """Return the offset of every anchor of a ``u`` into its text."""
    places: dict[str, int] = {}
    offset = 0
    for event, element in etree.iterwalk(unit, events=("start", "end")):
        if event == "start":
            if element.get(ID) and element is not unit:
                places[element.get(ID)] = offset
            offset += len(element.text or "")
        elif element is not unit:
            offset += len(element.tail or "")
    return places


def _marker(group: etree._Element, anchors: Mapping[str, int], origins: Mapping[str | None, Origin | None]) -> Marker | None:
    origin = origins.get(_pointed(group.get("resp")))
    spans = [(_pointed(span.get("from")), _pointed(span.get("to")), _types(span)) for span in group.iterfind(f"{TEI}span") if span.get("from")]
    if origin is None or any(start not in anchors or end not in anchors for start, end, _ in spans):
        return None
    certainty = group.get("cert")
    try:
        marker_spans = tuple(Span(anchors[start or ""], anchors[end or ""]) for start, end, _ in spans)
        probability = None if certainty is None else float(certainty)
        types = _types(group)
        extra = {} if len(types) < 2 or not spans else {"span_types": [list(shown) for _, _, shown in spans]}
        return Marker(group.get("type", ""), origin, types, probability, marker_spans, extra)
    except (LabelError, ValueError):
        return None


def _types(element: etree._Element) -> tuple[str, ...]:
    named = {pointer.rpartition(".")[2] for pointer in element.get("ana", "").split()}
    return tuple(kind for kind in default_label_set().type_ids if kind in named)


def _origin(statement: etree._Element) -> Origin | None:
    kind, name = statement.find(f"{TEI}resp"), statement.find(f"{TEI}name")
    if kind is None or name is None or kind.get("n") not in {known.value for known in OriginKind}:
        return None
    return Origin(OriginKind(kind.get("n")), name.text or "", name.get("n"))


def _pointed(pointer: str | None) -> str | None:
    return pointer[1:] if pointer and pointer.startswith("#") else None
