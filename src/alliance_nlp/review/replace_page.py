"""The page of decisions that a changed transcript left without a place: « À replacer »."""

from __future__ import annotations

from dataclasses import dataclass

from alliance_nlp.report.excerpts import Piece, cut
from alliance_nlp.report.numbering import turn_anchor, turn_number
from alliance_nlp.review.cards import MarkView, TurnCard, plain_mark
from alliance_nlp.review.replacing import FLAGGED, TURN, Replacement, Waiting
from alliance_nlp.review.store import ReviewStore
from alliance_nlp.review.together import bare_card
from alliance_nlp.transcript import Transcript

ROWS = 50  # of one page: nobody places more at a sitting, and each is compared with every turn


@dataclass(frozen=True, slots=True)
class Candidate:
    """A turn that a decision may belong to."""

    card: TurnCard
    shared: float


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One decision without a place: the earlier text with its evidence, what was left on it, where it may go."""

    key: str
    anchor: str
    number: int
    speaker: str | None
    language: str
    pieces: tuple[Piece, ...]
    marks: tuple[MarkView, ...]
    comments: tuple[str, ...]
    flagged: bool
    settled: bool
    words_lost: bool
    place: int | None
    candidates: tuple[Candidate, ...]

    @property
    def place_anchor(self) -> str:
        """The anchor of the turn on which the words are missing."""
        return turn_anchor(self.place or 0)


@dataclass(frozen=True, slots=True)
class DoneRow:
    """What was placed or dropped, newest first; ``number`` goes back to take it back."""

    number: int
    turn: int | None
    anchor: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ReplacePage:
    """What waits, and what was done."""

    session_id: str
    total: int
    turns: int
    rows: tuple[WaitingRow, ...]
    done: tuple[DoneRow, ...]


def replace_page(store: ReviewStore, session_id: str, reviewer: str, language: str) -> ReplacePage:
    """Return the reviewer's page of a session."""
    session, waiting = store.transcript(session_id), store.waiting(session_id, reviewer)
    return ReplacePage(
        session_id=session_id,
        total=len(waiting),
        turns=len(session.turns),
        rows=tuple(waiting_row(session, item, place, language) for place, item in enumerate(waiting[:ROWS])),
        done=tuple(map(done_row, reversed(store.replacements(session_id, reviewer)))),
    )


def waiting_row(session: Transcript, item: Waiting, place: int, language: str) -> WaitingRow:
    """Return one row."""
    turn = item.turn
    return WaitingRow(
        key=item.key,
        anchor=f"r{place + 1}",
        number=turn_number(turn.index),
        speaker=turn.speaker,
        language=session.language,
        pieces=cut(turn),
        marks=tuple(plain_mark(turn, marker) for marker in turn.markers),
        comments=tuple(str(one.get("text", "")) for one in turn.extra.get("comments", [])),
        flagged=bool(turn.extra.get(FLAGGED)),
        settled=item.settled,
        words_lost=item.lost != TURN,
        place=item.place,
        candidates=tuple(Candidate(bare_card(session, near.place, language), near.shared) for near in item.near),
    )


def done_row(one: Replacement) -> DoneRow:
    """Return one line of what was done."""
    return DoneRow(one.number, one.turn, turn_anchor(one.turn or 0), one.reason)
