"""TEI P5 (``<session>.xml``): speech as ``u`` elements, marks as standoff, the label scheme as a taxonomy.

In: transcripts.  Out: one file a session (TEI Guidelines P5, chapters 8 « Transcriptions of Speech », 16 « Linking » and 17
« Simple Analytic Mechanisms »; ``standOff`` since 4.0).

* people: ``person`` with ``role``, their code in ``persName``; ``u/@who`` points there;
* times: a ``timeline`` in seconds, ``u/@start`` and ``@end`` point to its ``when``;
* a marker: a ``spanGrp`` of type « goal »… with ``@ana`` (label and types in the taxonomy), ``@cert`` (the probability), ``@resp``
  (who gave it: a ``respStmt``) and a ``span`` for each evidence, from an ``anchor`` in the ``u`` to another, so that the exact
  characters come back; a marker without evidence points to its ``u``.

:mod:`alliance_nlp.formats.tei_standoff` reads the marks back.  Left out: probabilities of turns without marker, doubt, lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lxml import etree

from alliance_nlp import __version__
from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.file_names import file_name
from alliance_nlp.labels import Label, LabelSet, default_label_set
from alliance_nlp.messages import LANGUAGES, render
from alliance_nlp.segmentation import span_types
from alliance_nlp.transcript import Marker, Origin, Transcript, Turn

TEI = "http://www.tei-c.org/ns/1.0"
XML = "http://www.w3.org/XML/1998/namespace"
ID, LANG, SPACE = f"{{{XML}}}id", f"{{{XML}}}lang", f"{{{XML}}}space"
SCHEME = "alliance"

Element = etree._Element


def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield one file a session; TranscriptFormatError for a character that XML cannot hold."""
    for transcript in transcripts:
        root = session_element(transcript, options.language)
        data = etree.tostring(root, encoding="utf-8", xml_declaration=True)
        yield ExportedFile(f"{file_name(transcript.session_id)}.xml", data + b"\n")


def session_element(transcript: Transcript, language: str) -> Element:
    """Return the ``TEI`` element of one session; headings in ``language``."""
    people = {speaker.id: f"spk{place}" for place, speaker in enumerate(transcript.speakers)}
    markers = [marker for turn in transcript.turns for marker in turn.markers]
    origins = {origin: f"resp{place}" for place, origin in enumerate(dict.fromkeys(marker.origin for marker in markers))}
    times = _times(transcript)
    root = etree.Element(f"{{{TEI}}}TEI", nsmap={None: TEI})
    root.set(LANG, transcript.language)
    _header(root, transcript, language, people, origins)
    if markers:
        stand_off = _add(root, "standOff")
        for turn in transcript.turns:
            for number, marker in enumerate(turn.markers):
                _marker(stand_off, turn, number, marker, origins, language)
    text = _add(root, "text")
    if times:
        _timeline(text, times)
    body = _add(_add(text, "body"), "div")
    for turn in transcript.turns:
        _turn(body, turn, people, times)
    if not transcript.turns:
        _add(body, "p")  # TEI knows no empty division
    return root


def _add(parent: Element, tag: str, text: str | None = None, **attributes: str | None) -> Element:
    element = etree.SubElement(parent, f"{{{TEI}}}{tag}")
    for name, value in attributes.items():
        if value is not None:
            element.set({"id": ID, "lang": LANG}.get(name, name), _sound(value))
    element.text = None if text is None else _sound(text)
    return element


def _sound(text: str, turn: int | None = None) -> str:
    """Return ``text`` when XML 1.0 can hold it; TranscriptFormatError for control characters and halves of pairs."""
    for character in text:
        code = ord(character)
        if code < 0x20 and character not in "\t\n\r" or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF):
            raise TranscriptFormatError("exports.xml_character", character=f"U+{code:04X}", turn="–" if turn is None else turn)
    return text


# ------------------------------------------------------------------------------------------ header


def _header(root: Element, transcript: Transcript, language: str, people: Mapping[str, str], origins: Mapping[Origin, str]) -> None:
    header = _add(root, "teiHeader", lang=language)
    description = _add(header, "fileDesc")
    title = _add(description, "titleStmt")
    _add(title, "title", transcript.session_id)
    for origin, ident in origins.items():
        statement = _add(title, "respStmt", id=ident)
        _add(statement, "resp", render(f"exports.tei_resp_{origin.kind.value}", language), n=origin.kind.value)
        _add(statement, "name", origin.name, n=origin.version)
    _add(_add(description, "publicationStmt"), "p", render("exports.tei_publication", language))
    if transcript.metadata:
        notes = _add(_add(_add(description, "notesStmt"), "note", type="metadata"), "list")
        for key, value in transcript.metadata.items():
            _add(notes, "item", json.dumps(value, ensure_ascii=False), n=key)
    # notesStmt stands before sourceDesc
    _add(_add(description, "sourceDesc"), "p", render("exports.tei_source", language))
    encoding = _add(header, "encodingDesc")
    application = _add(_add(encoding, "appInfo"), "application", ident="alliance-nlp", version=__version__)
    _add(application, "label", "alliance-nlp")
    _taxonomy(_add(encoding, "classDecl"), default_label_set())
    profile = _add(header, "profileDesc")
    _add(_add(profile, "langUsage"), "language", ident=transcript.language)
    if people:
        listed = _add(_add(profile, "particDesc"), "listPerson")
        for speaker in transcript.speakers:
            person = _add(listed, "person", id=people[speaker.id], role=speaker.role.value)
            _add(person, "persName", speaker.id)


def _taxonomy(parent: Element, label_set: LabelSet) -> None:
    taxonomy = _add(parent, "taxonomy", id=SCHEME, n=label_set.version)
    for label in label_set.labels:
        category = _add(taxonomy, "category", id=f"{SCHEME}.{label.id}")
        _describe(category, label)
        for kind in label.types:
            _describe(_add(category, "category", id=f"{SCHEME}.{kind.id}"), kind)


def _describe(category: Element, entry: Any) -> None:
    for language in LANGUAGES:
        described = _add(category, "catDesc", lang=language)
        term = _add(described, "term", getattr(entry, language))
        term.tail = " — " + getattr(entry, f"definition_{language}")


# ------------------------------------------------------------------------------------------ speech


def _times(transcript: Transcript) -> dict[float, str]:
    """Return an id for each time of the session, in order; ``w0`` is the beginning of the recording."""
    known = sorted({0.0, *(t for turn in transcript.turns for t in (turn.start_s, turn.end_s) if t is not None)})
    return {time: f"w{place}" for place, time in enumerate(known)} if len(known) > 1 else {}


def _timeline(text: Element, times: Mapping[float, str]) -> None:
    timeline = _add(text, "timeline", unit="s", origin="#w0")
    for time, ident in times.items():
        _add(timeline, "when", id=ident, interval=repr(time) if ident != "w0" else None, since="#w0" if ident != "w0" else None)


def _turn(parent: Element, turn: Turn, people: Mapping[str, str], times: Mapping[float, str]) -> None:
    """Add a ``u`` whose text has an empty ``anchor`` at every place where an evidence begins or ends."""
    who = None if turn.speaker is None else f"#{people[turn.speaker]}"
    start, end = (None if time is None or time not in times else f"#{times[time]}" for time in (turn.start_s, turn.end_s))
    speech = _add(parent, "u", id=f"u{turn.index}", who=who, start=start, end=end)
    speech.set(SPACE, "preserve")
    text = _sound(turn.text, turn.index)
    places = sorted({place for marker in turn.markers for span in marker.spans for place in (span.start, span.end)})
    speech.text = text[: places[0]] if places else text
    for place, following in zip(places, [*places[1:], len(text)]):
        _add(speech, "anchor", id=_anchor(turn, place)).tail = text[place:following]


def _anchor(turn: Turn, place: int) -> str:
    return f"u{turn.index}.c{place}"


# ------------------------------------------------------------------------------------------ marks


def _marker(parent: Element, turn: Turn, number: int, marker: Marker, origins: Mapping[Origin, str], language: str) -> None:
    label = default_label_set()[marker.label]
    group = _add(
        parent, "spanGrp", id=f"m{turn.index}.{number}", type=label.id, ana=_categories(label.id, marker.types),
        resp=f"#{origins[marker.origin]}", inst=f"#u{turn.index}", cert=None if marker.probability is None else repr(marker.probability),
    )  # fmt: skip
    for span, types in zip(marker.spans, span_types(marker)):
        ends = {"from": f"#{_anchor(turn, span.start)}", "to": f"#{_anchor(turn, span.end)}"}
        _add(group, "span", _words(label, types, language), ana=_categories(label.id, types), **ends)
    if not marker.spans:
        _add(group, "span", _words(label, marker.types, language), target=f"#u{turn.index}")


def _categories(label: str, types: Iterable[str]) -> str:
    return " ".join(f"#{SCHEME}.{name}" for name in (label, *types))


def _words(label: Label, types: Iterable[str], language: str) -> str:
    kinds = {kind.id: getattr(kind, language) for kind in label.types}
    return ", ".join([getattr(label, language), *(kinds[name] for name in types)])
