"""People's decisions carried onto another reading of the same session: another text, or another model's markers.

Turns are matched by their text, never by their number: (1) the same text, in order; (2) the same but for white space; (3) nearly the
same (``MIN_RATIO`` of difflib's ratio), where one turn alone fits on either side.  A text that stands several times (« Oui. »), or a
short one alone among changed ones, is matched only next to a matched turn.  Spans are found again within the turn.  What cannot be placed is returned as a conflict and
kept in the session's ``extra["unplaced"]``: never guessed, never dropped.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.evaluation.reviewed import REVIEWED_BY, reviewed_by, set_aside
from alliance_nlp.record import from_record, to_record
from alliance_nlp.review.matching import MIN_FUZZY_CHARS, match_turns, relocate
from alliance_nlp.transcript import Marker, Notice, OriginKind, Transcript, Turn

PEOPLE = frozenset({OriginKind.HUMAN, OriginKind.ADJUDICATED})
REMARKS = ("comments", "flagged_by", "settled")  # keys of a turn's extra: what people wrote of it
LOST_EVIDENCE = "lost_evidence"  # key of a marker's extra: words it was given for that the present text has not
UNPLACED = "unplaced"  # key of a session's extra: the turns of an earlier reading, with decisions that found no place
NOTICE = "store.not_carried"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A decision without its place: ``turn`` is its number in the earlier reading, ``lost`` « turn » or « spans »."""

    session_id: str
    turn: int
    lost: str
    marker: Marker | None = None
    reviewer: str | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """A session with people's decisions of an earlier reading put back, and those that found no place."""

    transcript: Transcript
    conflicts: tuple[Conflict, ...]


def keep_human(old: Transcript, new: Transcript) -> Carried:
    """Return ``new`` with people's markers of ``old``.

    On a turn that people reviewed, their markers stand alone: a machine marker they rejected does not come back.  On another turn
    the machine's markers stay beside people's.  A notice counts the conflicts.
    """
    places = match_turns([turn.text for turn in old.turns], [turn.text for turn in new.turns])
    moves = [(turn, places.get(turn.index)) for turn in decided_turns(old)]
    moves += late_places(unplaced_turns(old), [turn for turn in new.turns if turn.index not in set(places.values())])
    turns, conflicts = list(new.turns), []
    for turn, place in moves:
        if place is not None:
            turns[place], lost = with_decisions(turns[place], turn)
            conflicts += [Conflict(new.session_id, turn.index, "spans", marker) for marker in lost]
        else:
            conflicts += [Conflict(new.session_id, turn.index, "turn", marker) for marker in people(turn) or (None,)]
    left = [turn for turn, place in moves if place is None]
    return Carried(finished(dataclasses.replace(new, turns=tuple(turns)), left, conflicts), tuple(conflicts))


def late_places(waiting: Sequence[Turn], free: Sequence[Turn]) -> list[tuple[Turn, int | None]]:
    """Return turns that waited for their place, each with its place among the turns that nothing else came to."""
    texts = list(dict.fromkeys(turn.text for turn in waiting))  # several reviewers may have decided on one turn
    matched = match_turns(texts, [turn.text for turn in free])
    found = {text: free[matched[k]].index for k, text in enumerate(texts) if k in matched and len(text) >= MIN_FUZZY_CHARS}
    return [(turn, found.get(turn.text)) for turn in waiting]


def finished(session: Transcript, left: Sequence[Turn], conflicts: Sequence[Conflict]) -> Transcript:
    """Return the session with what found no place, and a notice that counts it."""
    extra = {key: value for key, value in session.extra.items() if key != UNPLACED}
    warnings = tuple(notice for notice in session.warnings if notice.code != NOTICE)
    if left:
        extra[UNPLACED] = list(turn_records(left))
    if conflicts:
        counts = {what: sum(conflict.lost == what for conflict in conflicts) for what in ("turn", "spans")}
        numbers = ", ".join(str(number + 1) for number in sorted({conflict.turn for conflict in conflicts}))
        warnings += (Notice(NOTICE, params={"turns": counts["turn"], "spans": counts["spans"], "numbers": numbers}),)
    return dataclasses.replace(session, extra=extra, warnings=warnings)


def with_decisions(new: Turn, old: Turn) -> tuple[Turn, list[Marker]]:
    """Return ``new`` with the decisions of ``old``, and the markers whose evidence is not in its text any more."""
    moved = [moved_marker(marker, old.text, new.text) for marker in people(old)]
    reviewers = dict.fromkeys([*reviewed_by(new), *reviewed_by(old)])
    kept = new.markers if not reviewers else tuple(marker for marker in new.markers if marker.origin.kind is not OriginKind.MODEL)
    added = tuple(marker for marker in moved if marker not in kept)
    extra = dict(new.extra) | remarks(new, old) | ({REVIEWED_BY: list(reviewers)} if reviewers else {})
    doubt = new.needs_review and not reviewers
    lost = [marker for marker in moved if marker.extra.get(LOST_EVIDENCE)]
    whole = dataclasses.replace(new, extra=extra, needs_review=doubt)
    return set_aside(whole, kept + added) if reviewers else dataclasses.replace(whole, markers=kept + added), lost


def remarks(new: Turn, old: Turn) -> dict[str, Any]:
    """Return what people remarked on either turn: lists joined, nothing twice."""
    found = {}
    for key in REMARKS:
        given = [turn.extra[key] for turn in (new, old) if turn.extra.get(key)]
        if given and all(isinstance(value, list) for value in given):
            whole = [value for values in given for value in values]
            found[key] = [value for k, value in enumerate(whole) if value not in whole[:k]]
        elif given:
            found[key] = given[-1]
    return found


def moved_marker(marker: Marker, old: str, new: str) -> Marker:
    """Return a marker with its spans where ``new`` has their words; the words that it has not are kept in the marker's extra."""
    if old == new:
        return marker
    places = [relocate(old, span, new) for span in marker.spans]
    lost = [old[span.start : span.end] for span, place in zip(marker.spans, places, strict=True) if place is None]
    spans = tuple(sorted({place for place in places if place}))
    extra = dict(marker.extra)
    if len(spans) < len(marker.spans):
        extra.pop("span_types", None)  # goes with the spans one by one
    if lost:
        extra[LOST_EVIDENCE] = [*extra.get(LOST_EVIDENCE, []), *lost]
    return dataclasses.replace(marker, spans=spans, extra=extra)


def decided_turns(session: Transcript) -> list[Turn]:
    """Return the turns that hold a person's decision or remark."""
    return [turn for turn in session.turns if people(turn) or reviewed_by(turn) or any(turn.extra.get(key) for key in REMARKS)]


def holds_decisions(session: Transcript) -> bool:
    """True when a session holds decisions of people, placed or not."""
    return bool(decided_turns(session)) or bool(session.extra.get(UNPLACED))


def people(turn: Turn) -> tuple[Marker, ...]:
    """Return the turn's human and adjudicated markers."""
    return tuple(marker for marker in turn.markers if marker.origin.kind in PEOPLE)


def turn_records(turns: Sequence[Turn]) -> Iterator[Mapping[str, Any]]:
    """Yield the records of turns that found no place: text, people's markers, reviewers and their earlier number."""
    for turn in turns:
        kept = dataclasses.replace(turn, index=0, speaker=None, markers=people(turn), probabilities=None, needs_review=False)
        yield to_record(Transcript("-", turns=(kept,)))["turns"][0] | {"index": turn.index, "speaker": turn.speaker}


def unplaced_turns(session: Transcript) -> list[Turn]:
    """Return the turns that an earlier reading could not place."""
    found = []
    for record in session.extra.get(UNPLACED) or ():
        whole = {"schema": "alliance-nlp/session/1", "session_id": "-", "speakers": []}
        (turn,) = from_record(whole | {"turns": [dict(record) | {"index": 0, "speaker": None}]}).turns
        found.append(dataclasses.replace(turn, index=record["index"], speaker=record["speaker"]))
    return found
