"""TEI transcriptions of speech (TEICORPO, ISO 24624, plain ``u``) → one draft for each TEI text of the file; the session itself of ours.

In: the bytes of a file.  Out: an utterance for each ``u``, cut at its anchors; ``annotationBlock`` gives speaker and times
where the ``u`` does not.  Pauses, vocal sounds, incidents and gestures become notes as people type them.  ``spanGrp`` goes to
the utterance's ``extra["tei"]``, persons' role, age and sex to the metadata's ``tei``.  Sources: TEI P5, chapter 8
(Transcriptions of Speech); ISO 24624:2016; TEICORPO (Parisse, Etienne & Liégeois 2020).  Names of recordings are never kept.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lxml import etree

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.names import declared_role
from alliance_nlp.formats.oral import are_measures, has_talk, language_of, plain, put_aside, shared_names, speaker_names
from alliance_nlp.formats.tei_standoff import is_ours, transcript_of
from alliance_nlp.formats.tei_timeline import Timeline, pointer, read_timeline
from alliance_nlp.formats.tei_utterance import local, note_of, stretches
from alliance_nlp.formats.xml_file import encoding_of, parse_xml
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Notice, Role, Source, Transcript

_ID = "{http://www.w3.org/XML/1998/namespace}id"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ROOTS = frozenset({"TEI", "TEI.2", "teiCorpus"})
_AROUND = frozenset({"incident", "vocal", "kinesic", "pause"})  # between utterances


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return a draft for each text of the file; TranscriptFormatError when it is no TEI or transcribes no speech."""
    root = parse_xml(data, name)
    if local(root) not in _ROOTS:
        raise TranscriptFormatError("oral.other_xml", file=name, expected="TEI", root="TEI")
    if is_ours(root):
        source = Source(file=name, format="tei", sha256=hashlib.sha256(data).hexdigest())
        return [replace(transcript_of(root), source=source)]
    texts = [item for item in root if local(item) in ("TEI", "TEI.2")] if local(root) == "teiCorpus" else [root]
    spoken = [text for text in texts if next(text.iter("{*}u", "{*}annotationBlock"), None) is not None]
    if not spoken:
        raise TranscriptFormatError("oral.tei_no_speech", file=name)
    return [_draft(text) for text in spoken]


def _draft(text: etree._Element) -> Draft:
    timeline = read_timeline(text)
    found = [(code, utterance) for element in _spoken(text) for code, utterance in _utterances(element, timeline)]
    said: dict[str, list[str]] = {}
    for code, utterance in found:
        said.setdefault(code or "", []).append(utterance.text)
    measured = {code for code, texts in said.items() if code and are_measures(texts)}
    kept = [(code, utterance) for code, utterance in found if code not in measured and has_talk(utterance.text)]
    people = _people(text)
    names, shared = _names([code for code, _ in kept if code], people)
    return Draft(
        tuple(_named(utterance, names.get(code or "")) for code, utterance in kept),
        roles=_roles(names, people),
        metadata=_metadata(people, [utterance for code, utterance in found if code in measured]),
        encoding=encoding_of(text),
        language=_language(text),
        notices=(*shared_names(shared), *_notices(found, timeline, measured)),
    )


def _spoken(text: etree._Element) -> Iterator[etree._Element]:
    """Yield what is said, in file order: blocks, utterances outside blocks, and what happens between them."""
    body = next(text.iter("{*}text"), text)
    for element in body.iter(etree.Element):
        name = local(element)
        if name == "annotationBlock" or (name == "u" and not _inside(element, "annotationBlock", "u")):
            yield element
        elif name in _AROUND and not _inside(element, "annotationBlock", "u"):
            yield element


def _inside(element: etree._Element, *names: str) -> bool:
    return any(local(above) in names for above in element.iterancestors())


def _utterances(element: etree._Element, timeline: Timeline) -> Iterator[tuple[str | None, Utterance]]:
    """Yield what one element says, each with its speaker's code."""
    start_s, end_s = _times(element, timeline)
    if local(element) in _AROUND:
        if typed := note_of(element, timeline):
            yield _code(element), Utterance(None, typed, element.sourceline, start_s, end_s)
        return
    spans = _spans(element)
    for u in [element] if local(element) == "u" else element.iter("{*}u"):
        own_start_s, own_end_s = _times(u, timeline)
        begin, end = own_start_s if own_start_s is not None else start_s, own_end_s if own_end_s is not None else end_s
        for stretch in stretches(u, timeline, begin, end):
            if text := plain(stretch.text):
                extra = {"tei": spans} if spans else {}
                yield _code(u) or _code(element), Utterance(None, text, stretch.line, stretch.start_s, stretch.end_s, extra=extra)


def _times(element: etree._Element, timeline: Timeline) -> tuple[float | None, float | None]:
    """Return the times an element points to: ``start``/``end``, or ``from``/``to`` as TEICORPO also writes."""
    start, end = element.get("start") or element.get("from"), element.get("end") or element.get("to")
    start_s, end_s = timeline.at(start), timeline.at(end)
    backwards = start_s is not None and end_s is not None and end_s < start_s
    return start_s, None if backwards else end_s


def _code(element: etree._Element) -> str | None:
    codes = [pointer(part) for part in (element.get("who") or "").split()]
    return " + ".join(codes) or None


def _named(utterance: Utterance, name: str | None) -> Utterance:
    return Utterance(
        name, utterance.text, utterance.line, utterance.start_s, utterance.end_s, utterance.markers, utterance.extra
    )


# ---------------------------------------------------------------------------------------- persons


def _people(text: etree._Element) -> dict[str, dict[str, Any]]:
    """Return what the header says of each person (name, role, sex, age), by every code it goes by."""
    people: dict[str, dict[str, Any]] = {}
    for item in text.iter("{*}person", "{*}personGrp"):
        codes = [item.get(_ID), item.get("n"), *(alt.get("type") for alt in item.iter("{*}alt"))]
        known = [code for code in codes if code]
        age = next(item.iter("{*}age"), None)
        facts = {
            "name": plain(next((found.text for found in item.iter("{*}persName") if found.text), None)) or None,
            "role": item.get("role"),
            "sex": item.get("sex") or plain(next((found.text for found in item.iter("{*}sex")), None)) or None,
            "age": (age.get("value") or plain(age.text) if age is not None else None) or item.get("age"),
        }
        people |= {code: {"code": known[-1], **facts} for code in known}
    return people


def _names(codes: Sequence[str], people: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, str], list[str]]:
    """Return each code's speaker: the person's name, else the code."""
    return speaker_names({code: people.get(code, {}).get("name") for code in dict.fromkeys(codes)})


def _roles(names: Mapping[str, str], people: Mapping[str, Mapping[str, Any]]) -> dict[str, Role]:
    found = {name: declared_role((people.get(code, {}).get("role") or "").replace("_", " ")) for code, name in names.items()}
    return {name: role for name, role in found.items() if role is not None}


# ---------------------------------------------------------------------------------------- kept aside


def _spans(element: etree._Element) -> dict[str, list[Any]]:
    """Return the annotations of a block by type: texts of spans, with those inside them."""
    groups: dict[str, list[Any]] = {}
    for group in element:
        if local(group) == "spanGrp":
            groups.setdefault(group.get("type") or "span", []).extend(_span(span) for span in group if local(span) == "span")
    return groups


def _span(span: etree._Element) -> Any:
    inner = _spans(span)
    own = plain(span.text)
    return {"text": own, **inner} if inner else own


def _language(text: etree._Element) -> str:
    body = next(text.iter("{*}text"), text)
    used = [item.get("ident") for item in text.iter("{*}language")]
    return language_of(body.get(_LANG) or text.get(_LANG) or (used[0] if len(used) == 1 else None))


def _metadata(people: Mapping[str, Mapping[str, Any]], pauses: Sequence[Utterance]) -> dict[str, Any]:
    unique = {person["code"]: {key: value for key, value in person.items() if value} for person in people.values()}
    kept = {"persons": list(unique.values()), "pauses": [{"start_s": item.start_s, "value": item.text} for item in pauses]}
    kept = {key: value for key, value in kept.items() if value}
    return {"tei": kept} if kept else {}


def _notices(found: Sequence[tuple[str | None, Utterance]], timeline: Timeline, measured: set[str]) -> list[Notice]:
    blocks = {id(utterance.extra["tei"]): utterance.extra["tei"] for _, utterance in found if "tei" in utterance.extra}
    kinds: Counter[str] = Counter(annotations=sum(len(spans) for groups in blocks.values() for spans in groups.values()))
    kinds["pauses"] = sum(code in measured for code, _ in found)
    kinds["wordless"] = sum(not has_talk(utterance.text) for _, utterance in found)
    bad = [Notice("oral.bad_times", params={"count": timeline.unread})] if timeline.unread else []
    return [*put_aside(kinds), *bad]
