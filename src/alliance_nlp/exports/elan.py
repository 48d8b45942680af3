"""ELAN files (``.eaf``, format 3.0), one a session: a tier a speaker, under it a tier a label, read back without loss.

For people: the turns of each speaker, and below them « rupture/withdrawal@P » with the evidence as words; PARTICIPANT is
the speaker, ANNOTATOR who gave the markers.  For the way back: the child tier « alliance@P » with each turn's record and a
property of the header with the session's (see ``formats/elan_own.py``).  Turns without times get made-up ones in order
and the file says so, in a tier of its own; they come back as None.  Nothing is said of recordings: we know of none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.exports.elan_times import Times, tier_times
from alliance_nlp.file_names import file_name
from alliance_nlp.formats.coding import Code, code_name
from alliance_nlp.formats.elan_document import DATA_TYPE, EVIDENCE_TYPE, NOTE_TYPE, TURN_TYPE
from alliance_nlp.formats.elan_labels import annotator_of
from alliance_nlp.formats.elan_own import SESSION, evidence_of, text_hash, writable
from alliance_nlp.labels import default_label_set
from alliance_nlp.messages import render
from alliance_nlp.record import to_record
from alliance_nlp.transcript import Marker, Transcript, Turn

DATE = "1970-01-01T00:00:00+00:00"  # required by the schema; always the same, so that equal sessions give equal files
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"  # what ELAN itself writes; nothing opens it
_STEREOTYPES = {  # those that we use, in ELAN's own words
    "Symbolic_Subdivision": "Symbolic subdivision of a parent annotation. Annotations refering to the same parent are ordered",
    "Symbolic_Association": "1-1 association with a parent annotation",
}
_TYPES = ((TURN_TYPE, None), (EVIDENCE_TYPE, "Symbolic_Subdivision"), (DATA_TYPE, "Symbolic_Association"), (NOTE_TYPE, None))


def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield one file a session."""
    for transcript in transcripts:
        yield ExportedFile(f"{file_name(transcript.session_id)}.eaf", dumps_elan(transcript, language=options.language))


def dumps_elan(transcript: Transcript, *, language: str = "fr") -> bytes:
    """Return the session as an ELAN file; sentences for people in ``language``."""
    file = _File(transcript, to_record(transcript), tier_times(transcript.turns))
    file.write_tiers(language)
    return etree.tostring(file.root(), xml_declaration=True, encoding="UTF-8", pretty_print=True)


@dataclass(slots=True)
class _File:
    """An ELAN file under way: the time slots and annotations so far."""

    transcript: Transcript
    record: dict[str, Any]
    times: Times
    slots: list[int] = field(default_factory=list)
    tiers: list[etree._Element] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    count: int = 0

    def write_tiers(self, language: str) -> None:
        """Write every tier: speaker by speaker, then what is to be said of made-up times."""
        speakers = [speaker.id for speaker in self.transcript.speakers]
        if any(turn.speaker is None for turn in self.transcript.turns):
            speakers.append(None)
        for speaker in speakers:
            turns = [turn for turn in self.transcript.turns if turn.speaker == speaker]
            if turns:
                self.write_speaker(speaker, turns)
        if self.times.made_up:
            code = "oral.elan_times_all_made_up" if self.times.timeless else "oral.elan_times_made_up"
            tier = self.tier("alliance-nlp", NOTE_TYPE)
            self.aligned(tier, render(code, language, count=self.times.made_up), self.times.whole)

    def write_speaker(self, speaker: str | None, turns: Sequence[Turn]) -> None:
        """Write one speaker's turns, label tiers and data tier."""
        given = None if speaker is None else writable(speaker)
        tier = self.tier(given or "?", TURN_TYPE, PARTICIPANT=given)
        name = tier.get("TIER_ID")
        ids = {turn.index: self.aligned(tier, turn.text, self.times.of[turn.index]) for turn in sorted(turns, key=self.begin)}
        for code, marker in _label_tiers(turns):
            child = self.tier(
                f"{code_name(code.label, code.type)}@{name}", EVIDENCE_TYPE,
                PARTICIPANT=given, ANNOTATOR=writable(annotator_of(marker.origin)), PARENT_REF=name,
            )  # fmt: skip
            for turn in sorted(turns, key=self.begin):
                self.evidence(child, turn, code, marker, ids[turn.index])
        data = self.tier(f"alliance@{name}", DATA_TYPE, PARTICIPANT=given, PARENT_REF=name)
        for turn in sorted(turns, key=self.begin):
            self.referring(data, self.data(turn, given), ids[turn.index])

    def begin(self, turn: Turn) -> int:
        """Return where the turn begins in the file, in milliseconds."""
        return self.times.of[turn.index][0]

    def data(self, turn: Turn, given: str | None) -> str:
        """Return what the tiers do not hold of a turn, as JSON."""
        record = self.record["turns"][turn.index]
        kept = {key: value for key, value in record.items() if key != "speaker" and (key != "text" or writable(turn.text) != turn.text)}
        known: dict[str, Any] = {"at": list(self.times.of[turn.index]), "sha256": text_hash(turn.text), "turn": kept}
        if (given or "").strip() != (turn.speaker or "") or turn.speaker is None or _is_nobody(turn.speaker):
            known["speaker"] = turn.speaker
        return json.dumps(known, ensure_ascii=True, separators=(",", ":"))

    # ------------------------------------------------------------------------------------ elements

    def tier(self, name: str, kind: str, **attributes: str | None) -> etree._Element:
        """Add a tier under a name that no other has."""
        unique = next(n for n in (name, *(f"{name}@{number}" for number in range(2, len(self.names) + 3))) if n not in self.names)
        self.names.add(unique)
        given = {key: value for key, value in attributes.items() if value is not None}
        self.tiers.append(etree.Element("TIER", {"TIER_ID": unique, "LINGUISTIC_TYPE_REF": kind, **given}))
        return self.tiers[-1]

    def aligned(self, tier: etree._Element, value: str, times: tuple[int, int]) -> str:
        """Add an annotation with times of its own; return its id."""
        self.slots += times
        last = len(self.slots)
        return self.annotation(
            tier, "ALIGNABLE_ANNOTATION", value, {"TIME_SLOT_REF1": f"ts{last - 1}", "TIME_SLOT_REF2": f"ts{last}"}
        )

    def referring(self, tier: etree._Element, value: str, parent: str, previous: str | None = None) -> str:
        """Add an annotation that hangs on another; return its id."""
        order = {} if previous is None else {"PREVIOUS_ANNOTATION": previous}
        return self.annotation(tier, "REF_ANNOTATION", value, {"ANNOTATION_REF": parent, **order})

    def evidence(self, tier: etree._Element, turn: Turn, code: Code, like: Marker, parent: str) -> None:
        """Add the evidence of one code and origin on one turn, in order of place."""
        previous = None
        for marker in turn.markers:
            if marker.origin == like.origin:
                for evidence in evidence_of(marker, turn.text):
                    if evidence.code == code:
                        previous = self.referring(tier, evidence.value, parent, previous)

    def annotation(self, tier: etree._Element, kind: str, value: str, references: dict[str, str]) -> str:
        """Add an annotation of either kind; return its id."""
        self.count += 1
        element = etree.SubElement(etree.SubElement(tier, "ANNOTATION"), kind, {"ANNOTATION_ID": f"a{self.count}", **references})
        etree.SubElement(element, "ANNOTATION_VALUE").text = writable(value)
        return f"a{self.count}"

    def root(self) -> etree._Element:
        """Return the whole document, its parts in the schema's order."""
        root = etree.Element("ANNOTATION_DOCUMENT", {"AUTHOR": "", "DATE": DATE, "FORMAT": "3.0", "VERSION": "3.0"}, nsmap={"xsi": _XSI})
        root.set(f"{{{_XSI}}}noNamespaceSchemaLocation", _SCHEMA)
        header = etree.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
        session = {"timeless": self.times.timeless, "record": {key: value for key, value in self.record.items() if key != "turns"}}
        etree.SubElement(header, "PROPERTY", {"NAME": SESSION}).text = json.dumps(session, ensure_ascii=True, separators=(",", ":"))
        etree.SubElement(header, "PROPERTY", {"NAME": "lastUsedAnnotationId"}).text = str(self.count)
        order = etree.SubElement(root, "TIME_ORDER")
        for number in sorted(range(len(self.slots)), key=lambda place: self.slots[place]):
            etree.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": f"ts{number + 1}", "TIME_VALUE": str(self.slots[number])})
        root.extend(self.tiers)
        for kind, stereotype in _TYPES:
            constraint = {} if stereotype is None else {"CONSTRAINTS": stereotype}
            aligned = "true" if stereotype is None else "false"
            etree.SubElement(
                root, "LINGUISTIC_TYPE", {**constraint, "GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": kind, "TIME_ALIGNABLE": aligned}
            )
        for stereotype, description in _STEREOTYPES.items():
            etree.SubElement(root, "CONSTRAINT", {"DESCRIPTION": description, "STEREOTYPE": stereotype})
        return root


def _label_tiers(turns: Sequence[Turn]) -> list[tuple[Code, Marker]]:
    """Return the label tiers that a speaker needs: a code and a marker of each origin, in the scheme's order."""
    order = [Code(label.id, kind.id if kind else None) for label in default_label_set().labels for kind in label.types or (None,)]
    found = {}
    for turn in turns:
        for marker in turn.markers:
            for kind in marker.types or (None,):
                found.setdefault((Code(marker.label, kind), marker.origin), marker)
    return [(code, marker) for (code, _), marker in sorted(found.items(), key=lambda item: order.index(item[0][0]))]


def _is_nobody(speaker: str) -> bool:
    return speaker.strip().casefold() in {"", "[none]", "none", "-"}
