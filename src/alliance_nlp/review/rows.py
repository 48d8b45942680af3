"""Rows of the database ↔ decisions, turns and sessions."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from typing import Any

from alliance_nlp.record import from_record, to_record
from alliance_nlp.review.decisions import Action, Decision, Result
from alliance_nlp.transcript import Marker, Span, Transcript

DECISION_COLUMNS = (
    "d.sequence, s.session_id, p.turn, d.reviewer, d.action, d.at, d.marker, d.result, d.comment, d.blind, d.seen, d.undoes,"
    " d.bulk, p.spans, p.lost_spans"
)
FROM_DECISIONS = (
    "FROM placements p JOIN decisions d ON d.sequence = p.sequence JOIN sessions s ON s.id = d.session WHERE p.revision = ?"
)


def as_json(value: Any) -> str:
    """Return ``value`` as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def spans_of(text: str) -> tuple[Span, ...]:
    """Return the spans of a JSON list of pairs."""
    return tuple(Span(start, end) for start, end in json.loads(text))


def spans_json(spans: Iterable[Span]) -> str:
    """Return spans as a JSON list of pairs."""
    return as_json([[span.start, span.end] for span in spans])


def result_json(result: Result | None) -> str | None:
    """Return a decision's result as JSON."""
    if result is None:
        return None
    return as_json({"label": result.label, "types": result.types, "spans": json.loads(spans_json(result.spans))})


def result_of(text: str | None, placed: str | None, *, lost: bool) -> Result | None:
    """Return a decision's result, its spans where the present reading has them (none when they are lost)."""
    if text is None:
        return None
    table = json.loads(text)
    spans = () if lost else spans_of(placed if placed is not None else as_json(table["spans"]))
    return Result(table["label"], tuple(table["types"]), spans)


def decision_of(row: Sequence[Any]) -> Decision:
    """Return the decision of a row of DECISION_COLUMNS."""
    sequence, session_id, turn, reviewer, action, at, marker, result, comment, blind, seen, undoes, bulk, spans, lost = row
    return Decision(
        sequence=sequence,
        session_id=session_id,
        turn=turn,
        reviewer=reviewer,
        action=Action(action),
        at=at,
        marker=marker,
        result=result_of(result, spans, lost=bool(lost)),
        comment=comment,
        blind=bool(blind),
        seen=seen,
        undoes=undoes,
        bulk=bulk,
    )


def head_record(transcript: Transcript) -> str:
    """Return a session's record without its turns, as JSON."""
    return as_json(to_record(dataclasses.replace(transcript, turns=())))


def turn_records(transcript: Transcript) -> list[str]:
    """Return each turn's record as JSON."""
    return [as_json(turn) for turn in to_record(transcript)["turns"]]


def session_of(head: str, turns: Iterable[str]) -> Transcript:
    """Return the session of a head and its turns' records."""
    return from_record(json.loads(head) | {"turns": json.loads("[" + ",".join(turns) + "]")})  # one call: 5,000 take twice the time


def markers_json(markers: Iterable[Marker]) -> str:
    """Return markers as JSON: label, types, spans."""
    return as_json([json.loads(result_json(Result(m.label, m.types, m.spans)) or "") for m in markers])


def results_of(text: str) -> tuple[Result, ...]:
    """Return what ``markers_json`` wrote."""
    return tuple(
        Result(row["label"], tuple(row["types"]), tuple(Span(start, end) for start, end in row["spans"])) for row in json.loads(text)
    )
