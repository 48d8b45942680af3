"""REFI-QDA project (``.qdpx``) for MAXQDA, NVivo, ATLAS.ti and QualCoder: one file for all sessions.

``project.qde`` follows the schema QDA-XML 1.0 (Project.xsd, 18 March 2019); texts are ``sources/<guid>.txt`` in UTF-8.
Positions are Unicode code points from 0 (REFI-QDA 1.5, 10.2), end excluded, as QualCoder reads and writes them.  One
selection and one coding for each span and type; each origin is a user.  What the standard has no place for stands in
descriptions (``docs/annotation-tools.md``).
"""

from __future__ import annotations

import hashlib
import io
import json
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.exports.codings import Coding, codings, definition, label_name, session_facts, turn_facts, type_name, xml_text
from alliance_nlp.exports.label_studio import colour_of
from alliance_nlp.formats.coding import Code, code_name
from alliance_nlp.formats.marks import given_as, origin_text
from alliance_nlp.formats.refi_text import NOTE, SIGNATURE, text_hash
from alliance_nlp.labels import default_label_set
from alliance_nlp.messages import render
from alliance_nlp.transcript import Origin, OriginKind, Transcript, Turn

NAMESPACE = "urn:QDA-XML:project:1.0"
SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA_PLACE = f"{NAMESPACE} http://schema.qdasoftware.org/versions/Project/v1.0/Project.xsd"
GUIDS = uuid.UUID("5f7c4c1e-0d0b-5b0e-9f7e-3a1d6c2b8e94")  # of this export: equal sessions get equal guids
WRITTEN = (1980, 1, 1, 0, 0, 0)  # the archive says no time: equal sessions give equal bytes


@dataclass(frozen=True, slots=True)
class SourceText:
    """A session as one text: a turn a line, its name before it, and where each turn's words are."""

    text: str
    starts: tuple[int, ...]


def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield the project."""
    sessions = list(transcripts)
    project = etree.Element(_tag("Project"), nsmap={None: NAMESPACE, "xsi": SCHEMA_INSTANCE})
    project.set(f"{{{SCHEMA_INSTANCE}}}schemaLocation", SCHEMA_PLACE)
    project.set("name", render("coding_tools.qda_project", options.language))
    project.set("origin", SIGNATURE)
    _add_users(project, sessions)
    _add_codes(project, options.language)
    sources = etree.SubElement(project, _tag("Sources")) if sessions else None
    texts = {}
    for number, transcript in enumerate(sessions):
        guid = _guid("source", str(number), transcript.session_id)
        texts[guid] = _add_source(sources, transcript, guid, options.language)
    yield ExportedFile("project.qdpx", _archive(project, texts))


def _archive(project: etree._Element, texts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        qde = etree.tostring(project, encoding="utf-8", xml_declaration=True, pretty_print=True)
        archive.writestr(zipfile.ZipInfo("project.qde", WRITTEN), qde, zipfile.ZIP_DEFLATED)
        for guid, text in texts.items():
            archive.writestr(zipfile.ZipInfo(f"sources/{guid}.txt", WRITTEN), text.encode("utf-8", "replace"), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# ---------------------------------------------------------------------------------------- users and codes


def _add_users(project: etree._Element, sessions: Sequence[Transcript]) -> None:
    found = dict.fromkeys(marker.origin for session in sessions for turn in session.turns for marker in turn.markers)
    if not found:
        return
    users = etree.SubElement(project, _tag("Users"))
    for origin in found:
        # A person's name as it is; what is no person says so in the name, which every tool keeps.
        name = origin.name if origin.kind is OriginKind.HUMAN else origin_text(origin)
        etree.SubElement(users, _tag("User"), guid=_user(origin), name=xml_text(name), id=xml_text(origin_text(origin)))


def _add_codes(project: etree._Element, language: str) -> None:
    codes = etree.SubElement(etree.SubElement(project, _tag("CodeBook")), _tag("Codes"))
    for label in default_label_set().labels:
        is_coded = "false" if label.types else "true"  # a rupture is coded by its types
        code = Code(label.id)
        item = _code(codes, code, label_name(label, language), is_coded, definition(label, language))
        for kind in label.types:
            _code(item, Code(label.id, kind.id), type_name(kind, language), "true", definition(kind, language))


def _code(parent: etree._Element, code: Code, name: str, is_coded: str, text: str) -> etree._Element:
    item = etree.SubElement(parent, _tag("Code"), guid=_code_guid(code), name=name, isCodable=is_coded, color=colour_of(code))
    etree.SubElement(item, _tag("Description")).text = text
    return item


# ---------------------------------------------------------------------------------------- sources


def _add_source(sources: etree._Element, transcript: Transcript, guid: str, language: str) -> str:
    """Add one session's text source with its selections, and return its text."""
    source = _source_text(transcript)
    place = f"internal://{guid}.txt"
    item = etree.SubElement(sources, _tag("TextSource"), guid=guid, name=xml_text(transcript.session_id), plainTextPath=place)
    etree.SubElement(item, _tag("Description")).text = _description(transcript, source, language)
    number = 0
    for turn, start in zip(transcript.turns, source.starts, strict=True):
        for coding in codings(turn):
            _add_selection(item, coding, start, _guid(guid, str(number)))
            number += 1
    return source.text


def _source_text(transcript: Transcript) -> SourceText:
    text, starts = "", []
    parts: list[str] = []
    length = 0
    for turn in transcript.turns:
        opening = "" if turn.speaker is None else f"{turn.speaker} : "
        line = xml_text(f"{opening}{turn.text}").replace("\r\n", "\n\n")  # a line end of two characters is counted as one elsewhere
        starts.append(length + len(opening))
        parts.append(line)
        length += len(line) + 1
    text = "\n".join(parts)
    return SourceText(text, tuple(starts))


def _description(transcript: Transcript, source: SourceText, language: str) -> str:
    names = [speaker.id for speaker in transcript.speakers]
    turns = [_turn_note(turn, start, names) for turn, start in zip(transcript.turns, source.starts, strict=True)]
    facts = session_facts(transcript) | {"sha256": text_hash(source.text), "turns": turns}
    note = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return xml_text(f"{render('coding_tools.qda_description', language)}\n{NOTE}{note}")


def _turn_note(turn: Turn, start: int, names: Sequence[str]) -> list[object]:
    """Return ``[speaker's place or null, start, end]`` and, when there are any, the turn's facts."""
    speaker = None if turn.speaker is None else names.index(turn.speaker)
    facts = turn_facts(turn)
    return [speaker, start, start + len(turn.text), *([facts] if facts else [])]


def _add_selection(source: etree._Element, coding: Coding, offset: int, guid: str) -> None:
    start, end = offset + coding.start, offset + coding.end
    user = _user(coding.marker.origin)
    selection = etree.SubElement(
        source, _tag("PlainTextSelection"), guid=guid, startPosition=str(start), endPosition=str(end), creatingUser=user
    )
    note = [SIGNATURE, given_as(coding.code, start, end)]
    note += [] if coding.marker.probability is None else [f"p={coding.marker.probability!r}"]
    etree.SubElement(selection, _tag("Description")).text = " ".join([*note, *(["turn"] if coding.on_turn else [])])
    code = etree.SubElement(selection, _tag("Coding"), guid=_guid(guid, "coding"), creatingUser=user)
    etree.SubElement(code, _tag("CodeRef"), targetGUID=_code_guid(coding.code))


# ---------------------------------------------------------------------------------------- names


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _guid(*parts: str) -> str:
    return str(uuid.uuid5(GUIDS, hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()))


def _user(origin: Origin) -> str:
    return _guid("user", origin_text(origin))


def _code_guid(code: Code) -> str:
    return _guid("code", code_name(code.label, code.type))
