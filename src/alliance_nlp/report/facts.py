"""What is known of the model: its name and its measured errors, from a mapping such as ``metrics.json``.

In: ``{"name", "version", "macro_f1", "per_label": {"goal": {"precision", "recall"}}}``, every key optional.
Out: :class:`ModelFacts`.  A label may also carry ``review_low`` and ``review_high``, its band of doubt
(``calibration.json``): then a page says which marker of a doubtful turn is meant, not only which turn.  ``kinds`` are
the mean F1 on test sessions of one kind (``test_without_roles``, ``factors``), ``false_marks`` what was marked in
1,000 turns of talk that is no therapy (``ordinary_talk``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alliance_nlp.labels import default_label_set

KINDS = {  # a page's kind of transcript → the card's factor and level
    "unpunctuated": ("transcription", "asr"),
    "two": ("people", "two"),
    "group": ("people", "three and more"),
}


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """One label's measured scores in [0, 1], and its band of doubt ``[low, high)``; None where unknown."""

    precision: float | None = None
    recall: float | None = None
    review: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A model's identity and scores; everything None or empty where unknown."""

    name: str | None = None
    version: str | None = None
    macro_f1: float | None = None
    per_label: Mapping[str, LabelFacts] = field(default_factory=dict)
    kinds: Mapping[str, tuple[float | None, int | None]] = field(default_factory=dict)
    false_marks: Mapping[str, float] = field(default_factory=dict)

    @property
    def measured(self) -> bool:
        """True when at least one label has both scores."""
        return any(None not in (facts.precision, facts.recall) for facts in self.per_label.values())


def read_facts(data: Mapping[str, Any] | None) -> ModelFacts:
    """Return the facts that ``data`` holds; a missing or odd value is unknown, never an error."""
    data = data or {}
    labels = data.get("per_label")
    return ModelFacts(
        name=_text(data.get("name")),
        version=_text(data.get("version")),
        macro_f1=_share(data.get("macro_f1")),
        per_label={
            str(name): _label(entry)
            for name, entry in (labels.items() if isinstance(labels, Mapping) else ())
            if isinstance(entry, Mapping)
        },
        kinds=_kinds(data),
        false_marks=_false_marks(_turn_by_turn(data.get("ordinary_talk"))),
    )


def _kinds(data: Mapping[str, Any]) -> dict[str, tuple[float | None, int | None]]:
    found: dict[str, tuple[float | None, int | None]] = {}
    blind = data.get("test_without_roles")
    if isinstance(blind, Mapping) and isinstance(blind.get("macro_f1"), Mapping):
        found["unknown_roles"] = (_share(blind["macro_f1"].get("value")), _whole(blind.get("sessions")))
    factors = data.get("factors")
    for name, (factor, level) in KINDS.items():
        entries = factors.get(factor) if isinstance(factors, Mapping) else None
        for entry in entries if isinstance(entries, (list, tuple)) else ():
            if isinstance(entry, Mapping) and entry.get("level") == level:
                found[name] = (_share(entry.get("macro_f1")), _whole(entry.get("sessions")))
    return found


def _turn_by_turn(talk: Any) -> Any:
    """Return the marks on ordinary talk turn by turn, whole conversations not judged: what a session that is marked must expect."""
    return talk.get("turn_by_turn", talk) if isinstance(talk, Mapping) else talk


def _false_marks(data: Any) -> dict[str, float]:
    entries = data.items() if isinstance(data, Mapping) else ()
    names = default_label_set().ids
    return {name: float(value) for name, value in entries if name in names and isinstance(value, (int, float))}


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _label(entry: Mapping[str, Any]) -> LabelFacts:
    low, high = _share(entry.get("review_low")), _share(entry.get("review_high"))
    return LabelFacts(
        precision=_share(entry.get("precision")),
        recall=_share(entry.get("recall")),
        review=None if low is None or high is None else (low, high),
    )


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, (str, int, float)) and value != "" else None


def _share(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0.0 <= value <= 1.0 else None
