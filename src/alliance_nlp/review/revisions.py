"""Sessions in the store and their revisions: adding them, reading them back, bringing decisions onto a new revision.

Every function takes the connection of a transaction that is under way.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alliance_nlp.errors import StoreError
from alliance_nlp.review.carry import Conflict
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
    rows = [
        (revision, turn.index, record, turn_doubt(turn, cuts), int(turn.needs_review), " ".join(machine_labels(turn)))
        for turn, record in zip(transcript.turns, turns, strict=True)
    ]
    connection.executemany("INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?)", rows)
    if last is None:
        return Added(transcript.session_id, "new")
    carry_decisions(connection, session, revision, transcript)
    lost = carry_settlements(connection, transcript, last[0], revision)
    return Added(transcript.session_id, "revised", conflicts_of(connection, transcript.session_id, revision) + lost)


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


def carry_settlements(connection: Any, transcript: Transcript, old: int, new: int) -> tuple[Conflict, ...]:
    """Append the settlements of revision ``old`` again for ``new``, where their turns are found; return the others."""
    texts = [turn.text for turn in transcript.turns]
    before = [turn.text for turn in load_revision(connection, old).turns]
    matched = match_turns(before, texts)
    rows = connection.execute(
        "SELECT session, turn, arbiter, markers, reason, at FROM settlements WHERE revision = ? ORDER BY id", (old,)
    )
    lost: list[Conflict] = []
    for session, turn, arbiter, markers, reason, at in rows.fetchall():
        place = matched.get(turn)
        if place is None:
            lost.append(Conflict(transcript.session_id, turn, "turn", reviewer=arbiter))
            continue
        moved = []
        for result in results_of(markers):
            spans = [relocate(before[turn], span, texts[place]) for span in result.spans]
            if None in spans:
                lost.append(Conflict(transcript.session_id, turn, "spans", reviewer=arbiter))
            pairs = [[span.start, span.end] for span in sorted({span for span in spans if span})]
            moved.append({"label": result.label, "types": result.types, "spans": pairs})
        connection.execute(
            "INSERT INTO settlements (session, revision, turn, arbiter, markers, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (session, new, place, arbiter, as_json(moved), reason, at),
        )
    return tuple(lost)


def conflicts_of(connection: Any, session_id: str, revision: int) -> tuple[Conflict, ...]:
    """Return the decisions that have no place on a revision, or lost a span there; ``turn`` is that of the reading they were made on."""
    rows = connection.execute(
        f"SELECT {DECISION_COLUMNS}, d.turn {FROM_DECISIONS} AND (p.turn IS NULL OR p.lost_spans) ORDER BY d.sequence", (revision,)
    )
    found = []
    for *row, made_on in rows.fetchall():
        decision = decision_of(row)
        lost = "turn" if decision.turn is None else "spans"
        if decision.undoes is None:
            found.append(Conflict(session_id, made_on, lost, marker_of(decision.result, decision.reviewer), decision.reviewer))
    return tuple(found)


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
