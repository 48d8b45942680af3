"""From what a reviewer asks for to rows of the table of decisions.  Every function runs within a transaction under way."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.errors import ConfigError, LabelError, StoreError
from alliance_nlp.labels import default_label_set
from alliance_nlp.review.decisions import (
    MARKING,
    Action,
    Decision,
    Result,
    ReviewMarker,
    SessionState,
    StaleDecision,
    active,
    by_turn,
    changes_markers,
    next_redo,
    next_undo,
    replay,
)
from alliance_nlp.review.revisions import latest_revision
from alliance_nlp.review.rows import DECISION_COLUMNS, FROM_DECISIONS, decision_of, result_json, session_of
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Span, Turn


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reviewer asks for.  ``trusted``: what it is based on was read in this very transaction."""

    turn: int | None  # None: an undo of what lost its place
    reviewer: str
    action: Action
    marker: str | None = None
    label: str | None = None
    types: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    comment: str | None = None
    blind: bool = False
    seen: int = 0
    undoes: int | None = None
    trusted: bool = False


def append_decision(connection: Any, session_id: str, asked: Asked, now: str, *, bulk: int | bool | None = None) -> Decision:
    """Check and append what is asked on ``asked.turn``; ``bulk``: the group's first sequence number, True for the first itself."""
    earlier = decisions_on(connection, session_id, asked.reviewer, asked.turn)
    turn = load_turn(connection, session_id, asked.turn)
    if asked.action in MARKING | {Action.UNDO} and not asked.trusted:
        refuse_stale(earlier, asked.seen)
    if asked.action is Action.UNDO:
        return append_undo(connection, session_id, undo_target(earlier, asked), now, comment=asked.comment, blind=asked.blind)
    if asked.action is Action.COMMENT and not (asked.comment or "").strip():
        raise ConfigError("store.empty_comment")
    markers = {item.key: item for item in replay(turn, earlier, asked.reviewer).markers}
    result = resulting(asked, markers)
    if result is not None:
        check_result(result, turn, role_of(connection, session_id, turn))
    return insert(connection, session_id, asked, result, now, bulk=bulk)


def resulting(asked: Asked, markers: dict[str, ReviewMarker]) -> Result | None:
    """Return the marker as the decision leaves it; ConfigError for an unknown marker or an addition without a label."""
    if asked.action is Action.ADD:
        if asked.label is None:
            raise ConfigError("store.no_label")
        return Result(asked.label, asked.types, asked.spans)
    if asked.action not in (Action.ACCEPT, Action.REJECT, Action.CHANGE):
        return None
    item = markers.get(asked.marker or "")
    if item is None:
        raise ConfigError("store.no_marker", turn=(asked.turn or 0) + 1)
    if asked.action is not Action.CHANGE:
        shown = item.original if asked.action is Action.ACCEPT and item.original else item.marker
        return Result(shown.label, shown.types, shown.spans)
    label = asked.label or item.marker.label
    types = asked.types or (item.marker.types if label == item.marker.label else ())
    return Result(label, types, asked.spans or item.marker.spans)


def check_result(result: Result, turn: Turn, role: Role) -> None:
    """Raise LabelError for a label, type, span or role outside the scheme, or a span outside the turn."""
    Marker(result.label, Origin(OriginKind.HUMAN, "-"), types=result.types, spans=result.spans)
    for span in result.spans:
        if span.end > len(turn.text):
            raise LabelError("core.bad_span", start=span.start, end=span.end, length=len(turn.text))
    if role.value not in default_label_set()[result.label].roles:
        raise LabelError("store.not_for_role", label=result.label, role=role.value)


def refuse_stale(earlier: Sequence[Decision], seen: int) -> None:
    """Raise StaleDecision when the turn's markers were changed after what the page had shown."""
    known = {decision.sequence: decision for decision in earlier}
    newer = [decision for decision in earlier if decision.sequence > seen and changes_markers(decision, known)]
    if newer:
        raise StaleDecision(newer=newer[-1])


def undo_target(earlier: Sequence[Decision], asked: Asked) -> Decision:
    """Return the decision to be taken back; StoreError when it does not stand, or there is none."""
    standing = active(earlier)
    if asked.undoes is None:
        able = [decision for decision in standing if decision.action not in (Action.UNDO, Action.SEEN)]
    else:
        able = [decision for decision in standing if decision.sequence == asked.undoes]
    if not able:
        raise StoreError("store.nothing_to_undo", turn=(asked.turn or 0) + 1)
    return able[-1]


def append_undo(
    connection: Any, session_id: str, target: Decision, now: str, *, comment: str | None = None, blind: bool = False
) -> Decision:
    """Take back a decision, with its whole group when it was made in one; return the undo of ``target`` itself."""
    group = [target]
    if target.bulk is not None:
        together = active(decisions_on(connection, session_id, target.reviewer))
        group = [decision for decision in together if decision.bulk == target.bulk]
    made: dict[int, Decision] = {}
    first: int | bool | None = True if len(group) > 1 else None
    for decision in group:
        asked = Asked(
            decision.turn, target.reviewer, Action.UNDO, comment=comment, blind=blind, undoes=decision.sequence, trusted=True
        )
        made[decision.sequence] = insert(connection, session_id, asked, None, now, bulk=first)
        first = made[decision.sequence].sequence if first is True else first
    return made[target.sequence]


def insert(connection: Any, session_id: str, asked: Asked, result: Result | None, now: str, *, bulk: int | bool | None) -> Decision:
    """Append one row and its place on the present revision."""
    session, revision = latest_revision(connection, session_id)
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'decisions'").fetchone()
    sequence = (row[0] if row else 0) + 1
    group = sequence if bulk is True else bulk
    connection.execute(
        "INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            sequence, session, revision, asked.turn or 0, asked.reviewer, asked.action.value, asked.marker, result_json(result),
            asked.comment, int(asked.blind), asked.seen, asked.undoes, group, now,
        ),
    )  # fmt: skip
    connection.execute("INSERT INTO placements VALUES (?, ?, ?, NULL, 0)", (revision, sequence, asked.turn))
    (decision,) = rows_of(connection, revision, "d.sequence = ?", sequence)
    return decision


def decisions_on(connection: Any, session_id: str, reviewer: str | None = None, turn: int | None = None) -> list[Decision]:
    """Return the decisions placed on the present revision (of a reviewer, of a turn), in order."""
    _, revision = latest_revision(connection, session_id)
    given = {"d.reviewer = ?": reviewer, "p.turn = ?": turn}
    clauses = {clause: value for clause, value in given.items() if value is not None}
    return rows_of(connection, revision, " AND ".join(clauses) or "1", *clauses.values())


def rows_of(connection: Any, revision: int, clause: str, *values: object) -> list[Decision]:
    """Return the decisions placed on a revision that meet a condition, in order."""
    query = f"SELECT {DECISION_COLUMNS} {FROM_DECISIONS} AND {clause} ORDER BY d.sequence"
    return [decision_of(row) for row in connection.execute(query, (revision, *values)).fetchall()]


def replay_session(
    turns: Sequence[Turn], decisions: Sequence[Decision], session_id: str, reviewer: str, *, finished: bool = False
) -> SessionState:
    """Return a session as one reviewer's decisions leave it."""
    grouped = by_turn(decisions)
    states = tuple(replay(turn, grouped.get(turn.index, ()), reviewer) for turn in turns)
    return SessionState(session_id, reviewer, states, finished, next_undo(decisions), next_redo(decisions))


def load_turn(connection: Any, session_id: str, turn: int | None) -> Turn:
    """Return one turn of the present revision; StoreError when there is no such turn."""
    _, revision = latest_revision(connection, session_id)
    row = connection.execute("SELECT record FROM turns WHERE revision = ? AND turn = ?", (revision, turn)).fetchone()
    if row is None:
        raise StoreError("store.no_turn", session=session_id, turn=turn)
    return turn_of(row[0])


def turn_of(text: str) -> Turn:
    """Return the turn of a record's text, its number and speaker with it."""
    record = json.loads(text)
    index, speaker = record["index"], record["speaker"]
    head = {"schema": "alliance-nlp/session/1", "session_id": "-", "speakers": [{"id": speaker}] if speaker is not None else []}
    (turn,) = session_of(json.dumps(head), [json.dumps(record | {"index": 0})]).turns
    return dataclasses.replace(turn, index=index)


def role_of(connection: Any, session_id: str, turn: Turn) -> Role:
    """Return the role of a turn's speaker."""
    _, revision = latest_revision(connection, session_id)
    (head,) = connection.execute("SELECT head FROM revisions WHERE id = ?", (revision,)).fetchone()
    return session_of(head, ()).role_of(turn)
