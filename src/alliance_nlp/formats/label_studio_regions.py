"""The annotations and predictions of a Label Studio task, region by region.

In: one task of a JSON export, or one record of JSON-MIN.  Out: readings, each with whose it is and its regions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.formats.marks import Aside, names_of, object_of, parse_origin, person, probability_of, text_of
from alliance_nlp.transcript import Origin, OriginKind

NOBODY = "label-studio"  # the annotator of an export that names none
MODEL = "prediction"  # the model of a prediction that names none
_PLACE = ("start", "end", "startOffset", "endOffset")


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


def readings_of(task: Mapping[str, Any], aside: Aside) -> Iterator[Reading]:
    """Yield the readings of a task: annotations first, then predictions; drafts and cancelled ones are counted in ``aside``."""
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
