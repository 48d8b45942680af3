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
from dataclasses import replace
from typing import Any

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.coding import Code, code_of
from alliance_nlp.formats.encoding import check_size
from alliance_nlp.formats.label_studio_data import Dialogue, dialogue_of
from alliance_nlp.formats.label_studio_regions import Reading, Region, readings_of
from alliance_nlp.formats.marks import (
    Aside,
    Mark,
    given_as,
    is_whole,
    object_of,
    parse_origin,
    sourced,
    text_of,
    touched,
    with_marks,
)
from alliance_nlp.formats.records import MAX_BYTES, is_unicode
from alliance_nlp.formats.utf16 import Utf16
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Origin, OriginKind, Span, Transcript, Turn


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
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TranscriptFormatError("coding_tools.ls_not_utf8", file=name) from error
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise TranscriptFormatError("files.json_invalid", file=name, line=error.lineno, column=error.colno) from None
    except (RecursionError, ValueError) as error:
        raise TranscriptFormatError("coding_tools.ls_not_tasks", file=name) from error
    if "\\ud" in text.lower() and not is_unicode(document):
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
    readings = [reading for one in group for reading in readings_of(one, aside)]
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
            yield _mark(region, reading, Mark(turn, code, reading.origin, span), fingerprint, dialogue.machine.get((turn, fingerprint), ()))


def _mark(region: Region, reading: Reading, mark: Mark, fingerprint: str, handed: Sequence[Mark]) -> Mark:
    """Return the mark with its owner and, when it is as it was handed over, what was said of it then."""
    origin = _kept_origin(region, handed, f"{mark.turn}:{fingerprint}")
    if reading.origin.kind is OriginKind.MODEL:
        origin = reading.origin
    if origin is None:
        return mark
    given = next((one for one in handed if one.origin == origin), None)
    noted = region.meta.get("given") == f"{mark.turn}:{fingerprint}"
    on_turn = region.meta.get("scope") == "turn" if noted else given is not None and given.span is None
    probability = region.score if given is None else given.probability
    return replace(mark, origin=origin, span=None if on_turn else mark.span, probability=probability)


def _kept_origin(region: Region, handed: Sequence[Mark], fingerprint: str) -> Origin | None:
    """Return whom a region of an annotation still belongs to; None when it is the annotator's (the rule at the head)."""
    if region.origin in ("manual", "prediction-changed") or any(choice in _accepted() for choice in region.choices):
        carried = region.origin == "manual" and region.meta.get("given") == fingerprint
        return parse_origin(text_of(region.meta.get("origin"))) if carried and not region.choices else None
    if region.meta.get("given") == fingerprint:
        return parse_origin(text_of(region.meta.get("origin")))
    if handed:
        return handed[0].origin
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
