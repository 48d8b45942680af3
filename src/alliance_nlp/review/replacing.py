"""Decisions that a changed transcript left without a place: listed for the one who made them, placed by hand or dropped.

In: what ``revisions`` and ``carry`` could not place.  Out: :class:`Waiting`, with the turns it may belong to.  Placing appends new
decisions of the same person on the chosen turn, as one group; dropping appends a reason; both are taken back by appending.  What was
decided on the earlier text stays as it was.  Every function runs within a transaction under way.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.errors import ConfigError, StoreError
from alliance_nlp.evaluation.reviewed import REVIEWED_BY, reviewed_by
from alliance_nlp.review.carry import LOST_EVIDENCE, NOTICE, UNPLACED, turn_records, unplaced_turns
from alliance_nlp.review.deciding import Asked, append_decision, append_undo, decisions_on, load_turn
from alliance_nlp.review.decisions import Action, Decision, Status, TurnState, active, by_turn, replay
from alliance_nlp.review.matching import Near, match_turns, nearest, relocate
from alliance_nlp.review.revisions import latest_revision, lost_decisions, lost_settlements
from alliance_nlp.review.rows import as_json
from alliance_nlp.review.settling import settle
from alliance_nlp.transcript import Marker, Origin, OriginKind, Transcript, Turn

Load = Callable[[int], Transcript]  # a revision's session
TURN, WORDS = "turn", "words"  # what was lost
FLAGGED = "flagged_by"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A decision without a place.  ``turn``: the earlier text with what its maker left on it, under its earlier number.

    ``lost`` « turn »: ``near`` are the turns it may belong to.  « words »: ``place`` is its turn, on which the words of the marks are not.
    """

    key: str
    session_id: str
    reviewer: str
    turn: Turn
    lost: str = TURN
    settled: bool = False
    blind: bool = False
    place: int | None = None
    near: tuple[Near, ...] = ()


@dataclass(frozen=True, slots=True)
class Replacement:
    """What was done with a decision without a place: placed on ``turn``, or dropped (None) for a ``reason``."""

    number: int
    item: str
    turn: int | None
    reason: str | None
    at: str
    decision: int | None
    settlement: int | None


def waiting(connection: Any, session_id: str, reviewer: str, load: Load) -> tuple[Waiting, ...]:
    """Return the reviewer's decisions that still wait for a place, in the order of their earlier turns."""
    done = {one.item for one in replacements(connection, session_id, reviewer)}
    found = [item for item in unplaced(connection, session_id, reviewer, load) if item.key not in done]
    return tuple(sorted(found, key=lambda item: (item.turn.index, item.key)))


def unplaced(connection: Any, session_id: str, reviewer: str, load: Load) -> list[Waiting]:
    """Return every decision of the reviewer without a place, those already dealt with too."""
    if not may_wait(connection, session_id):
        return []
    session = load(latest_revision(connection, session_id)[1])
    found = [
        *lost_in_store(connection, session_id, reviewer, load),
        *lost_in_record(session, reviewer),
        *lost_settled(connection, session_id, reviewer, load),
    ]
    texts = {name: [turn.text for turn in load(name).turns] for name in {revision for revision, _ in found if revision is not None}}
    new = [turn.text for turn in session.turns]
    matched = {name: match_turns(old, new) for name, old in texts.items()}
    placed = []
    for revision, item in found:
        where = expected(item.turn.index, matched.get(revision or -1, {}))
        placed.append(dataclasses.replace(item, near=nearest(item.turn.text, new, expected=where)))
    return placed + lost_words(connection, session, reviewer)


def may_wait(connection: Any, session_id: str) -> bool:
    """True for a session that was read anew, here or in its record: the others need not be loaded."""
    session, revision = latest_revision(connection, session_id)
    (first, head) = connection.execute(
        "SELECT (SELECT min(id) FROM revisions WHERE session = ?), head FROM revisions WHERE id = ?", (session, revision)
    ).fetchone()
    return first != revision or f'"{UNPLACED}"' in head or NOTICE in head


def expected(number: int, matched: dict[int, int]) -> int:
    """Return where an earlier turn would stand: as far from the nearest matched turn before it as it stood."""
    before = max((old for old in matched if old < number), default=None)
    return number if before is None else matched[before] + number - before


def lost_in_store(connection: Any, session_id: str, reviewer: str, load: Load) -> list[tuple[int | None, Waiting]]:
    """Return the decisions made on earlier readings whose turn was not found, with those readings' keys."""
    found: list[tuple[int | None, Waiting]] = []
    for revision, decisions in lost_decisions(connection, session_id, reviewer).items():
        for index, made in by_turn(decisions).items():
            turn, state = load(revision).turns[index], replay(load(revision).turns[index], made, reviewer)
            left = as_left(turn, state, reviewer)
            if left.markers or left.extra:
                found.append((revision, Waiting(f"d:{revision}:{index}", session_id, reviewer, left, blind=state.blind)))
    return found


def as_left(turn: Turn, state: TurnState, reviewer: str) -> Turn:
    """Return the turn with a reviewer's own markers, and in its extra whether they reviewed, remarked or flagged it."""
    comments = [{"reviewer": reviewer, "at": one.at, "text": one.text} for one in state.comments]
    extra = {REVIEWED_BY: [reviewer] if state.reviewed else [], "comments": comments, FLAGGED: [reviewer] if state.flagged else []}
    return dataclasses.replace(turn, markers=state.own, extra={key: value for key, value in extra.items() if value})


def lost_in_record(session: Transcript, reviewer: str) -> list[tuple[int | None, Waiting]]:
    """Return what the record itself could not place (`annotate` run again), the reviewer's part of it."""
    found: list[tuple[int | None, Waiting]] = []
    for turn in unplaced_turns(session):
        mine = part_of(turn, reviewer)
        if mine.markers or mine.extra:
            found.append((None, Waiting(f"r:{digest(turn)}", session.session_id, reviewer, mine)))
    return found


def part_of(turn: Turn, reviewer: str) -> Turn:
    """Return one person's part of a turn that several may have decided on; of « A+B » each has a part."""
    markers = tuple(marker for marker in turn.markers if reviewer in marker.origin.name.split("+"))
    comments = [one for one in turn.extra.get("comments", []) if one.get("reviewer") == reviewer]
    extra = {REVIEWED_BY: [c for c in reviewed_by(turn) if c == reviewer], "comments": comments,
             FLAGGED: [c for c in turn.extra.get(FLAGGED, []) if c == reviewer]}  # fmt: skip
    return dataclasses.replace(turn, markers=markers, extra={key: value for key, value in extra.items() if value})


def in_record(item: Waiting) -> bool:
    """True for what the record could not place, and holds itself."""
    return item.key.startswith("r:")


def digest(turn: Turn) -> str:
    """Return what names a turn that the record could not place."""
    (record,) = turn_records([turn])
    return hashlib.sha256(as_json(record).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def lost_settled(connection: Any, session_id: str, arbiter: str, load: Load) -> list[tuple[int | None, Waiting]]:
    """Return the turns that the arbiter settled and that were not found."""
    found: list[tuple[int | None, Waiting]] = []
    for revision, index, who, markers in lost_settlements(connection, session_id):
        if who == arbiter:
            turn = dataclasses.replace(load(revision).turns[index], markers=markers, extra={REVIEWED_BY: [arbiter]})
            found.append((revision, Waiting(f"s:{revision}:{index}", session_id, arbiter, turn, settled=True)))
    return found


def lost_words(connection: Any, session: Transcript, reviewer: str) -> list[Waiting]:
    """Return the reviewer's markers whose turn was found but not their words, unless they chose others since."""
    grouped = by_turn(decisions_on(connection, session.session_id, reviewer))
    lost = {sequence for (sequence,) in connection.execute(
        "SELECT sequence FROM placements WHERE revision = ? AND lost_spans = 1", (latest_revision(connection, session.session_id)[1],)
    )}  # fmt: skip
    found = []
    for turn in session.turns:
        if turn.index not in grouped and not any(marker.extra.get(LOST_EVIDENCE) for marker in turn.markers):
            continue
        for item in replay(turn, grouped.get(turn.index, ()), reviewer).markers:
            kept = item.status is Status.KEPT and item.marker.origin.name == reviewer and item.marker.extra.get(LOST_EVIDENCE)
            if item.stands and (kept or item.sequence in lost):
                bare = dataclasses.replace(turn, markers=(item.marker,), extra={})
                key = f"w:{item.sequence}" if item.sequence else f"e:{turn.index}:{item.key}"
                found.append(Waiting(key, session.session_id, reviewer, bare, lost=WORDS, place=turn.index))
    return found


# ------------------------------------------------------------------------------------------- doing


def place(
    connection: Any, session_id: str, reviewer: str, key: str, turn: int, load: Load, now: str, *, hidden: bool = False
) -> Replacement:
    """Place a decision on a turn of the present reading; the new decisions are one group that one undo takes back.

    ``hidden``: the reviewer does not see the machine's marks, so none of them is taken for theirs.
    Raises StoreError when nothing of that key waits or there is no such turn, LabelError when its speaker may not carry the marker.
    """
    item = waiting_item(connection, session_id, reviewer, key, load)
    if item.lost != TURN:
        raise StoreError("store.nothing_waits")
    new = load_turn(connection, session_id, turn)
    if item.settled:
        markers = tuple(moved(marker, item.turn.text, new.text) for marker in item.turn.markers)
        number = settle(connection, session_id, turn, reviewer, markers, None, now).number
        return append(connection, session_id, reviewer, item, now, turn=turn, settlement=number)
    first: int | None = None
    state = replay(new, decisions_on(connection, session_id, reviewer, turn), reviewer)
    for asked in asked_by(item, new, state, hidden=hidden):
        made = append_decision(connection, session_id, asked, now, bulk=first or True)
        first = first or made.sequence
    return append(connection, session_id, reviewer, item, now, turn=turn, decision=first)


def asked_by(item: Waiting, new: Turn, state: TurnState, *, hidden: bool) -> Iterable[Asked]:
    """Yield the decisions that bring what was left on the earlier turn onto the new one; what was decided there since stays."""

    def ask(action: Action, **more: Any) -> Asked:
        return Asked(new.index, item.reviewer, action, blind=item.blind, trusted=True, **more)

    held = {marker.label for marker in state.own}
    wanted = [moved(marker, item.turn.text, new.text) for marker in item.turn.markers if marker.label not in held]
    # A machine's mark of the same label becomes the person's, unless the person's words are lost: the machine's are not theirs.
    meant = {marker.label for marker in wanted if marker.spans and not hidden}
    taken = {one.marker.label: one.key for one in state.pending if one.marker.label in meant}
    if reviewed_by(item.turn) and not held:
        yield from (ask(Action.REJECT, marker=one.key) for one in state.pending if one.key not in taken.values())
    for marker in wanted:
        given = {"label": marker.label, "types": marker.types, "spans": marker.spans}
        key = taken.pop(marker.label, None)
        yield ask(Action.CHANGE, marker=key, **given) if key else ask(Action.ADD, **given)
    yield from (ask(Action.COMMENT, comment=str(one["text"])) for one in item.turn.extra.get("comments", []))
    if item.turn.extra.get(FLAGGED) and not state.flagged:
        yield ask(Action.FLAG)
    empty = reviewed_by(item.turn) and not item.turn.markers and not held
    yield ask(Action.NONE if empty and not state.standing else Action.SEEN)


def moved(marker: Marker, old: str, new: str) -> Marker:
    """Return the marker with the words that the new text has."""
    spans = sorted({found for span in marker.spans if (found := relocate(old, span, new))})
    return dataclasses.replace(marker, origin=Origin(OriginKind.HUMAN, "-"), spans=tuple(spans), probability=None, extra={})


def drop(connection: Any, session_id: str, reviewer: str, key: str, reason: str, load: Load, now: str) -> Replacement:
    """Leave a decision without a place, for a reason; ConfigError without one."""
    if not reason.strip():
        raise ConfigError("store.no_reason")
    return append(connection, session_id, reviewer, waiting_item(connection, session_id, reviewer, key, load), now, reason=reason.strip())


def take_back(connection: Any, session_id: str, reviewer: str, number: int | None, now: str) -> Replacement:
    """Take back a placing or dropping (default: the reviewer's last); StoreError when it does not stand."""
    standing = [one for one in replacements(connection, session_id, reviewer) if number in (None, one.number)]
    if not standing:
        raise StoreError("store.nothing_replaced")
    last = standing[-1]
    if last.decision is not None:
        (target,) = (d for d in decisions_on(connection, session_id, reviewer) if d.sequence == last.decision)
        append_undo(connection, session_id, target, now)
    session, revision = latest_revision(connection, session_id)
    connection.execute(
        "INSERT INTO replacements (session, revision, reviewer, item, undoes, at) VALUES (?, ?, ?, ?, ?, ?)",
        (session, revision, reviewer, last.item, last.number, now),
    )
    return last


def waiting_item(connection: Any, session_id: str, reviewer: str, key: str, load: Load) -> Waiting:
    """Return what waits under a key; StoreError when nothing does (another window was faster)."""
    for item in waiting(connection, session_id, reviewer, load):
        if item.key == key:
            return item
    raise StoreError("store.nothing_waits")


def append(
    connection: Any, session_id: str, reviewer: str, item: Waiting, now: str, *, turn: int | None = None, reason: str | None = None,
    decision: int | None = None, settlement: int | None = None,
) -> Replacement:  # fmt: skip
    """Append what was done."""
    session, revision = latest_revision(connection, session_id)
    number = connection.execute(
        "INSERT INTO replacements (session, revision, reviewer, item, turn, reason, decision, settlement, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (session, revision, reviewer, item.key, turn, reason, decision, settlement, now),
    ).lastrowid
    return Replacement(number, item.key, turn, reason, now, decision, settlement)


def replacements(connection: Any, session_id: str, reviewer: str) -> list[Replacement]:
    """Return what stands of what the reviewer did: neither taken back here, nor its decisions by an undo on the session's page."""
    session, _ = latest_revision(connection, session_id)
    rows = connection.execute(
        "SELECT id, item, turn, reason, at, decision, settlement, undoes FROM replacements WHERE session = ? AND reviewer = ? ORDER BY id",
        (session, reviewer),
    ).fetchall()
    if not rows:
        return []
    undone = {row[7] for row in rows}
    standing = standing_decisions(decisions_on(connection, session_id, reviewer))
    done = [Replacement(*row[:7]) for row in rows if row[7] is None and row[0] not in undone]
    return [one for one in done if one.decision is None or one.decision in standing]


def standing_decisions(decisions: Sequence[Decision]) -> frozenset[int]:
    """Return the sequence numbers of the decisions that stand."""
    return frozenset(decision.sequence for decision in active(decisions))


def people_waiting(connection: Any, session_id: str, load: Load) -> tuple[str, ...]:
    """Return the codes of all who may have decisions without a place: reviewers, arbiters, those whom the record names."""
    session, revision = latest_revision(connection, session_id)
    if not may_wait(connection, session_id):
        return ()
    codes = {code for (code,) in connection.execute("SELECT DISTINCT reviewer FROM decisions WHERE session = ?", (session,))}
    codes |= {code for (code,) in connection.execute("SELECT DISTINCT arbiter FROM settlements WHERE session = ?", (session,))}
    here = load(revision)
    for turn in (*unplaced_turns(here), *(t for t in here.turns if any(m.extra.get(LOST_EVIDENCE) for m in t.markers))):
        people = [marker.origin.name for marker in turn.markers if marker.origin.kind is not OriginKind.MODEL]
        codes |= {*reviewed_by(turn), *(name for joined in people for name in joined.split("+"))}
        codes |= {str(one.get("reviewer")) for one in turn.extra.get("comments", []) if one.get("reviewer")}
    return tuple(sorted(codes))
