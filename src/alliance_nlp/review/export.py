"""The store → session records with people's markers, ready for `agreement`, `evaluate --reference` and `train`.

On a reviewed turn people's markers stand alone; on another one the machine's undecided markers stay beside them.  A turn's extra
says who reviewed it (``reviewed_by``), so that « no marker » is known to be a decision, what was remarked (``comments``) and who
wants it discussed (``flagged_by``).  Decisions without a place in the present text are in the session's extra ``unplaced``.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

from alliance_nlp.errors import ConfigError, StoreError
from alliance_nlp.evaluation.reviewed import REVIEWED_BY, reviewed_by, set_aside
from alliance_nlp.record import dumps
from alliance_nlp.review.carry import UNPLACED, turn_records, unplaced_turns
from alliance_nlp.review.decisions import SessionState, Status, TurnState, active, by_turn, replay
from alliance_nlp.review.revisions import lost_decisions, lost_settlements
from alliance_nlp.review.settling import AdjudicationRow, settled_markers
from alliance_nlp.review.store import ReviewStore
from alliance_nlp.segmentation import merge_markers
from alliance_nlp.transcript import Marker, OriginKind, Transcript, Turn


def export_sessions(
    store: ReviewStore, *, reviewer: str | None = None, adjudicated: bool = False, everything: bool = False
) -> list[Transcript]:
    """Return the sessions that hold a decision, with people's markers; ``everything``: the others too, as they came.

    ``reviewer``: one reviewer's reading.  ``adjudicated``: the settled sessions alone, what the reviewers agree on and what an
    arbiter settled.  Neither: settled turns as they were settled, on the others everybody's markers side by side.
    """
    if reviewer is not None and adjudicated:
        raise ConfigError("store.same_way")
    with store.database.reading():  # one snapshot for all sessions
        left = unsettled(store) if adjudicated else {}
        found = []
        for name in store.sessions():
            people = [code for code in store.reviewers(name) if reviewer in (None, code)]
            if people and name not in left:
                found.append(settled_session(store, name) if adjudicated else reading(store, name, people))
            elif everything:
                found.append(store.transcript(name))
        return found


def decided_sessions(store: ReviewStore) -> list[str]:
    """Return the sessions that hold a decision."""
    return [name for name in store.sessions() if store.reviewers(name)]


def unsettled(store: ReviewStore) -> dict[str, int | None]:
    """Return the reviewed sessions that cannot be exported as adjudicated: turns still to be settled; None while not finished."""
    found: dict[str, int | None] = {}
    for name in decided_sessions(store):
        try:
            still = sum(row.open for row in store.adjudication(name))
        except StoreError:
            found[name] = None
            continue
        if still:
            found[name] = still
    return found


def reading(store: ReviewStore, session_id: str, reviewers: Sequence[str]) -> Transcript:
    """Return a session as one reviewer, or several together, leave it."""
    session = store.transcript(session_id)
    states = [store.state(session_id, reviewer) for reviewer in reviewers]
    settled = {} if len(reviewers) == 1 else store.settlements(session_id)
    turns = []
    for turn in session.turns:
        views = [(state.reviewer, state.turns[turn.index]) for state in states]
        told = with_remarks(turn, views)
        markers = settled[turn.index].markers if turn.index in settled else together(turn, [view for _, view in views], told)
        turns.append(marked(told, markers))
    return with_unplaced(store, dataclasses.replace(session, turns=tuple(turns)), states)


def together(turn: Turn, views: Sequence[TurnState], told: Turn) -> tuple[Marker, ...]:
    """Return what the views leave on a turn: their own markers, people's that none rejected, the machine's that none decided."""
    standing = [{item.key for item in view.markers if item.status in (Status.KEPT, Status.PENDING)} for view in views]
    shared = set.intersection(*standing)
    originals = [item.marker for item in views[0].markers if item.key in shared]
    if reviewed_by(told):
        originals = [marker for marker in originals if marker.origin.kind is not OriginKind.MODEL]
    return merge_markers([*originals, *(marker for view in views for marker in view.own)])


def marked(turn: Turn, markers: tuple[Marker, ...]) -> Turn:
    """Return the turn with these markers; on a reviewed one the machine's are set aside."""
    return set_aside(turn, markers) if reviewed_by(turn) else dataclasses.replace(turn, markers=markers)


def with_remarks(turn: Turn, views: Sequence[tuple[str, TurnState]]) -> Turn:
    """Return the turn with who reviewed it, what they remarked and who flagged it in its extra."""
    reviewers = list(dict.fromkeys([*reviewed_by(turn), *(code for code, view in views if view.reviewed)]))
    comments = [{"reviewer": code, "at": one.at, "text": one.text} for code, view in views for one in view.comments]
    flags = [code for code, view in views if view.flagged]
    given = {REVIEWED_BY: reviewers, "comments": comments, "flagged_by": flags}
    extra = dict(turn.extra) | {key: value for key, value in given.items() if value}
    return dataclasses.replace(turn, extra=extra, needs_review=turn.needs_review and not reviewers)


def with_unplaced(store: ReviewStore, session: Transcript, states: Sequence[SessionState]) -> Transcript:
    """Return the session with the decisions that its present text has no place for."""
    waiting = unplaced_turns(session)
    for state in states:
        waiting += lost_turns(store, session.session_id, state.reviewer)
    waiting += settled_lost(store, session.session_id) if len(states) > 1 else []
    if not waiting:
        return session
    return dataclasses.replace(session, extra=dict(session.extra) | {UNPLACED: list(turn_records(waiting))})


def lost_turns(store: ReviewStore, session_id: str, reviewer: str) -> list[Turn]:
    """Return the turns of earlier texts whose decisions found no place, as the reviewer left them."""
    with store.database.reading() as connection:
        found = []
        for revision, decisions in lost_decisions(connection, session_id, reviewer).items():
            turns = store.load(revision).turns
            for index, made in by_turn(decisions).items():
                state = replay(turns[index], made, reviewer)
                extra = {REVIEWED_BY: [reviewer]} if state.reviewed else {}
                if state.own or extra or (state.comments and active(made)):
                    comments = [{"reviewer": reviewer, "at": one.at, "text": one.text} for one in state.comments]
                    extra = extra | ({"comments": comments} if comments else {})
                    found.append(dataclasses.replace(turns[index], markers=state.own, extra=extra))
    return found


def settled_lost(store: ReviewStore, session_id: str) -> list[Turn]:
    """Return the turns of earlier texts whose settlement found no place."""
    with store.database.reading() as connection:
        return [
            dataclasses.replace(store.load(revision).turns[turn], markers=markers, extra={REVIEWED_BY: [arbiter]})
            for revision, turn, arbiter, markers in lost_settlements(connection, session_id)
        ]


def settled_session(store: ReviewStore, session_id: str) -> Transcript:
    """Return a session that is settled throughout: what was settled or agreed on; turns that nobody reviewed as they were."""
    rows = store.adjudication(session_id)
    session = store.transcript(session_id)
    states = [store.state(session_id, one.reviewer) for one in rows[0].said] if rows else []
    turns = [settled_turn(turn, row, states) for turn, row in zip(session.turns, rows, strict=True)]
    return with_unplaced(store, dataclasses.replace(session, turns=tuple(turns)), states)


def settled_turn(turn: Turn, row: AdjudicationRow, states: Sequence[SessionState]) -> Turn:
    """Return one turn of a settled session; an arbiter's reason is kept in its extra (``settled``)."""
    told = with_remarks(turn, [(state.reviewer, state.turns[turn.index]) for state in states])
    if row.settlement is not None:
        settled = {"arbiter": row.settlement.arbiter, "reason": row.settlement.reason, "at": row.settlement.at}
        people = list(dict.fromkeys([*reviewed_by(told), row.settlement.arbiter]))
        told = dataclasses.replace(told, extra=dict(told.extra) | {REVIEWED_BY: people, "settled": settled}, needs_review=False)
    return marked(told, settled_markers(row)) if row.settlement or row.agree else told


def reviewed_turns(session: Transcript) -> int:
    """Return how many turns of an exported session somebody reviewed."""
    return sum(bool(reviewed_by(turn)) for turn in session.turns)


def is_complete(session: Transcript) -> bool:
    """True when somebody reviewed every turn: what `train` needs, for it learns from turns without a marker too."""
    return reviewed_turns(session) == len(session.turns)


def write_sessions(path: Path, sessions: Sequence[Transcript]) -> None:
    """Write session records, one a line, whole or not at all; StoreError when the file cannot be written."""
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(dumps(session) + "\n" for session in sessions)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StoreError("store.unwritable", file=path.name, detail=error.strerror or type(error).__name__) from error
