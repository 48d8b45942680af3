"""INCEpTION: ``documents/<session>.xmi`` (UIMA CAS XMI), ``TypeSystem.xml`` and ``layers.json`` (layers and tag sets).

In INCEpTION: Settings, Layers, import ``layers.json``; then Documents, format « UIMA CAS XMI (XML 1.0) », the ``.xmi`` files.
The text is one turn a line, each turn a sentence.  Places are counted in UTF-16 units by dkpro-cassis (the extra
``inception``), which writes the XMI.  What each feature holds: ``docs/annotation-tools.md``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from alliance_nlp.errors import ConfigError
from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.exports.codings import Coding, codings, label_name, session_facts, turn_facts, type_name, xml_text
from alliance_nlp.exports.inception_layers import FEATURES, MARKER_TYPE, SENTENCE, TURN_TYPE, UIMA_METADATA, layers_json
from alliance_nlp.file_names import file_name
from alliance_nlp.formats.marks import given_as, origin_text
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import OriginKind, Transcript, Turn

if TYPE_CHECKING:
    from cassis import Cas, TypeSystem

NOBODY = "INITIAL_CAS"  # INCEpTION's name for a document that nobody annotated yet


def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield one XMI file a session, then the type system and the layers; ConfigError when the extra is missing."""
    types = _type_system()
    for transcript in transcripts:
        data = _cas(transcript, types, options.language).to_xmi(pretty_print=True)
        yield ExportedFile(f"documents/{file_name(transcript.session_id)}.xmi", data.encode("utf-8"))
    yield ExportedFile("TypeSystem.xml", types.to_xml().encode("utf-8"))
    yield ExportedFile("layers.json", layers_json(options.language))


def _type_system() -> TypeSystem:
    try:
        from cassis import TypeSystem
    except ImportError as error:
        raise ConfigError("coding_tools.inception_missing") from error
    types = TypeSystem()
    for name, (parent, features) in FEATURES.items():
        made = types.create_type(name=name, supertypeName=parent)
        for feature, kind in features.items():
            types.create_feature(domainType=made, name=feature, rangeType=kind)
    return types


def _cas(transcript: Transcript, types: TypeSystem, language: str) -> Cas:
    from cassis import Cas

    texts = [xml_text(turn.text) for turn in transcript.turns]
    cas = Cas(typesystem=types)
    cas.sofa_string = "\n".join(texts)
    cas.sofa_mime = "text/plain"
    title = xml_text(f"{file_name(transcript.session_id)}.xmi")
    language_code = xml_text(transcript.language)
    metadata = types.get_type(UIMA_METADATA)
    cas.add(metadata(begin=0, end=len(cas.sofa_string), language=language_code, documentTitle=title, documentId=NOBODY))
    start = 0
    for turn, text in zip(transcript.turns, texts, strict=True):
        _add_turn(cas, transcript, turn, start)
        for coding in codings(turn):
            cas.add(types.get_type(MARKER_TYPE)(**_marker(coding, start, language)))
        start += len(text) + 1
    return cas


def _add_turn(cas: Cas, transcript: Transcript, turn: Turn, start: int) -> None:
    end = start + len(turn.text)
    if turn.text:  # a sentence without characters would be dropped when INCEpTION imports it
        cas.add(cas.typesystem.get_type(SENTENCE)(begin=start, end=end))
    session = None if turn.index else _json(session_facts(transcript))
    facts = _json(turn_facts(turn)) if turn_facts(turn) else None
    cas.add(
        cas.typesystem.get_type(TURN_TYPE)(
            begin=start,
            end=end,
            number=turn.index,
            speaker=None if turn.speaker is None else xml_text(turn.speaker),
            role=transcript.role_of(turn).value,
            facts=facts,
            session=session,
        )
    )


def _json(value: Any) -> str:
    return xml_text(json.dumps(value, ensure_ascii=False))


def _marker(coding: Coding, offset: int, language: str) -> dict[str, Any]:
    """Return the features of one coding; an origin is noted for all, « accepted » is left to people."""
    start, end = offset + coding.start, offset + coding.end
    marker, label = coding.marker, default_label_set()[coding.code.label]
    kind = next((kind for kind in label.types if kind.id == coding.code.type), None)
    is_machine = marker.origin.kind is OriginKind.MODEL
    return {
        "begin": start,
        "end": end,
        "label": label_name(label, language),
        "ruptureType": None if kind is None else type_name(kind, language),
        "origin": xml_text(origin_text(marker.origin)),
        "probability": marker.probability,
        "given": given_as(coding.code, start, end),
        "scope": "turn" if coding.on_turn else None,
        "accepted": False if is_machine else None,
    }
