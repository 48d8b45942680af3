"""What each page of the review holds, before any template: one dataclass a page, built from the store.

Session ids are file names: they stay out of addresses (a browser keeps those), where a short digest stands for them.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from alliance_nlp.errors import StoreError
from alliance_nlp.evaluation.likeness import about_session
from alliance_nlp.patterns import session_patterns
from alliance_nlp.report.drawings import TimeLine, time_line
from alliance_nlp.report.numbering import turn_anchor
from alliance_nlp.review import settling
from alliance_nlp.review.cards import TurnCard, blank_turns, drawn_marks, reviewed, turn_card, visible
from alliance_nlp.review.decisions import SessionState
from alliance_nlp.review.store import ReviewStore
from alliance_nlp.review.words import Words
from alliance_nlp.transcript import Transcript

PART_TURNS = 400  # of one page: an hour's session whole; a day's recording in parts, so that it opens within a second
QUEUE_ROWS = 200  # of the queue's list; « begin » takes the first anyway
NEAR_TURNS = 2  # shown around a turn on the page of its forms


@dataclass(frozen=True, slots=True)
class Reading:
    """One session in one reviewer's reading: what every page of a session starts from."""

    key: str
    transcript: Transcript
    state: SessionState
    blank: frozenset[int]
    hide_machine: bool

    def cards(self, turns: Sequence[int], language: str) -> tuple[TurnCard, ...]:
        """Return the cards of some turns."""
        return tuple(
            turn_card(
                self.transcript,
                self.transcript.turns[index],
                self.state.turns[index],
                blank=index in self.blank,
                hide_machine=self.hide_machine,
                language=language,
            )
            for index in turns
        )


@dataclass(frozen=True, slots=True)
class Count:
    """How far a reviewer is in a session, in turns; ``left`` None where telling it would give hidden marks away."""

    turns: int
    seen: int
    left: int


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session in the list; ``others``: who else finished it."""

    key: str
    session_id: str
    turns: int
    seen: int
    left: int
    flagged: int
    finished: bool
    others: tuple[str, ...]
    can_settle: bool
    waiting: int  # decisions without a place


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """The list of sessions."""

    rows: tuple[SessionRow, ...]


@dataclass(frozen=True, slots=True)
class SessionPage:
    """A session, or the part of a long one that holds the turn asked for."""

    session_id: str
    cards: tuple[TurnCard, ...]
    part: int
    before: range | None
    after: range | None
    tail: str
    progress: Count
    map: TimeLine | None
    seen: tuple[bool, ...]
    key: str
    hidden_machine: bool
    cautions: tuple[str, ...]  # what the machine says of the whole session
    finished: bool
    can_settle: bool
    waiting: int
    order: str
    label: str
    words: str

    def link(self, index: int) -> str:
        """Return the address of a turn, within this page or on another part."""
        here = index // PART_TURNS == self.part
        return f"#{turn_anchor(index)}" if here else f"/s/{self.key}?turn={index}#{turn_anchor(index)}"


@dataclass(frozen=True, slots=True)
class TurnPage:
    """All forms of one turn, with its neighbours."""

    session_id: str
    card: TurnCard
    cards: tuple[TurnCard, ...]


@dataclass(frozen=True, slots=True)
class BulkPage:
    """What a bulk acceptance would accept: cards holding only the marks meant."""

    session_id: str
    label: str
    above: float
    cards: tuple[TurnCard, ...]


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One turn of the queue."""

    key: str
    session_id: str
    turn: int
    anchor: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The beginning of the queue and its length."""

    order: str
    label: str
    total: int
    rows: tuple[QueueRow, ...]


def session_key(session_id: str) -> str:
    """Return what stands for a session in addresses."""
    return hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def session_of_key(store: ReviewStore, key: str) -> str:
    """Return the session of a key; StoreError when there is none."""
    for session_id in store.sessions():
        if session_key(session_id) == key:
            return session_id
    raise StoreError("store.no_session", session=key)


def hides_machine(store: ReviewStore, session_id: str, reviewer: str, *, blind: bool) -> bool:
    """True in blind mode until the reviewer has once finished the session: who has seen the machine is not blind any more."""
    if not blind:
        return False
    with store.database.reading() as connection:
        return reviewer not in settling.finishings(connection, session_id)


def read_session(store: ReviewStore, session_id: str, reviewer: str, *, blind: bool) -> Reading:
    """Return a session as the reviewer sees it."""
    return Reading(
        key=session_key(session_id),
        transcript=store.transcript(session_id),
        state=store.state(session_id, reviewer),
        blank=blank_turns(store.decisions(session_id, reviewer)),
        hide_machine=hides_machine(store, session_id, reviewer, blind=blind),
    )


def read_card(store: ReviewStore, session_id: str, turn: int, reviewer: str, *, blind: bool, language: str) -> TurnCard:
    """Return one turn's card without reading the others' decisions."""
    transcript = store.transcript(session_id)
    return turn_card(
        transcript,
        transcript.turns[turn],
        store.turn_state(session_id, turn, reviewer),
        blank=turn in blank_turns(store.decisions(session_id, reviewer, turn)),
        hide_machine=hides_machine(store, session_id, reviewer, blind=blind),
        language=language,
    )


def sessions_page(store: ReviewStore, reviewer: str, *, blind: bool) -> SessionsPage:
    """Return the list of sessions as the reviewer finds it."""
    return SessionsPage(tuple(session_row(store, session_id, reviewer, blind=blind) for session_id in store.sessions()))


def session_row(store: ReviewStore, session_id: str, reviewer: str, *, blind: bool) -> SessionRow:
    """Return one session's row."""
    progress, finished = store.progress(session_id, reviewer), store.finished(session_id)
    hidden = hides_machine(store, session_id, reviewer, blind=blind)
    return SessionRow(
        key=session_key(session_id),
        session_id=session_id,
        turns=progress.turns,
        seen=progress.seen,
        left=progress.turns - progress.seen if hidden else progress.left,
        flagged=progress.flagged,
        finished=progress.finished,
        others=tuple(code for code in finished if code != reviewer),
        can_settle=len(finished) >= settling.MIN_REVIEWERS,
        waiting=len(store.waiting(session_id, reviewer)),
    )


def session_page(
    store: ReviewStore, reading: Reading, words: Words, *, turn: int | None, part: int, order: str = "", label: str = ""
) -> SessionPage:
    """Return the part of a session that holds ``turn``, else part number ``part``."""
    session_id, total = reading.transcript.session_id, len(reading.transcript.turns)
    last = max(total - 1, 0) // PART_TURNS
    here = min(max(turn // PART_TURNS if turn is not None else part, 0), last)
    first = here * PART_TURNS
    return SessionPage(
        session_id=session_id,
        cards=reading.cards(range(first, min(first + PART_TURNS, total)), words.language),
        part=here,
        before=range(first - PART_TURNS, first) if here else None,
        after=range(first + PART_TURNS, min(first + 2 * PART_TURNS, total)) if here < last else None,
        tail=(f"&order={order}" if order else "") + (f"&label={label}" if label else ""),
        progress=count_of(reading),
        map=session_map(reading),
        seen=tuple(state.seen for state in reading.state.turns),
        key=reading.key,
        hidden_machine=reading.hide_machine,
        cautions=() if reading.hide_machine else tuple(notice.message(words.language) for notice in about_session(reading.transcript)),
        finished=reading.state.finished,
        can_settle=len(store.finished(session_id)) >= settling.MIN_REVIEWERS,
        waiting=len(store.waiting(session_id, reading.state.reviewer)),
        order=order,
        label=label,
        words=words.json(),
    )


def count_of(reading: Reading) -> Count:
    """Return how far the reviewer is."""
    states = reading.state.turns
    done = sum(reviewed(state, hide_machine=reading.hide_machine) for state in states)
    return Count(len(states), sum(state.seen for state in states), len(states) - done)


def session_map(reading: Reading) -> TimeLine | None:
    """Return the time line of the reading: the marks that stand and, unless hidden, the machine's doubts."""
    turns, marks = [], {}
    for turn, state in zip(reading.transcript.turns, reading.state.turns, strict=True):
        standing = [item for item in visible(state, hide_machine=reading.hide_machine) if item.stands]
        doubtful = turn.needs_review and not reading.hide_machine and not state.reviewed
        if standing:
            marks[turn.index] = drawn_marks(turn, standing)
        turns.append(dataclasses.replace(turn, markers=tuple(item.marker for item in standing), needs_review=doubtful))
    drawn = dataclasses.replace(reading.transcript, turns=tuple(turns))
    return time_line(drawn, session_patterns(drawn), marks=marks)


def turn_page(reading: Reading, turn: int, language: str) -> TurnPage:
    """Return the page of one turn's forms."""
    near = range(max(turn - NEAR_TURNS, 0), min(turn + NEAR_TURNS + 1, len(reading.transcript.turns)))
    cards = reading.cards(near, language)
    return TurnPage(reading.transcript.session_id, cards[turn - near.start], cards)


def bulk_page(store: ReviewStore, reading: Reading, reviewer: str, *, label: str, above: float, language: str) -> BulkPage:
    """Return the list that a bulk acceptance takes."""
    items = store.preview_bulk(reading.transcript.session_id, reviewer, label, above)
    keys = {(item.turn, item.key) for item in items}
    cards = reading.cards(sorted({item.turn for item in items}), language)
    kept = tuple(
        dataclasses.replace(card, marks=tuple(mark for mark in card.marks if (card.index, mark.key) in keys)) for card in cards
    )
    return BulkPage(reading.transcript.session_id, label, above, kept)


def queue_page(store: ReviewStore, reviewer: str, *, order: str, label: str) -> QueuePage:
    """Return the beginning of the queue."""
    items = store.queue(reviewer, order=order, label=label or None)
    rows = tuple(
        QueueRow(session_key(i.session_id), i.session_id, i.turn, turn_anchor(i.turn), i.labels) for i in items[:QUEUE_ROWS]
    )
    return QueuePage(order, label, len(items), rows)


def next_in_queue(store: ReviewStore, reviewer: str, *, order: str, label: str, key: str, after: int | None) -> str | None:
    """Return the address of the queue's turn after the one at hand (its first when that one has left it), None at the end."""
    items = store.queue(reviewer, order=order, label=label or None)
    places = [place for place, item in enumerate(items) if item.turn == after and session_key(item.session_id) == key]
    rest = items[places[0] + 1 :] if places else items
    if not rest:
        return None
    tail = f"&order={order}" + (f"&label={label}" if label else "")
    return f"/s/{session_key(rest[0].session_id)}?turn={rest[0].turn}{tail}#{turn_anchor(rest[0].turn)}"
