"""Label Studio's JSON exports (full and JSON-MIN) → one session a task, with people's marks.

In: the bytes of the file.  Out: a :class:`Transcript` for a task that our own export made (its turns are kept exactly), a
:class:`Draft` for other dialogues (``Paragraphs``).  Label Studio counts places in UTF-16 units within a paragraph: its
page takes JavaScript string lengths (``HtxParagraphs``, ``ParagraphsRegion`` in its sources).

Who set a mark: a region that came from a prediction and was not changed is the machine's; a region that one of our
exports had put there for somebody, and that was not changed, is that person's; every other one, and every one marked
« accepted », is the annotator's (``completed_by``; ``annotator`` in JSON-MIN).  Cancelled annotations and drafts are no decisions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.coding import Code, code_of
from alliance_nlp.formats.encoding import check_size
from alliance_nlp.formats.label_studio_data import Dialogue, dialogue_of
from alliance_nlp.formats.marks import (
    Aside,
    Mark,
    given_as,
    is_whole,
    names_of,
    object_of,
    parse_origin,
    person,
    probability_of,
    sourced,
    text_of,
    touched,
    with_marks,
)
from alliance_nlp.formats.records import MAX_BYTES, is_unicode
from alliance_nlp.formats.utf16 import Utf16
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Origin, OriginKind, Span, Transcript, Turn

NOBODY = "label-studio"  # the annotator of an export that names none
MODEL = "prediction"  # the model of a prediction that names none


@dataclass(frozen=True, slots=True)
class Region:
    """One stretch of the dialogue and all that was said of it: labels, choices, where it comes from."""

    start: int  # paragraph
    end: int
    start_units: int
    end_units: int
    labels: tuple[str, ...]
    choices: tuple[str, ...]
    origin: str | None  # Label Studio's own: manual, prediction, prediction-changed
    meta: Mapping[str, Any]
    score: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody's annotation of a task, or a prediction."""

    origin: Origin
    regions: tuple[Region, ...]


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return one session a task; TranscriptFormatError when the file is no such export or holds no dialogue."""
    check_size(len(data), name, limit=MAX_BYTES)
    tasks = _tasks(data, name)
    found: dict[str, list[Mapping[str, Any]]] = {}
    for place, task in enumerate(tasks):  # JSON-MIN has a record for each annotation of a task
        is_minimal = "data" not in task and task.get("id") is not None
        found.setdefault(f"id {task['id']}" if is_minimal else f"place {place}", []).append(task)
    sessions = [_session(group, name, number) for number, group in enumerate(found.values(), start=1)]
    return [sourced(session, data, name=name, format="label-studio") for session in _with_ids(sessions)]


def _tasks(data: bytes, name: str) -> list[Mapping[str, Any]]:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise TranscriptFormatError("coding_tools.ls_not_utf8", file=name) from error
    except json.JSONDecodeError as error:
        raise TranscriptFormatError("files.json_invalid", file=name, line=error.lineno, column=error.colno) from None
    except (RecursionError, ValueError) as error:
        raise TranscriptFormatError("coding_tools.ls_not_tasks", file=name) from error
    if not is_unicode(document):
        raise TranscriptFormatError("formats.half_characters", file=name, line=1)
    tasks = document if isinstance(document, list) else [document]
    if not tasks or not all(isinstance(task, Mapping) for task in tasks):
        raise TranscriptFormatError("coding_tools.ls_not_tasks", file=name)
    return tasks


def _with_ids(sessions: list[Draft | Transcript]) -> list[Draft | Transcript]:
    """Number the later ones of sessions that bear the same id."""
    seen: dict[str, int] = {}
    found: list[Draft | Transcript] = []
    for session in sessions:
        if session.session_id is not None:
            seen[session.session_id] = count = seen.get(session.session_id, 0) + 1
            session = replace(session, session_id=f"{session.session_id}-{count}") if count > 1 else session
        found.append(session)
    return found


# ---------------------------------------------------------------------------------------- one task


def _session(group: Sequence[Mapping[str, Any]], name: str, number: int) -> Draft | Transcript:
    aside = Aside.nothing()
    task = group[0]
    data = object_of(task["data"]) if "data" in task else task
    dialogue = dialogue_of(data, name, number)
    if "data" not in task and dialogue.machine:
        raise TranscriptFormatError("coding_tools.ls_minimal", file=name)
    readings = [reading for one in group for reading in _readings(one, dialogue, aside)]
    marks: list[Mark] = []
    reviewers: list[str] = []
    for reading in readings:
        found, decided = _marks(reading, dialogue, aside)
        marks += found
        if decided and reading.origin.kind is OriginKind.HUMAN:
            reviewers += [] if reading.origin.name in reviewers else [reading.origin.name]
    return _finished(dialogue, marks, reviewers, aside)


def _finished(dialogue: Dialogue, marks: list[Mark], reviewers: list[str], aside: Aside) -> Draft | Transcript:
    if dialogue.turns is not None:
        return Transcript(
            session_id=dialogue.session_id or "seance",
            turns=with_marks(dialogue.turns, _once(marks), reviewers),
            speakers=dialogue.speakers,
            language=dialogue.language,
            metadata=dialogue.metadata,
            warnings=aside.notices(),
        )
    bare = [Turn(index, part.speaker, part.text) for index, part in enumerate(dialogue.utterances)]
    marked = with_marks(bare, _once(marks), reviewers)
    utterances = tuple(_stripped(part, turn) for part, turn in zip(dialogue.utterances, marked, strict=True))
    return Draft(utterances, session_id=dialogue.session_id, metadata=dialogue.metadata, notices=aside.notices())


def _stripped(part: Utterance, turn: Turn) -> Utterance:
    """Return the utterance with its markers and without the white space around it."""
    text = turn.text.strip()
    lead = len(turn.text) - len(turn.text.lstrip())
    markers = []
    for marker in turn.markers:
        moved = [(max(span.start - lead, 0), min(span.end - lead, len(text))) for span in marker.spans]
        markers.append(replace(marker, spans=tuple(Span(a, b) for a, b in moved if a < b)))
    return replace(part, text=text, markers=tuple(markers), extra=turn.extra)


def _once(marks: Sequence[Mark]) -> list[Mark]:
    """Leave out what stands twice: a prediction, and the region that came from it unchanged."""
    return list(dict.fromkeys(marks))


# ---------------------------------------------------------------------------------------- annotations


def _readings(task: Mapping[str, Any], dialogue: Dialogue, aside: Aside) -> Iterator[Reading]:
    if "data" not in task:
        yield Reading(_annotator(task.get("annotator")), tuple(_minimal_regions(task)))
        return
    aside.add("ls_drafts", len([draft for draft in _objects(task.get("drafts")) if draft.get("result")]))
    annotations = _objects(task.get("annotations", task.get("completions")))
    for annotation in annotations:
        if annotation.get("was_cancelled") or annotation.get("skipped"):
            aside.add("ls_skipped")
            continue
        models = {str(one.get("id")): _model(one) for one in _objects(task.get("predictions"))}
        regions = tuple(_regions(annotation.get("result"), models, str(annotation.get("parent_prediction"))))
        yield Reading(_annotator(annotation.get("completed_by")), regions)
    for prediction in _objects(task.get("predictions")):
        yield Reading(_model(prediction), tuple(_regions(prediction.get("result"), {}, "")))


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _annotator(value: Any) -> Origin:
    """Return who annotated: an e-mail address, else a name, else Label Studio's number; as the file gives it."""
    if isinstance(value, Mapping):
        names = " ".join(part for key in ("first_name", "last_name") if (part := text_of(value.get(key))))
        value = text_of(value.get("email")) or text_of(names) or value.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return person(text_of(value) or NOBODY)


def _model(prediction: Mapping[str, Any]) -> Origin:
    """Return the model of a prediction: « name:version » as our export writes it, else a bare name."""
    given = text_of(prediction.get("model_version")) or MODEL
    return parse_origin(f"model:{given}") or Origin(OriginKind.MODEL, given)


def _regions(result: Any, models: Mapping[str, Origin], parent: str) -> Iterator[Region]:
    """Yield the regions of one annotation: results that share an id tell of one region."""
    groups: dict[Any, list[Mapping[str, Any]]] = {}
    for place, item in enumerate(_objects(result)):
        groups.setdefault(item.get("id") if isinstance(item.get("id"), str) else place, []).append(item)
    for items in groups.values():
        meta = {key: value for item in items for key, value in object_of(item.get("meta")).items()}
        if parent in models:
            meta.setdefault("model", models[parent])
        scores = [score for item in items if (score := probability_of(item.get("score"))) is not None]
        origin = next((item["origin"] for item in items if isinstance(item.get("origin"), str)), None)
        yield from _joined([object_of(item.get("value")) for item in items], origin, meta, scores[0] if scores else None)


def _minimal_regions(task: Mapping[str, Any]) -> Iterator[Region]:
    """Yield the regions of a JSON-MIN record: the values alone, one list a control; the same place is the same region."""
    groups: dict[Any, list[Mapping[str, Any]]] = {}
    for values in task.values():
        for value in _objects(values):
            if "startOffset" in value and ("paragraphlabels" in value or "choices" in value):
                groups.setdefault(tuple(str(value.get(key)) for key in _PLACE), []).append(value)
    for group in groups.values():
        yield from _joined(group, None, {}, None)


_PLACE = ("start", "end", "startOffset", "endOffset")


def _joined(values: Sequence[Mapping[str, Any]], origin: str | None, meta: Mapping[str, Any], score: float | None) -> Iterator[Region]:
    places = [tuple(_whole_number(value.get(key)) for key in _PLACE) for value in values]
    place = next((found for found in places if None not in found), None)
    labels = tuple(label for value in values for label in names_of(value.get("paragraphlabels")))
    choices = tuple(choice for value in values for choice in names_of(value.get("choices")))
    if place is not None and labels:
        start, end, first, last = (number or 0 for number in place)
        yield Region(start, end, first, last, labels, choices, origin, meta, score)


def _whole_number(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


# ---------------------------------------------------------------------------------------- marks


def _marks(reading: Reading, dialogue: Dialogue, aside: Aside) -> tuple[list[Mark], bool]:
    """Return the marks of one reading, and whether it is a decision of its annotator.

    It is none when all it holds are marks that our export had put there for somebody else, unchanged.
    """
    found: list[Mark] = []
    own = not reading.regions
    for region in reading.regions:
        for mark in _region_marks(region, reading, dialogue, aside):
            found.append(mark)
            own = own or mark.origin.kind is OriginKind.MODEL or mark.origin == reading.origin
    return found, own


def _region_marks(region: Region, reading: Reading, dialogue: Dialogue, aside: Aside) -> Iterator[Mark]:
    spans = _spans(region, dialogue)
    aside.add("no_words", not spans)
    for code in _codes(region, aside) if spans else ():
        for turn, span in spans:
            start, end = (0, 0) if span is None else (span.start, span.end)
            fingerprint = given_as(code, start, end)
            given = dialogue.machine.get((turn, fingerprint))
            origin = _kept_origin(region, given, f"{turn}:{fingerprint}")
            as_model = reading.origin.kind is OriginKind.MODEL
            kept = as_model or origin is not None
            whole = span is None or (kept and _on_turn(region, given))
            probability = given.probability if given is not None else region.score
            yield Mark(turn, code, reading.origin if as_model or origin is None else origin, None if whole else span, probability if kept else None)


def _on_turn(region: Region, given: Mark | None) -> bool:
    """True for a mark that was handed over as one on a whole turn."""
    return region.meta.get("scope") == "turn" or (given is not None and given.span is None)


def _kept_origin(region: Region, given: Mark | None, fingerprint: str) -> Origin | None:
    """Return whom a region of an annotation still belongs to; None when it is the annotator's (the rule at the head)."""
    if region.origin in ("manual", "prediction-changed") or any(choice in _accepted() for choice in region.choices):
        carried = region.origin == "manual" and region.meta.get("given") == fingerprint
        return parse_origin(text_of(region.meta.get("origin"))) if carried and not region.choices else None
    if region.meta.get("given") == fingerprint:
        return parse_origin(text_of(region.meta.get("origin")))
    if given is not None:
        return given.origin
    model = region.meta.get("model")
    return model if region.origin == "prediction" and isinstance(model, Origin) else None


def _accepted() -> tuple[str, ...]:
    from alliance_nlp.messages import LANGUAGES, render

    return ("accepted", *(render("coding_tools.word_accepted", language) for language in LANGUAGES))


def _codes(region: Region, aside: Aside) -> list[Code]:
    """Return what the region's labels stand for, with the types that its choices give."""
    found: list[Code] = []
    chosen = [code for choice in region.choices if (code := code_of(choice)) is not None and code.type]
    for label in region.labels:
        code = code_of(label)
        if code is None:
            aside.add("other_codes")
            continue
        typed = [one for one in chosen if one.label == code.label] if code.type is None else []
        whole = [one for one in typed or [code] if is_whole(one)]
        aside.add("no_type", not whole)
        found += [one for one in whole if one not in found]
    return found


def _spans(region: Region, dialogue: Dialogue) -> list[tuple[int, Span | None]]:
    """Return the stretches of the region, paragraph by paragraph; a place without characters stands for its paragraph."""
    texts = dialogue.texts
    if not region.start <= region.end < len(texts):
        return []
    found: list[tuple[int, Span | None]] = []
    for turn in range(region.start, region.end + 1):
        text = texts[turn]
        units = Utf16(text)
        start = units.place(region.start_units) if turn == region.start else 0
        end = units.place(region.end_units, up=True) if turn == region.end else len(text)
        if not text and region.start == region.end:
            return [(turn, None)]
        kept = touched(text, [(0, len(text))], start, end) if start < end <= len(text) else ()
        found += [(turn, span) for _, span in kept if region.start == region.end or text[span.start : span.end].strip()]
    return found
