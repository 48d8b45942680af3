"""Label Studio: ``tasks.json`` (one task a session) and ``labelling_config.xml`` (the scheme's labels and colours).

The dialogue is for the ``Paragraphs`` tag; places are UTF-16 units within a paragraph, as Label Studio's page counts them
(JavaScript string lengths: ``HtxParagraphs`` in its sources).  Machine marks are ``predictions`` with their model and
scores, people's are ``annotations``.  What Label Studio has no place for stands in the task's ``data`` under ``alliance``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.exports.codings import Coding, all_codes, code_title, codings, definition, session_facts, turn_facts, xml_text
from alliance_nlp.formats.coding import Code, code_name
from alliance_nlp.formats.label_studio_data import FACTS
from alliance_nlp.formats.marks import given_as, origin_text
from alliance_nlp.formats.utf16 import Utf16
from alliance_nlp.labels import default_label_set
from alliance_nlp.messages import render
from alliance_nlp.transcript import Origin, OriginKind, Transcript, Turn

DIALOGUE, LABELS, DECISION = "dialogue", "label", "decision"  # names of the tags in the configuration
SHADE = 25  # per cent darker: tells one type of a label from the other


def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield the tasks, then the configuration to paste into the project's settings."""
    tasks = [_task(transcript, options.language) for transcript in transcripts]
    text = json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"
    yield ExportedFile("tasks.json", text.encode("utf-8", "replace"))
    yield ExportedFile("labelling_config.xml", _configuration(options.language))


# ---------------------------------------------------------------------------------------- tasks


def _task(transcript: Transcript, language: str) -> dict[str, Any]:
    by_origin: dict[Origin, list[tuple[Turn, Coding]]] = {}
    for turn in transcript.turns:
        for coding in codings(turn):
            by_origin.setdefault(coding.marker.origin, []).append((turn, coding))
    models = {origin: found for origin, found in by_origin.items() if origin.kind is OriginKind.MODEL}
    people = [found for origin, found in by_origin.items() if origin.kind is not OriginKind.MODEL]
    facts = session_facts(transcript) | {"machine": [_handed(turn, c) for found in models.values() for turn, c in found]}
    paragraphs = [{"author": turn.speaker or "", "text": turn.text} | turn_facts(turn) for turn in transcript.turns]
    return {
        "data": {"session_id": transcript.session_id, DIALOGUE: paragraphs, FACTS: facts},
        "predictions": [_prediction(origin, found, language) for origin, found in models.items()],
        "annotations": [{"result": _results(found, language)} for found in people],
    }


def _handed(turn: Turn, coding: Coding) -> dict[str, Any]:
    """Return a machine mark as it is handed over, in code points: unchanged, it stays the machine's."""
    given = {
        "turn": turn.index,
        "start": coding.start,
        "end": coding.end,
        "code": code_name(coding.code.label, coding.code.type),
        "origin": origin_text(coding.marker.origin),
        "probability": coding.marker.probability,
    }
    return given | ({"scope": "turn"} if coding.on_turn else {})


def _prediction(origin: Origin, found: list[tuple[Turn, Coding]], language: str) -> dict[str, Any]:
    scores = [coding.marker.probability for _, coding in found if coding.marker.probability is not None]
    prediction = {"model_version": origin_text(origin).partition(":")[2], "result": _results(found, language)}
    return prediction | ({"score": round(sum(scores) / len(scores), 4)} if scores else {})


def _results(found: list[tuple[Turn, Coding]], language: str) -> list[dict[str, Any]]:
    return [_result(turn, coding, number, language) for number, (turn, coding) in enumerate(found)]


def _result(turn: Turn, coding: Coding, number: int, language: str) -> dict[str, Any]:
    units = Utf16(turn.text)
    value = {
        "start": str(turn.index),
        "end": str(turn.index),
        "startOffset": units.units(coding.start),
        "endOffset": units.units(coding.end),
        "text": turn.text[coding.start : coding.end],
        "paragraphlabels": [code_title(coding.code, language)],
    }
    marker = coding.marker
    meta = {"origin": origin_text(marker.origin), "given": f"{turn.index}:{given_as(coding.code, coding.start, coding.end)}"}
    meta |= {"scope": "turn"} if coding.on_turn else {}
    result = {"id": f"m{turn.index}-{number}", "from_name": LABELS, "to_name": DIALOGUE, "type": "paragraphlabels", "value": value}
    return result | ({"meta": meta} | ({} if marker.probability is None else {"score": marker.probability}))


# ---------------------------------------------------------------------------------------- configuration


def _configuration(language: str) -> bytes:
    view = etree.Element("View")
    choices = etree.SubElement(view, "ParagraphLabels", name=LABELS, toName=DIALOGUE, choice="multiple")
    for number, code in enumerate(all_codes(), start=1):
        etree.SubElement(choices, "Label", _label(code, number, language))
    etree.SubElement(view, "Paragraphs", name=DIALOGUE, value=f"${DIALOGUE}", layout="dialogue", nameKey="author", textKey="text")
    decided = etree.SubElement(
        view, "Choices", name=DECISION, toName=DIALOGUE, perRegion="true", choice="single", visibleWhen="region-selected"
    )
    etree.SubElement(decided, "Choice", value=render("coding_tools.word_accepted", language))
    data: bytes = etree.tostring(view, encoding="utf-8", pretty_print=True)
    return data


def _label(code: Code, number: int, language: str) -> dict[str, str]:
    label = default_label_set()[code.label]
    kind = next((kind for kind in label.types if kind.id == code.type), None)
    return {
        "value": xml_text(code_title(code, language)),
        "background": colour_of(code),
        "hotkey": str(number),
        "hint": definition(kind or label, language),
    }


def colour_of(code: Code) -> str:
    """Return the colour of a code: its label's; of two types the second is darker, so that both can be told apart."""
    label = default_label_set()[code.label]
    place = [kind.id for kind in label.types].index(code.type) if code.type else 0
    channels = [int(label.colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{channel * (100 - SHADE * place) // 100:02X}" for channel in channels)
