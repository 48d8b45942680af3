"""Reviewers finish, then differences are settled: who said what, side by side, and the turn as it is to stand."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.errors import StoreError
from alliance_nlp.review.deciding import check_result, load_turn, role_of
from alliance_nlp.review.decisions import Comment, Result, SessionState, TurnState
from alliance_nlp.review.revisions import TAKEN_BACK, latest_revision, marker_of
from alliance_nlp.review.rows import markers_json, results_of
from alliance_nlp.segmentation import merge_markers
from alliance_nlp.transcript import Marker, OriginKind, Transcript

MIN_REVIEWERS = 2  # with one there is nothing to settle


@dataclass(frozen=True, slots=True)
class Settlement:
    """A settled turn: who settled it, the markers as they stand (origin ``adjudicated``), why, when."""

    number: int
    turn: int
    arbiter: str
    markers: tuple[Marker, ...]
    reason: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Said:
    """What one reviewer says of a turn.  ``reviewed`` False: they did not decide it."""

    reviewer: str
    markers: tuple[Marker, ...]
    comments: tuple[Comment, ...]
    flagged: bool
    reviewed: bool
    blind: bool


@dataclass(frozen=True, slots=True)
class AdjudicationRow:
    """One turn side by side.  ``agree``: all who reviewed it give the same labels and types; spans and comments do not count."""

    turn: int
    machine: tuple[Marker, ...]
    said: tuple[Said, ...]
    agree: bool
    same_spans: bool
    settlement: Settlement | None

    @property
    def open(self) -> bool:
        """True when it is to be settled: reviewed by somebody, without agreement of two, and by nobody settled."""
        return self.settlement is None and not self.agree and any(one.reviewed for one in self.said)


def append_finishing(connection: Any, session_id: str, reviewer: str, *, finished: bool, now: str) -> None:
    """Record that a reviewer finished a session or opens it again (StoreError once it is being settled)."""
    session, _ = latest_revision(connection, session_id)
    if not finished and settlements(connection, session_id):
        raise StoreError("store.being_settled", session=session_id)
    if finished is not has_finished(connection, session_id, reviewer):
        connection.execute(
            "INSERT INTO finishings (session, reviewer, finished, at) VALUES (?, ?, ?, ?)", (session, reviewer, int(finished), now)
        )


def finishings(connection: Any, session_id: str) -> dict[str, bool]:
    """Return whether each reviewer who ever finished the session has it finished now, by code."""
    rows = connection.execute(
        "SELECT f.reviewer, f.finished FROM finishings f JOIN sessions s ON s.id = f.session WHERE s.session_id = ? ORDER BY f.id",
        (session_id,),
    )
    return dict(sorted((reviewer, bool(done)) for reviewer, done in {r: d for r, d in rows.fetchall()}.items()))


def has_finished(connection: Any, session_id: str, reviewer: str) -> bool:
    """True when the reviewer has the session finished."""
    return finishings(connection, session_id).get(reviewer, False)


def refuse_finished(connection: Any, session_id: str, reviewer: str) -> None:
    """Raise StoreError when the reviewer has finished the session."""
    if has_finished(connection, session_id, reviewer):
        raise StoreError("store.finished", session=session_id)


def ready_reviewers(connection: Any, session_id: str) -> tuple[str, ...]:
    """Return who finished the session; StoreError while fewer than two have, or while somebody has begun and not finished.

    Who has only looked (an arbiter, say) has not begun.
    """
    rows = connection.execute(
        "SELECT DISTINCT d.reviewer FROM decisions d JOIN sessions s ON s.id = d.session "
        "WHERE s.session_id = ? AND d.action != 'seen'",
        (session_id,),
    )
    latest_revision(connection, session_id)
    done = tuple(code for code, finished in finishings(connection, session_id).items() if finished)
    going = sorted({code for (code,) in rows.fetchall()} - set(done))
    if len(done) < MIN_REVIEWERS or going:
        raise StoreError("store.not_finished", session=session_id, done=", ".join(done) or "–", going=", ".join(going) or "–")
    return done


def settlements(connection: Any, session_id: str) -> dict[int, Settlement]:
    """Return the last settlement of each settled turn of the present revision."""
    _, revision = latest_revision(connection, session_id)
    rows = connection.execute(
        "SELECT id, turn, arbiter, markers, reason, at FROM settlements WHERE revision = ?"
        f" AND coalesce(carried_from, id) NOT IN {TAKEN_BACK} ORDER BY id",
        (revision,),
    )
    found = {}
    for number, turn, arbiter, markers, reason, at in rows.fetchall():
        given = tuple(marker_of(result, arbiter, OriginKind.ADJUDICATED) for result in results_of(markers))
        found[turn] = Settlement(number, turn, arbiter, tuple(marker for marker in given if marker), reason, at)
    return found


def settle(
    connection: Any, session_id: str, turn: int, arbiter: str, markers: Sequence[Marker], reason: str | None, now: str
) -> Settlement:
    """Append a settlement, checked like a decision."""
    session, revision = latest_revision(connection, session_id)
    whole = load_turn(connection, session_id, turn)
    for marker in markers:
        check_result(Result(marker.label, marker.types, marker.spans), whole, role_of(connection, session_id, whole))
    connection.execute(
        "INSERT INTO settlements (session, revision, turn, arbiter, markers, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (session, revision, turn, arbiter, markers_json(markers), reason, now),
    )
    return settlements(connection, session_id)[turn]


def side_by_side(
    session: Transcript, states: Sequence[SessionState], settled: Mapping[int, Settlement]
) -> tuple[AdjudicationRow, ...]:
    """Return one row a turn, reviewers in the order of ``states``."""
    return tuple(
        adjudication_row(
            tuple(m for m in turn.markers if m.origin.kind is OriginKind.MODEL),
            [(state.reviewer, state.turns[turn.index]) for state in states],
            settled.get(turn.index),
        )
        for turn in session.turns
    )


def adjudication_row(
    machine: tuple[Marker, ...], states: Sequence[tuple[str, TurnState]], settlement: Settlement | None
) -> AdjudicationRow:
    """Return one turn's row."""
    said = tuple(
        Said(reviewer, kept_markers(state), state.comments, state.flagged, state.reviewed, state.blind) for reviewer, state in states
    )
    readings = [one.markers for one in said if one.reviewed]
    return AdjudicationRow(
        turn=states[0][1].turn,
        machine=machine,
        said=said,
        agree=len(readings) >= MIN_REVIEWERS and len({labels_of(markers) for markers in readings}) == 1,
        same_spans=len({spans_of(markers) for markers in readings}) <= 1,
        settlement=settlement,
    )


def kept_markers(state: TurnState) -> tuple[Marker, ...]:
    """Return a reviewer's reading of a turn: their own markers and people's that they left, never the machine's."""
    return merge_markers([marker for marker in state.standing if marker.origin.kind is not OriginKind.MODEL])


def labels_of(markers: Sequence[Marker]) -> frozenset[tuple[str, frozenset[str]]]:
    """Return what the turn is said to carry: labels with their types."""
    return frozenset((m.label, frozenset(m.types)) for m in markers)


def spans_of(markers: Sequence[Marker]) -> frozenset[tuple[str, frozenset[str], frozenset]]:
    """Return what the turn is said to carry and where."""
    return frozenset((m.label, frozenset(m.types), frozenset(m.spans)) for m in markers)


def settled_markers(row: AdjudicationRow) -> tuple[Marker, ...]:
    """Return the turn as it is settled: by an arbiter, or by agreement (evidence: what any of them showed); origin ``adjudicated``."""
    if row.settlement is not None:
        return row.settlement.markers
    agreed: dict[str, Marker] = {}
    for one in (one for one in row.said if one.reviewed):
        for marker in one.markers:
            before = agreed.get(marker.label)
            spans = tuple(sorted({*marker.spans, *(before.spans if before else ())}))
            agreed[marker.label] = dataclasses.replace(marker, spans=joined(spans), extra={})
    together = "+".join(one.reviewer for one in row.said if one.reviewed)
    origin = dataclasses.replace(next(iter(agreed.values())).origin, kind=OriginKind.ADJUDICATED, name=together) if agreed else None
    return tuple(dataclasses.replace(marker, origin=origin) for marker in agreed.values() if origin)


def joined(spans: Sequence[Any]) -> tuple[Any, ...]:
    """Return overlapping or touching spans as one, in order."""
    result: list[Any] = []
    for span in spans:
        if result and span.start <= result[-1].end:
            result[-1] = dataclasses.replace(result[-1], end=max(span.end, result[-1].end))
        else:
            result.append(span)
    return tuple(result)
