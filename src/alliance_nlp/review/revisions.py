"""Sessions in the store and their revisions: adding them, reading them back, bringing decisions onto a new revision.

Every function takes the connection of a transaction that is under way.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alliance_nlp.errors import StoreError
from alliance_nlp.evaluation.likeness import is_withheld
from alliance_nlp.review.carry import Conflict
from alliance_nlp.review.decisions import Decision, active
from alliance_nlp.review.doubt import machine_labels, turn_doubt
from alliance_nlp.review.matching import match_turns, relocate
from alliance_nlp.review.rows import (
    DECISION_COLUMNS,
    FROM_DECISIONS,
    as_json,
    decision_of,
    head_record,
    result_of,
    results_of,
    session_of,
    spans_json,
    turn_records,
)
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span, Transcript


TAKEN_BACK = (  # settlements made in placing one by hand, which was taken back
    "(SELECT p.settlement FROM replacements p JOIN replacements u ON u.undoes = p.id WHERE p.settlement IS NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one session given to the store: ``outcome`` is « new », « unchanged » or « revised »."""

    session_id: str
    outcome: str
    conflicts: tuple[Conflict, ...] = ()


def add_session(connection: Any, transcript: Transcript, cuts: Mapping[str, float], now: str) -> Added:
    """Store a session, or its new revision with the decisions carried onto it; the same record again changes nothing."""
    head, turns = head_record(transcript), turn_records(transcript)
    digest = hashlib.sha256("\n".join([head, *turns]).encode()).hexdigest()
    connection.execute("INSERT OR IGNORE INTO sessions (session_id) VALUES (?)", (transcript.session_id,))
    (session,) = connection.execute("SELECT id FROM sessions WHERE session_id = ?", (transcript.session_id,)).fetchone()
    last = connection.execute(
        "SELECT id, record_sha256 FROM revisions WHERE session = ? ORDER BY id DESC LIMIT 1", (session,)
    ).fetchone()
    if last and last[1] == digest:
        return Added(transcript.session_id, "unchanged")
    revision = connection.execute(
        "INSERT INTO revisions (session, head, record_sha256, source_sha256, added_at) VALUES (?, ?, ?, ?, ?)",
        (session, head, digest, transcript.source.sha256, now),
    ).lastrowid
    withheld = is_withheld(transcript)  # nothing to check there: it does not sound like psychotherapy
    rows = [
        (revision, turn.index, record, 0.0 if withheld else turn_doubt(turn, cuts), int(turn.needs_review), " ".join(machine_labels(turn)))
        for turn, record in zip(transcript.turns, turns, strict=True)
    ]
    connection.executemany("INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?)", rows)
    if last is None:
        return Added(transcript.session_id, "new")
    carry_decisions(connection, session, revision, transcript)
    carry_settlements(connection, transcript, session, revision)
    return Added(transcript.session_id, "revised", conflicts_of(connection, transcript.session_id, revision))


def carry_decisions(connection: Any, session: int, revision: int, transcript: Transcript) -> None:
    """Give each decision its place on a new revision, matched from the reading on which it was made."""
    texts = [turn.text for turn in transcript.turns]
    made: dict[int, list[Any]] = defaultdict(list)
    rows = connection.execute(
        "SELECT sequence, revision, turn, result, undoes FROM decisions WHERE session = ? ORDER BY sequence", (session,)
    )
    for row in rows.fetchall():
        made[row[1]].append(row)
    places: dict[int, tuple[int | None, str | None, int]] = {}
    undone: list[tuple[int, int]] = []
    for origin, decisions in made.items():
        old = [turn.text for turn in load_revision(connection, origin).turns]
        matched = match_turns(old, texts)
        for sequence, _, turn, result, undoes in decisions:
            place = matched.get(turn)
            spans, lost = placed_spans(result, old[turn], None if place is None else texts[place])
            places[sequence] = (place, spans, lost)
            undone += [(sequence, undoes)] if undoes is not None else []
    for sequence, undoes in sorted(undone):  # an undo goes where the decision goes that it takes back
        places[sequence] = (places[undoes][0], None, 0)
    connection.executemany(
        "INSERT INTO placements VALUES (?, ?, ?, ?, ?)", [(revision, sequence, *place) for sequence, place in places.items()]
    )


def placed_spans(result: str | None, old: str, new: str | None) -> tuple[str | None, int]:
    """Return a decision's spans within ``new`` and 1 when one of them is not there any more."""
    kept = result_of(result, None, lost=False)
    if kept is None or new is None or old == new:
        return None, 0
    spans = [relocate(old, span, new) for span in kept.spans]
    return spans_json(sorted({span for span in spans if span})), int(None in spans)


def carry_settlements(connection: Any, transcript: Transcript, session: int, revision: int) -> None:
    """Append each settlement again for a new revision, matched from the reading it was made on, where its turn is found."""
    texts = [turn.text for turn in transcript.turns]
    rows = connection.execute(
        "SELECT id, revision, turn, arbiter, markers, reason, at FROM settlements WHERE session = ? AND carried_from IS NULL"
        f" AND id NOT IN {TAKEN_BACK} ORDER BY id",
        (session,),
    ).fetchall()
    before = {origin: [turn.text for turn in load_revision(connection, origin).turns] for origin in {row[1] for row in rows}}
    matched = {origin: match_turns(old, texts) for origin, old in before.items()}
    for number, origin, turn, arbiter, markers, reason, at in rows:
        place = matched[origin].get(turn)
        if place is not None:
            moved = moved_results(markers, before[origin][turn], texts[place])
            values = (session, revision, place, arbiter, moved, reason, at, number)
            connection.execute(
                "INSERT INTO settlements (session, revision, turn, arbiter, markers, reason, at, carried_from)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )


def moved_results(markers: str, old: str, new: str) -> str:
    """Return settled markers with their spans where ``new`` has their words."""
    moved = []
    for result in results_of(markers):
        spans = sorted({span for span in (relocate(old, span, new) for span in result.spans) if span})
        moved.append({"label": result.label, "types": result.types, "spans": [[span.start, span.end] for span in spans]})
    return as_json(moved)


def lost_settlements(connection: Any, session_id: str) -> list[tuple[int, int, str, tuple[Marker, ...]]]:
    """Return (revision, turn, arbiter, markers) of the settlements that have no place on the present revision."""
    session, revision = latest_revision(connection, session_id)
    rows = connection.execute(
        "SELECT revision, turn, arbiter, markers FROM settlements o WHERE session = ? AND carried_from IS NULL AND revision != ?"
        f" AND id NOT IN {TAKEN_BACK}"
        " AND NOT EXISTS (SELECT 1 FROM settlements c WHERE c.carried_from = o.id AND c.revision = ?) ORDER BY id",
        (session, revision, revision),
    )
    last = {(origin, turn): (arbiter, markers) for origin, turn, arbiter, markers in rows.fetchall()}
    found = []
    for (origin, turn), (arbiter, markers) in last.items():
        given = (marker_of(result, arbiter, OriginKind.ADJUDICATED) for result in results_of(markers))
        found.append((origin, turn, arbiter, tuple(marker for marker in given if marker)))
    return found


def conflicts_of(connection: Any, session_id: str, revision: int) -> tuple[Conflict, ...]:
    """Return the decisions that have no place on a revision, or lost a span there; ``turn`` is that of the reading they were made on."""
    rows = connection.execute(f"SELECT {DECISION_COLUMNS}, d.turn {FROM_DECISIONS} ORDER BY d.sequence", (revision,)).fetchall()
    lost_spans = {row[0] for row in rows if row[14]}
    made_on = {row[0]: row[15] for row in rows}
    found = []
    for decision in active([decision_of(row[:15]) for row in rows]):
        lost = "turn" if decision.turn is None else "spans" if decision.sequence in lost_spans else None
        if lost and decision.undoes is None:
            marker = marker_of(decision.result, decision.reviewer)
            found.append(Conflict(session_id, made_on[decision.sequence], lost, marker, decision.reviewer))
    for _, turn, arbiter, markers in lost_settlements(connection, session_id):
        found += [Conflict(session_id, turn, "turn", marker, arbiter) for marker in markers or (None,)]
    return tuple(found)


def lost_decisions(connection: Any, session_id: str, reviewer: str) -> dict[int, list[Decision]]:
    """Return a reviewer's decisions that have no place on the present revision, by the revision they were made on, with its turns."""
    _, revision = latest_revision(connection, session_id)
    rows = connection.execute(
        f"SELECT {DECISION_COLUMNS}, d.revision, d.turn, d.result {FROM_DECISIONS} AND p.turn IS NULL AND d.reviewer = ?"
        " ORDER BY d.sequence",
        (revision, reviewer),
    )
    found: dict[int, list[Decision]] = defaultdict(list)
    for *row, origin, turn, result in rows.fetchall():
        whole = result_of(result, None, lost=False)
        found[origin].append(dataclasses.replace(decision_of(row), turn=turn, result=whole))
    return found


def marker_of(result: Any, reviewer: str, kind: OriginKind = OriginKind.HUMAN) -> Marker | None:
    """Return a decision's result as a marker of its reviewer; None for decisions without one."""
    if result is None:
        return None
    spans: tuple[Span, ...] = result.spans
    return Marker(result.label, Origin(kind, reviewer), types=result.types, spans=spans)


def latest_revision(connection: Any, session_id: str) -> tuple[int, int]:
    """Return (session key, key of its latest revision); StoreError when the session is not there."""
    row = connection.execute(
        "SELECT s.id, max(r.id) FROM sessions s JOIN revisions r ON r.session = s.id WHERE s.session_id = ? GROUP BY s.id",
        (session_id,),
    ).fetchone()
    if row is None:
        raise StoreError("store.no_session", session=session_id)
    return row[0], row[1]


def load_revision(connection: Any, revision: int) -> Transcript:
    """Return the session as a revision holds it."""
    (head,) = connection.execute("SELECT head FROM revisions WHERE id = ?", (revision,)).fetchone()
    turns = connection.execute("SELECT record FROM turns WHERE revision = ? ORDER BY turn", (revision,)).fetchall()
    return session_of(head, [record for (record,) in turns])
