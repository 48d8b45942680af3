"""The order in which a reviewer is shown turns, how far they are, and what a bulk acceptance would take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.errors import ConfigError
from alliance_nlp.labels import default_label_set
from alliance_nlp.review.deciding import decisions_on
from alliance_nlp.review.decisions import Decision, SessionState, TurnState, by_turn, replay
from alliance_nlp.review.settling import has_finished
from alliance_nlp.transcript import Transcript

ORDERS = ("doubt", "session", "label")


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A turn still to be reviewed: ``labels`` are the machine's, ``doubt`` in [0, 1] is :mod:`alliance_nlp.review.doubt`'s."""

    session_id: str
    turn: int
    doubt: float
    needs_review: bool
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reviewer is in a session, in turns; ``pending`` counts undecided markers on turns that hold a decision."""

    turns: int
    seen: int
    reviewed: int
    flagged: int
    pending: int
    finished: bool

    @property
    def left(self) -> int:
        """Turns not yet reviewed."""
        return self.turns - self.reviewed


@dataclass(frozen=True, slots=True)
class BulkItem:
    """A machine marker that a bulk acceptance would accept."""

    turn: int
    key: str
    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class BulkResult:
    """A bulk acceptance: its group (None when nothing was to accept) and its decisions, taken back together by one undo."""

    group: int | None
    decisions: tuple[Decision, ...]


def waiting(connection: Any, reviewer: str, load: Callable[[str], Transcript]) -> list[QueueItem]:
    """Return every turn that the reviewer has not reviewed, in sessions they have not finished, in the sessions' order.

    Only sessions that hold a decision of theirs are loaded.
    """
    rows = connection.execute(
        "SELECT s.session_id, t.turn, t.doubt, t.needs_review, t.labels FROM sessions s JOIN turns t ON t.revision ="
        " (SELECT max(r.id) FROM revisions r WHERE r.session = s.id) ORDER BY s.id, t.turn"
    ).fetchall()
    by_session: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_session[row[0]].append(row)
    items: list[QueueItem] = []
    for session_id, turns in by_session.items():
        if has_finished(connection, session_id, reviewer):
            continue
        done = {state.turn for state in decided_states(connection, session_id, reviewer, load) if state.reviewed}
        items += [QueueItem(s, t, d, bool(n), tuple(labels.split())) for s, t, d, n, labels in turns if t not in done]
    return items


def decided_states(connection: Any, session_id: str, reviewer: str, load: Callable[[str], Transcript]) -> list[TurnState]:
    """Return the turns that hold a decision of the reviewer, as it leaves them."""
    decided = by_turn(decisions_on(connection, session_id, reviewer))
    turns = load(session_id).turns if decided else ()
    return [replay(turns[turn], made, reviewer) for turn, made in decided.items()]


def ordered(items: Sequence[QueueItem], *, order: str, label: str | None) -> tuple[QueueItem, ...]:
    """Return the queue in one of ORDERS, of one machine label where ``label`` is given; ConfigError for another order or label.

    « doubt »: the turns that the model itself doubts, then the others, most doubtful first.  « session »: as they were said.
    « label »: turns that the machine marked, by the scheme's order of their first label (of ``label``), most doubtful first.
    """
    names = default_label_set().ids
    if order not in ORDERS or (label is not None and label not in names):
        raise ConfigError("store.bad_order", found=str(label if order in ORDERS else order), expected=", ".join((*ORDERS, *names)))
    kept = [item for item in items if label is None or label in item.labels]
    if order == "session":
        return tuple(kept)
    if order == "label":
        kept = [item for item in kept if item.labels]
        return tuple(sorted(kept, key=lambda item: (names.index(label or item.labels[0]), -item.doubt)))
    return tuple(sorted(kept, key=lambda item: (not item.needs_review, -item.doubt)))


def progress_of(states: Iterable[TurnState], turns: int, *, finished: bool) -> Progress:
    """Return the counts over the turns that hold a decision; all others are unseen."""
    held = list(states)
    return Progress(
        turns=turns,
        seen=sum(state.seen for state in held),
        reviewed=sum(state.reviewed for state in held),
        flagged=sum(state.flagged for state in held),
        pending=sum(len(state.pending) for state in held),
        finished=finished,
    )


def bulk_items(state: SessionState, *, label: str | None, above: float) -> tuple[BulkItem, ...]:
    """Return the undecided machine markers of a label (None: of all) whose probability is at least ``above``, in order of turns."""
    return tuple(
        BulkItem(turn.turn, item.key, item.marker.label, item.marker.probability)
        for turn in state.turns
        for item in turn.pending
        if label in (None, item.marker.label) and item.marker.probability is not None and item.marker.probability >= above
    )
