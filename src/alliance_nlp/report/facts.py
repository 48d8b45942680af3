"""What is known of the model: its name and its measured errors, from a mapping such as ``metrics.json``.

In: ``{"name", "version", "macro_f1", "per_label": {"goal": {"precision", "recall"}}}``, every key optional.
Out: :class:`ModelFacts`.  A label may also carry ``review_low`` and ``review_high``, its band of doubt
(``calibration.json``): then a page says which marker of a doubtful turn is meant, not only which turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
    )


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
