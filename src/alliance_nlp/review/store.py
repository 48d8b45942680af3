"""The review's store: one SQLite file with sessions, reviewers' decisions and what was settled.

Decisions are appended, never changed nor deleted (triggers of the schema hold it).  A decision is on the disk when ``decide``
returns.  Threads share one store; other processes may open the same file.  Raises StoreError, StaleDecision and LabelError,
which never hold transcript text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from alliance_nlp.errors import ConfigError, StoreError
from alliance_nlp.review import queues, replacing, settling
from alliance_nlp.review.carry import Conflict
from alliance_nlp.review.database import Database, make_private
from alliance_nlp.review.deciding import Asked, append_decision, append_undo, decisions_on, replay_session
from alliance_nlp.review.decisions import MARKING, Action, Decision, SessionState, TurnState, replay
from alliance_nlp.review.doubt import thresholds
from alliance_nlp.review.queues import BulkItem, BulkResult, Progress, QueueItem
from alliance_nlp.review.replacing import Replacement, Waiting
from alliance_nlp.review.revisions import Added, add_session, conflicts_of, latest_revision, load_revision
from alliance_nlp.review.settling import AdjudicationRow, Settlement
from alliance_nlp.transcript import Marker, Span, Transcript

if TYPE_CHECKING:
    from alliance_nlp.review.live import LiveAgreement

CODE = re.compile(r"[\w.\-]{1,40}")  # a reviewer's code: no name to be protected, no path, no markup
CACHED_SESSIONS = 64  # of some hundred kilobytes each: what a group of reviewers has open


def utc_now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(timezone.utc)


class ReviewStore:
    """An open store; use it with ``with``, or call ``close``."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self.clock = clock
        self.load = lru_cache(maxsize=CACHED_SESSIONS)(self.load_uncached)  # a revision never changes

    @classmethod
    def open(cls, path: str | Path, *, passphrase: str | None = None, clock: Callable[[], datetime] = utc_now) -> ReviewStore:
        """Open or make the store of a file.

        Raises StoreError for a file of another program or of a newer version, and for a wrong ``passphrase``.
        """
        return cls(Database(Path(path), passphrase=passphrase), clock)

    def __enter__(self) -> ReviewStore:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def backup(self, path: str | Path) -> None:
        """Write a whole copy of the store as it is now, while others go on writing; StoreError when ``path`` exists."""
        if Path(path).exists():
            raise StoreError("store.backup_exists", file=Path(path).name)
        make_private(Path(path))  # VACUUM INTO takes an empty file
        with self.database.lock, self.database.errors():
            self.database.connection.execute("VACUUM INTO ?", (str(path),))

    # ------------------------------------------------------------------------------------ sessions

    def add_sessions(self, transcripts: Sequence[Transcript]) -> tuple[Added, ...]:
        """Store sessions; a changed one becomes a new revision onto which decisions are carried.  All of them or none."""
        cuts = thresholds(transcripts)
        with self.database.writing() as connection:
            return tuple(add_session(connection, transcript, cuts, self.now()) for transcript in transcripts)

    def sessions(self) -> tuple[str, ...]:
        """Return the ids of all sessions, in the order in which they came."""
        with self.database.reading() as connection:
            return tuple(name for (name,) in connection.execute("SELECT session_id FROM sessions ORDER BY id"))

    def transcript(self, session_id: str) -> Transcript:
        """Return a session as it was last added: text, and the record's own markers."""
        with self.database.reading() as connection:
            return self.load(latest_revision(connection, session_id)[1])

    def load_uncached(self, revision: int) -> Transcript:
        """Return a revision's session."""
        with self.database.reading() as connection:
            return load_revision(connection, revision)

    def conflicts(self, session_id: str) -> tuple[Conflict, ...]:
        """Return the decisions that found no place on the session's present text."""
        with self.database.reading() as connection:
            return conflicts_of(connection, session_id, latest_revision(connection, session_id)[1])

    def waiting(self, session_id: str, reviewer: str) -> tuple[Waiting, ...]:
        """Return the reviewer's decisions that wait for a place on the present text, with the turns they may belong to."""
        with self.database.reading() as connection:
            return replacing.waiting(connection, session_id, reviewer, self.load)

    def unplaced(self, session_id: str, reviewer: str) -> tuple[Waiting, ...]:
        """Return the same with those that were placed or dropped by hand."""
        with self.database.reading() as connection:
            return tuple(replacing.unplaced(connection, session_id, reviewer, self.load))

    def people_waiting(self, session_id: str) -> tuple[str, ...]:
        """Return the codes of those who may have decisions that wait."""
        with self.database.reading() as connection:
            return replacing.people_waiting(connection, session_id, self.load)

    def replacements(self, session_id: str, reviewer: str) -> tuple[Replacement, ...]:
        """Return what the reviewer placed or dropped by hand, and what stands of it."""
        with self.database.reading() as connection:
            return tuple(replacing.replacements(connection, session_id, reviewer))

    def place(self, session_id: str, reviewer: str, item: str, turn: int, *, hidden: bool = False) -> Replacement:
        """Place a waiting decision (``Waiting.key``) on a turn, as new decisions of the same person in one group.

        ``hidden``: the reviewer does not see the machine's marks.
        """
        with self.database.writing() as connection:
            return replacing.place(connection, session_id, checked_code(reviewer), item, turn, self.load, self.now(), hidden=hidden)

    def drop(self, session_id: str, reviewer: str, item: str, reason: str) -> Replacement:
        """Leave a waiting decision without a place, for a reason."""
        with self.database.writing() as connection:
            return replacing.drop(connection, session_id, checked_code(reviewer), item, reason, self.load, self.now())

    def take_back(self, session_id: str, reviewer: str, number: int | None = None) -> Replacement:
        """Take back a placing or dropping, by default the reviewer's last; it waits again."""
        with self.database.writing() as connection:
            return replacing.take_back(connection, session_id, checked_code(reviewer), number, self.now())

    def reviewers(self, session_id: str | None = None) -> tuple[str, ...]:
        """Return the codes of those who decided anything (in a session), in alphabetical order."""
        only = "" if session_id is None else " WHERE s.session_id = ?"
        query = f"SELECT DISTINCT d.reviewer FROM decisions d JOIN sessions s ON s.id = d.session{only} ORDER BY 1"
        with self.database.reading() as connection:
            return tuple(code for (code,) in connection.execute(query, () if session_id is None else (session_id,)))

    # ----------------------------------------------------------------------------------- decisions

    def decide(
        self,
        session_id: str,
        turn: int,
        reviewer: str,
        action: Action | str,
        *,
        marker: str | None = None,
        label: str | None = None,
        types: Sequence[str] = (),
        spans: Iterable[Span] = (),
        comment: str | None = None,
        blind: bool = False,
        seen: int,
        undoes: int | None = None,
    ) -> Decision:
        """Append a decision; it is on the disk when this returns.

        ``marker`` is a key of ``TurnState.markers`` (for accept, reject, change); ``label``, ``types``, ``spans`` are what an added
        or changed marker is to be (what is not given stays as it was).  ``undoes``: for undo, which decision (default: the last one
        that stands on the turn).  ``seen``: ``TurnState.sequence`` as the page showed it; raises StaleDecision when the same reviewer
        changed the turn's markers after it.  Comments, flags and « seen » collide with nothing.
        """
        try:
            asked = Asked(
                turn, checked_code(reviewer), Action(action), marker, label, tuple(types), tuple(spans), comment, blind, seen, undoes
            )
        except ValueError as error:
            raise ConfigError("store.bad_action", found=str(action)[:20], expected=", ".join(Action)) from error
        with self.database.writing() as connection:
            if asked.action in MARKING | {Action.UNDO}:
                settling.refuse_finished(connection, session_id, reviewer)
            return append_decision(connection, session_id, asked, self.now())

    def undo(self, session_id: str, reviewer: str) -> Decision | None:
        """Take back the reviewer's last decision that stands in the session (a whole group at once); None when there is none."""
        return self.step(session_id, reviewer, "undoable")

    def redo(self, session_id: str, reviewer: str) -> Decision | None:
        """Take back the last undo; None when there is none, or when something new was decided since."""
        return self.step(session_id, reviewer, "redoable")

    def step(self, session_id: str, reviewer: str, which: str) -> Decision | None:
        """Undo or redo."""
        with self.database.writing() as connection:
            target = getattr(replay_session((), decisions_on(connection, session_id, reviewer), session_id, reviewer), which)
            if target is None:
                return None
            settling.refuse_finished(connection, session_id, reviewer)
            return append_undo(connection, session_id, target, self.now())

    def decisions(self, session_id: str, reviewer: str | None = None, turn: int | None = None) -> tuple[Decision, ...]:
        """Return the decisions as they were made, undone ones too, in order."""
        with self.database.reading() as connection:
            return tuple(decisions_on(connection, session_id, reviewer, turn))

    def state(self, session_id: str, reviewer: str) -> SessionState:
        """Return the session as the reviewer's decisions leave it."""
        with self.database.reading() as connection:
            turns = self.transcript(session_id).turns
            decisions = decisions_on(connection, session_id, reviewer)
            finished = settling.has_finished(connection, session_id, reviewer)
        return replay_session(turns, decisions, session_id, reviewer, finished=finished)

    def turn_state(self, session_id: str, turn: int, reviewer: str) -> TurnState:
        """Return one turn as the reviewer's decisions leave it, without replaying the others."""
        with self.database.reading() as connection:
            turns = self.load(latest_revision(connection, session_id)[1]).turns
            if not 0 <= turn < len(turns):
                raise StoreError("store.no_turn", session=session_id, turn=turn)
            return replay(turns[turn], decisions_on(connection, session_id, reviewer, turn), reviewer)

    # ---------------------------------------------------------------------------------- the reader's way

    def queue(self, reviewer: str, *, order: str = "doubt", label: str | None = None) -> tuple[QueueItem, ...]:
        """Return the turns that the reviewer has still to review, by « doubt », « session » or « label » (see ``queues``)."""
        with self.database.reading() as connection:
            waiting = queues.waiting(connection, reviewer, self.transcript)
        return queues.ordered(waiting, order=order, label=label)

    def progress(self, session_id: str, reviewer: str) -> Progress:
        """Return how far the reviewer is in a session."""
        with self.database.reading() as connection:
            states = queues.decided_states(connection, session_id, reviewer, self.transcript)
            revision = latest_revision(connection, session_id)[1]
            (turns,) = connection.execute("SELECT count(*) FROM turns WHERE revision = ?", (revision,)).fetchone()
            return queues.progress_of(states, turns, finished=settling.has_finished(connection, session_id, reviewer))

    def preview_bulk(self, session_id: str, reviewer: str, label: str | None, above: float) -> tuple[BulkItem, ...]:
        """Return what ``bulk_accept`` would accept: undecided machine markers of a label (None: of all) from probability ``above`` up."""
        return queues.bulk_items(self.state(session_id, reviewer), label=label, above=above)

    def bulk_accept(self, session_id: str, reviewer: str, label: str | None, above: float) -> BulkResult:
        """Accept what ``preview_bulk`` lists, as one group that one undo takes back."""
        checked_code(reviewer)
        with self.database.writing() as connection:
            settling.refuse_finished(connection, session_id, reviewer)
            state = self.state(session_id, reviewer)
            items, made, group = queues.bulk_items(state, label=label, above=above), [], None
            for item in items:
                asked = Asked(item.turn, reviewer, Action.ACCEPT, item.key, seen=state.turns[item.turn].sequence, trusted=True)
                made.append(append_decision(connection, session_id, asked, self.now(), bulk=group or True))
                group = group or made[-1].sequence
        return BulkResult(group, tuple(made))

    def finish(self, session_id: str, reviewer: str) -> Progress:
        """Say that the reviewer is done with a session: their marks stay as they are until it is opened again."""
        with self.database.writing() as connection:
            settling.append_finishing(connection, session_id, checked_code(reviewer), finished=True, now=self.now())
            return self.progress(session_id, reviewer)

    def reopen(self, session_id: str, reviewer: str) -> None:
        """Let the reviewer go on with a finished session; StoreError once a turn of it was settled."""
        with self.database.writing() as connection:
            settling.append_finishing(connection, session_id, checked_code(reviewer), finished=False, now=self.now())

    def finished(self, session_id: str) -> tuple[str, ...]:
        """Return the codes of those who finished the session."""
        with self.database.reading() as connection:
            return tuple(code for code, done in settling.finishings(connection, session_id).items() if done)

    # ------------------------------------------------------------------------------------ together

    def adjudication(self, session_id: str) -> tuple[AdjudicationRow, ...]:
        """Return the session turn by turn, the reviewers side by side; StoreError before two finished and none is under way."""
        with self.database.reading() as connection:
            reviewers = settling.ready_reviewers(connection, session_id)
            states = [self.state(session_id, reviewer) for reviewer in reviewers]
            return settling.side_by_side(self.transcript(session_id), states, settling.settlements(connection, session_id))

    def settlements(self, session_id: str) -> dict[int, Settlement]:
        """Return the last settlement of each settled turn, by turn."""
        with self.database.reading() as connection:
            return settling.settlements(connection, session_id)

    def adjudicate(self, session_id: str, turn: int, arbiter: str, markers: Iterable[Marker], reason: str | None = None) -> Settlement:
        """Settle a turn: its markers as they are to stand (their origin becomes ``adjudicated``).  The last settlement counts."""
        with self.database.writing() as connection:
            settling.ready_reviewers(connection, session_id)
            return settling.settle(connection, session_id, turn, checked_code(arbiter), tuple(markers), reason, self.now())

    def live_agreement(self, session_ids: Sequence[str] | None = None, *, blind_only: bool = False) -> LiveAgreement:
        """Return the agreement between reviewers and with the machine so far (see ``live``); all sessions by default."""
        from alliance_nlp.review.live import live_agreement  # numpy, which deciding does not need

        return live_agreement(self, self.sessions() if session_ids is None else session_ids, blind_only=blind_only)

    def now(self) -> str:
        """Return the present time as ISO 8601 in UTC."""
        return self.clock().astimezone(timezone.utc).isoformat(timespec="milliseconds")


def checked_code(reviewer: Any) -> str:
    """Return a reviewer's code; ConfigError when it is none."""
    if not isinstance(reviewer, str) or not CODE.fullmatch(reviewer):
        raise ConfigError("store.bad_code")
    return reviewer
