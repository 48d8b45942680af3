"""The pages about several readings: side by side to be settled, and how far they agree."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.agreement import LabelAgreement
from alliance_nlp.labels import default_label_set
from alliance_nlp.review.cards import MarkView, TurnCard, plain_mark, spans_text, turn_card
from alliance_nlp.review.decisions import TurnState
from alliance_nlp.review.settling import AdjudicationRow, Said
from alliance_nlp.review.store import ReviewStore
from alliance_nlp.review.words import Words
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span, Transcript, Turn

BEFORE, AFTER = 2, 1  # turns of context: what a mark answers to, and how it was taken up
COEFFICIENTS = ("percent", "cohen_kappa", "gwet_ac1", "f1")


@dataclass(frozen=True, slots=True)
class Side:
    """What one reader (or the machine) says of a turn."""

    name: str
    machine: bool
    marks: tuple[MarkView, ...]
    comments: tuple[str, ...]
    flagged: bool
    read: bool


@dataclass(frozen=True, slots=True)
class KeepChoice:
    """A marker that somebody gave and that may be kept; ``value`` says it in a form."""

    value: str
    mark: MarkView
    names: tuple[str, ...]
    by_all: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """How a turn was settled, and by whom."""

    arbiter: str
    marks: tuple[MarkView, ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class SettleRow:
    """One turn side by side, with the turns around it: nobody judges a sentence alone."""

    card: TurnCard
    before: tuple[TurnCard, ...]
    after: tuple[TurnCard, ...]
    sides: tuple[Side, ...]
    choices: tuple[KeepChoice, ...]
    settled: Settled | None


@dataclass(frozen=True, slots=True)
class SettlePage:
    """The turns that differ, or were settled; ``open`` counts those still to be settled."""

    session_id: str
    open: int
    rows: tuple[SettleRow, ...]
    words: str


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One label of a table; ``owner`` is the label whose colour it has."""

    name: str
    owner: str
    tagged: tuple[int, ...]
    coefficients: dict[str, object]


@dataclass(frozen=True, slots=True)
class AgreementTable:
    """Two readers, or a reader and the machine."""

    names: tuple[str, str]
    machine: bool
    sessions: int
    turns: int
    blind_turns: int
    rows: tuple[AgreementRow, ...]


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """All pairs that can be compared."""

    tables: tuple[AgreementTable, ...]
    coefficients: tuple[str, ...] = COEFFICIENTS


def settle_page(store: ReviewStore, session_id: str, words: Words) -> SettlePage:
    """Return a session side by side; StoreError before the reviewers have finished."""
    rows = [row for row in store.adjudication(session_id) if row.open or row.settlement]
    transcript = store.transcript(session_id)
    shown = tuple(settle_row(transcript, row, words.language) for row in rows)
    return SettlePage(session_id, sum(row.open for row in rows), shown, words.json())


def settle_row(transcript: Transcript, row: AdjudicationRow, language: str) -> SettleRow:
    """Return one turn's row."""
    turn = transcript.turns[row.turn]
    cards = [bare_card(transcript, index, language) for index in around(row.turn, len(transcript.turns))]
    place = next(number for number, card in enumerate(cards) if card.index == row.turn)
    machine = Side("", True, tuple(plain_mark(turn, marker) for marker in row.machine), (), False, True)
    settled = row.settlement
    return SettleRow(
        card=cards[place],
        before=tuple(cards[:place]),
        after=tuple(cards[place + 1 :]),
        sides=(*(side_of(turn, one) for one in row.said), machine),
        choices=keep_choices(turn, row),
        settled=settled and Settled(settled.arbiter, tuple(plain_mark(turn, m) for m in settled.markers), settled.reason),
    )


def around(turn: int, turns: int) -> range:
    """Return the turns shown around one to be settled."""
    return range(max(turn - BEFORE, 0), min(turn + AFTER + 1, turns))


def side_of(turn: Turn, one: Said) -> Side:
    """Return what one reader says of a turn."""
    marks = tuple(plain_mark(turn, marker) for marker in one.markers)
    return Side(one.reviewer, False, marks, tuple(comment.text for comment in one.comments), one.flagged, one.reviewed)


def bare_card(transcript: Transcript, index: int, language: str) -> TurnCard:
    """Return a turn's card without anybody's marks."""
    turn = dataclasses.replace(transcript.turns[index], markers=(), needs_review=False)
    return turn_card(transcript, turn, TurnState(index, ()), blank=False, hide_machine=True, language=language)


def keep_choices(turn: Turn, row: AdjudicationRow) -> tuple[KeepChoice, ...]:
    """Return every marker that a reader gave, once, people's before the machine's alone, and what an arbiter added; those of all readers
    are ticked, on a settled turn those that were kept."""
    names: dict[str, list[str]] = {}
    markers: dict[str, Marker] = {}
    kept = row.settlement.markers if row.settlement else ()
    for name, given in [*((one.reviewer, one.markers) for one in row.said), ("∅", row.machine), ("∅", kept)]:
        for marker in given:
            value = marker_value(marker)
            markers.setdefault(value, marker)
            names.setdefault(value, []).append(name)
    settled = {marker_value(marker) for marker in kept} if row.settlement else None
    found = []
    for value, marker in markers.items():
        readers = [name for name in names[value] if name != "∅"]
        ticked = value in settled if settled is not None else len(readers) == len(row.said)
        shown = tuple(readers) if readers else (marker.origin.name,)
        found.append(KeepChoice(value, plain_mark(turn, dataclasses.replace(marker, probability=None)), shown, ticked))
    return tuple(found)


def marker_value(marker: Marker) -> str:
    """Return a marker as a form says it: « rupture:withdrawal:0-4 9-12 »."""
    return f"{marker.label}:{' '.join(marker.types)}:{spans_text(marker)}"


def kept_markers(values: Iterable[str], arbiter: str) -> tuple[Marker, ...]:
    """Return the markers of a form's values; ConfigError when one is not of that form."""
    origin = Origin(OriginKind.ADJUDICATED, arbiter)
    found = []
    for value in values:
        label, types, spans = (*value.split(":"), "", "")[:3]
        found.append(Marker(label, origin, types=tuple(types.split()), spans=parse_spans(spans)))
    return tuple(found)


def parse_spans(text: str) -> tuple[Span, ...]:
    """Return the spans of « 0-4 9-12 » (code points); ConfigError for anything else."""
    try:
        pairs = [tuple(int(place) for place in part.split("-")) for part in text.split()]
        return tuple(Span(start, end) for start, end in pairs)
    except ValueError as error:
        raise ConfigError("review.bad_request") from error


def agreement_page(store: ReviewStore, reviewer: str) -> AgreementPage:
    """Return the tables of every pair of readers, and of each reader with the machine, over what ``reviewer`` may know."""
    from alliance_nlp.review.live import MACHINE

    tables = []
    for pair in store.live_agreement(known_sessions(store, reviewer)).comparisons:
        rows = tuple(map(agreement_row, pair.agreement.by_label))
        names = (pair.first, pair.second)
        tables.append(AgreementTable(names, pair.second == MACHINE, pair.agreement.sessions, pair.turns, pair.blind_turns, rows))
    return AgreementPage(tuple(tables))


def known_sessions(store: ReviewStore, reviewer: str) -> list[str]:
    """Return the sessions whose figures a reviewer may see: those they have finished; all of them for who reviews nothing."""
    if reviewer not in store.reviewers():
        return list(store.sessions())
    return [session_id for session_id in store.sessions() if reviewer in store.finished(session_id)]


def agreement_row(row: LabelAgreement) -> AgreementRow:
    """Return one label's row."""
    label_set = default_label_set()
    owner = label_set.owner(row.name).id if row.name in label_set.type_ids else row.name
    return AgreementRow(row.name, owner, row.tagged, dict(row.coefficients))
