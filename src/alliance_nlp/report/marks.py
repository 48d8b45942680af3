"""Markers as a page shows them: name, shapes, probability or origin, and which of them the model doubts.

In: a turn and what is known of the model.  Out: :class:`Mark` and :class:`Doubt`, ready to be worded.
"""

from __future__ import annotations

from dataclasses import dataclass

from alliance_nlp.labels import default_label_set
from alliance_nlp.report.facts import ModelFacts
from alliance_nlp.transcript import Marker, OriginKind, Turn


@dataclass(frozen=True, slots=True)
class Doubt:
    """One label the model hesitates about; ``marked`` tells whether it gave the label all the same."""

    label: str
    probability: float | None
    marked: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """One marker of a turn.  ``lanes`` are the tags it is drawn under: a rupture's types, else its label."""

    marker: Marker
    lanes: tuple[str, ...]
    doubtful: bool

    @property
    def by_model(self) -> bool:
        """True when a model gave the marker."""
        return self.marker.origin.kind is OriginKind.MODEL


def marks_of(turn: Turn, facts: ModelFacts) -> tuple[Mark, ...]:
    """Return a turn's marks in the scheme's order of labels."""
    order = default_label_set().ids
    doubted = {doubt.label for doubt in doubts_of(turn, facts)}
    markers = sorted(turn.markers, key=lambda marker: order.index(marker.label))
    return tuple(
        Mark(
            marker=marker,
            lanes=marker.types or (marker.label,),
            doubtful=marker.origin.kind is OriginKind.MODEL and marker.label in doubted,
        )
        for marker in markers
    )


def doubts_of(turn: Turn, facts: ModelFacts) -> tuple[Doubt, ...]:
    """Return what the model hesitates about on a turn it wants checked; nothing on other turns.

    With the bands of doubt known: the labels whose probability lies in theirs.  Without: the labels the model
    gave, and when it gave none, the likeliest one.
    """
    if not turn.needs_review:
        return ()
    given = {m.label: m.probability for m in turn.markers if m.origin.kind is OriginKind.MODEL}
    probabilities = {label: p for label, p in given.items() if p is not None} | dict(turn.probabilities or {})
    labels = default_label_set().ids
    doubted = [label for label in labels if _in_band(label, probabilities.get(label), facts)]
    if not doubted:
        doubted = [label for label in labels if label in given]
    if not doubted:
        known = [label for label in labels if label in probabilities]
        doubted = [max(known, key=lambda label: probabilities[label])] if known else []
    return tuple(Doubt(label, probabilities.get(label), label in given) for label in doubted)


def _in_band(label: str, probability: float | None, facts: ModelFacts) -> bool:
    known = facts.per_label.get(label)
    if known is None or known.review is None or probability is None:
        return False
    low, high = known.review
    return low <= probability < high
