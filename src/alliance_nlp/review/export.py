"""The store → session records with people's markers, ready for `agreement`, `evaluate --reference` and `train`.

On a reviewed turn people's markers stand alone; on another one the machine's undecided markers stay beside them.  A turn's extra
says who reviewed it (``reviewed_by``), so that « no marker » is known to be a decision, what was remarked (``comments``) and who
wants it discussed (``flagged_by``).  Decisions without a place in the present text are in the session's extra ``unplaced``.
"""

from __future__ import annotations

import csv
import dataclasses
import os
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path

from alliance_nlp.errors import ConfigError, StoreError
from alliance_nlp.evaluation.reviewed import REVIEWED_BY, reviewed_by, set_aside
from alliance_nlp.record import dumps
from alliance_nlp.review.carry import UNPLACED, turn_records, unplaced_turns
from alliance_nlp.review.decisions import SessionState, Status, TurnState
from alliance_nlp.report.tables import harmless
from alliance_nlp.review.matching import NEAREST
from alliance_nlp.review.replacing import FLAGGED, TURN, Replacement, Waiting, digest, in_record
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
    """Return the session with the decisions that its present text has no place for and that nobody placed or dropped by hand."""
    session_id = session.session_id
    reviewers = [state.reviewer for state in states]
    people = store.people_waiting(session_id) if len(states) > 1 else reviewers
    found = [item.turn for code in people for item in store.waiting(session_id, code) if item.lost == TURN and not in_record(item)]
    done = {(one.item, code) for code in store.people_waiting(session_id) for one in store.replacements(session_id, code)}
    kept = [rest for turn in unplaced_turns(session) if (rest := left_of(turn, done))]
    extra = {key: value for key, value in session.extra.items() if key != UNPLACED}
    waiting = list(turn_records([*kept, *found]))
    return dataclasses.replace(session, extra=extra | ({UNPLACED: waiting} if waiting else {}))


def left_of(turn: Turn, done: set[tuple[str, str]]) -> Turn | None:
    """Return a turn that the record could not place without the parts of those who dealt with theirs; None when nothing is left."""
    gone = {code for item, code in done if item == f"r:{digest(turn)}"}
    if not gone:
        return turn
    markers = tuple(marker for marker in turn.markers if not gone & set(marker.origin.name.split("+")))
    comments = [one for one in turn.extra.get("comments", []) if one.get("reviewer") not in gone]
    lists = {key: [code for code in turn.extra.get(key, []) if code not in gone] for key in (REVIEWED_BY, FLAGGED)}
    extra = {key: value for key, value in (dict(turn.extra) | lists | {"comments": comments}).items() if value}
    rest = dataclasses.replace(turn, markers=markers, extra=extra)
    return rest if rest.markers or extra.keys() & {REVIEWED_BY, "comments", FLAGGED} else None


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
    write_whole(path, (dumps(session) + "\n" for session in sessions))


def write_conflicts(path: Path, store: ReviewStore) -> None:
    """Write the table of decisions without a place, whole or not at all; StoreError when the file cannot be written."""
    write_whole(path, [conflicts_csv(store)])


def write_whole(path: Path, parts: Iterable[str]) -> None:
    """Write text under a name of its own and rename it when it is on the disk."""
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(parts)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StoreError("store.unwritable", file=path.name, detail=error.strerror or type(error).__name__) from error


CONFLICT_COLUMNS = ("session_id", "reviewer", "status", "lost", "earlier_turn", "decision", "words", "comment", "earlier_text", "placed_on", "reason")
CANDIDATE_COLUMNS = tuple(f"candidate_{number}_{what}" for number in range(1, NEAREST + 1) for what in ("turn", "text"))


def conflicts_csv(store: ReviewStore) -> str:
    """Return every decision that a changed transcript left without a place, as CSV, beside the turns it may belong to.

    Turns are numbered from 1 as the page shows them.  ``status`` is waiting, placed or dropped.  The table holds what was said.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*CONFLICT_COLUMNS, *CANDIDATE_COLUMNS))
    with store.database.reading():
        for name in store.sessions():
            turns = store.transcript(name).turns
            for code in store.people_waiting(name):
                done = {one.item: one for one in store.replacements(name, code)}
                for item in store.unplaced(name, code):
                    writer.writerow([harmless(value) for value in conflict_row(item, done.get(item.key), turns)])
    return out.getvalue()


def conflict_row(item: Waiting, done: Replacement | None, turns: Sequence[Turn]) -> list[str]:
    """Return one line of the table."""
    old = item.turn
    status = "waiting" if done is None else "dropped" if done.turn is None else "placed"
    marks = " ".join(":".join((marker.label, *marker.types)) for marker in old.markers) or ("none" if reviewed_by(old) else "")
    words = " … ".join(old.text[span.start : span.end] for marker in old.markers for span in marker.spans)
    comment = " / ".join(str(one.get("text", "")) for one in old.extra.get("comments", []))
    placed = item.place if item.lost != TURN else done.turn if done else None
    row = [item.session_id, item.reviewer, status, item.lost, str(old.index + 1), marks, words, comment, old.text,
           "" if placed is None else str(placed + 1), (done.reason if done else None) or ""]  # fmt: skip
    for near in item.near:
        row += [str(near.place + 1), turns[near.place].text]
    return row + [""] * (len(CONFLICT_COLUMNS) + len(CANDIDATE_COLUMNS) - len(row))
