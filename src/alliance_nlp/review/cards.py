"""One turn as the review page shows it to one reviewer.

In: a transcript's turn and its state in the reviewer's reading.  Out: :class:`TurnCard`.  In blind mode the machine's and other
people's markers never become part of a card: what is not in the card cannot get into the page.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from alliance_nlp.labels import default_label_set
from alliance_nlp.report.excerpts import Piece, cut
from alliance_nlp.report.facts import read_facts
from alliance_nlp.report.marks import Doubt, Mark, doubts_of
from alliance_nlp.report.numbering import turn_anchor, turn_number
from alliance_nlp.report.wording import Wording
from alliance_nlp.review.decisions import MARKING, Action, Comment, Decision, ReviewMarker, Status, TurnState, active
from alliance_nlp.transcript import Marker, OriginKind, Role, Transcript, Turn


@dataclass(frozen=True, slots=True)
class MarkView:
    """One marker: what it says, what became of it, where its evidence is (``spans`` as « 0-4 9-12 », code points)."""

    key: str
    label: str
    types: tuple[str, ...]
    lanes: tuple[str, ...]
    status: str
    probability: float | None
    doubtful: bool
    spans: str
    quote: str
    quote_full: str
    was: str


@dataclass(frozen=True, slots=True)
class TurnCard:
    """One turn: what was said, the marks, what the reviewer left on it.  ``sequence`` goes back with the next decision."""

    index: int
    number: int
    anchor: str
    speaker: str | None
    role: Role
    start_s: float | None
    language: str
    pieces: tuple[Piece, ...]
    marks: tuple[MarkView, ...]
    doubts: tuple[Doubt, ...]
    comments: tuple[Comment, ...]
    flagged: bool
    seen: bool
    reviewed: bool
    empty: bool
    sequence: int
    may: tuple[str, ...]


def turn_card(
    transcript: Transcript, turn: Turn, state: TurnState, *, blank: bool, hide_machine: bool, language: str
) -> TurnCard:
    """Return a turn's card; ``blank``: « no marker » was said; ``hide_machine``: it holds the reviewer's own marks alone."""
    shown = visible(state, hide_machine=hide_machine)
    doubts = () if hide_machine else doubts_of(turn, read_facts(None))
    role = transcript.role_of(turn)
    return TurnCard(
        index=turn.index,
        number=turn_number(turn.index),
        anchor=turn_anchor(turn.index),
        speaker=turn.speaker,
        role=role,
        start_s=turn.start_s,
        language=transcript.language,
        pieces=cut(dataclasses.replace(turn, markers=tuple(item.marker for item in shown if item.stands))),
        marks=tuple(mark_view(turn, item, {doubt.label for doubt in doubts}, language) for item in shown),
        doubts=tuple(doubt for doubt in doubts if not doubt.marked and not state.reviewed),
        comments=state.comments,
        flagged=state.flagged,
        seen=state.seen,
        reviewed=reviewed(state, hide_machine=hide_machine),
        empty=blank and not any(item.stands for item in shown),
        sequence=state.sequence,
        may=tuple(label.id for label in default_label_set().labels if role.value in label.roles),
    )


def visible(state: TurnState, *, hide_machine: bool) -> tuple[ReviewMarker, ...]:
    """Return the markers a reviewer may see: in blind mode only what they added themselves."""
    return tuple(item for item in state.markers if not hide_machine or item.original is None)


def reviewed(state: TurnState, *, hide_machine: bool) -> bool:
    """True when nothing is left to decide.  Blind, a turn that was read counts: « not yet » would betray the machine's marks."""
    return state.seen if hide_machine else state.reviewed


def blank_turns(decisions: Sequence[Decision]) -> frozenset[int]:
    """Return the turns on which « no marker » is the last marking decision of a reviewer that stands."""
    last: dict[int, Action] = {}
    for decision in active(decisions):
        if decision.action in MARKING and decision.turn is not None:
            last[decision.turn] = decision.action
    return frozenset(turn for turn, action in last.items() if action is Action.NONE)


def mark_view(turn: Turn, item: ReviewMarker, doubted: set[str], language: str) -> MarkView:
    """Return one marker's view; the machine's certainty stays beside a marker that a person accepted."""
    marker = item.marker
    quote = quoted(turn, marker)
    rejected = item.status is Status.REJECTED
    return MarkView(
        key=item.key,
        label=marker.label,
        types=marker.types,
        lanes=marker.types or (marker.label,),
        status=item.status.value,
        probability=item.original.probability if item.original else None,
        doubtful=item.status is Status.PENDING and marker.label in doubted,
        spans=spans_text(marker),
        quote=quote if rejected else "",
        quote_full=quote,
        was=was(item, language),
    )


def plain_mark(turn: Turn, marker: Marker) -> MarkView:
    """Return the view of a marker that is only shown, with the words it rests on."""
    quote = quoted(turn, marker)
    lanes = marker.types or (marker.label,)
    probability = marker.probability if marker.origin.kind is OriginKind.MODEL else None
    return MarkView("", marker.label, marker.types, lanes, "", probability, False, spans_text(marker), quote, quote, "")


def was(item: ReviewMarker, language: str) -> str:
    """Return what a changed marker was before, when its label or types were changed."""
    before = item.original
    if item.status is not Status.CHANGED or before is None:
        return ""
    same = (before.label, set(before.types)) == (item.marker.label, set(item.marker.types))
    return "" if same else Wording(language).marker(before.label, before.types)


def quoted(turn: Turn, marker: Marker) -> str:
    """Return the words a marker rests on, runs joined by « … »."""
    return " … ".join(turn.text[span.start : span.end] for span in marker.spans)


def spans_text(marker: Marker) -> str:
    """Return a marker's spans as the page's script and forms write them."""
    return " ".join(f"{span.start}-{span.end}" for span in marker.spans)


def drawn_marks(turn: Turn, standing: Sequence[ReviewMarker]) -> tuple[Mark, ...]:
    """Return a turn's marks as the map draws them: hollow where the machine doubts and nobody decided."""
    doubted = {doubt.label for doubt in doubts_of(turn, read_facts(None))} if turn.needs_review else set()
    return tuple(
        Mark(
            item.marker,
            item.marker.types or (item.marker.label,),
            doubtful=item.status is Status.PENDING and item.marker.label in doubted,
        )
        for item in standing
    )
