"""What the page's forms ask for, and the store's answer to it.

In: the fields of a form as text.  Out: decisions appended to the store.  A field that is missing or odd is a ConfigError; what
the scheme forbids is the store's LabelError; neither holds what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request

from alliance_nlp.errors import ConfigError, StoreError
from alliance_nlp.review.decisions import Action, Status, TurnState, active
from alliance_nlp.review.pages import Reading, hides_machine
from alliance_nlp.review.settling import joined
from alliance_nlp.review.store import ReviewStore
from alliance_nlp.review.together import parse_spans
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span, Turn

BETWEEN = " … "  # between the passages of one mark, as the page quotes them
MAX_FIELDS = 500  # a form that marks a part of a session as read has one field; settling has a few dozen
Form = Mapping[str, list[str]]


async def read_form(request: Request) -> dict[str, list[str]]:
    """Return the fields of a url-encoded form; ConfigError for another kind of body, or one cut off for its size."""
    kind = request.headers.get("content-type", "application/x-www-form-urlencoded").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        raise ConfigError("review.bad_request")
    try:
        body = await request.body()
        return parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except (ValueError, ClientDisconnect) as error:
        raise ConfigError("review.bad_request") from error


def field(form: Form, name: str, default: str | None = None) -> str:
    """Return a field's text; ConfigError when it is missing and has no default."""
    values = form.get(name)
    if values:
        return values[0]
    if default is None:
        raise ConfigError("review.bad_request")
    return default


def whole(text: str) -> int:
    """Return a number of a form; ConfigError for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise ConfigError("review.bad_request")
    return int(text)


def decide(store: ReviewStore, session_id: str, reviewer: str, form: Form, *, blind: bool) -> int:
    """Append what a form asks for and return its turn; StaleDecision when another window was faster."""
    turn, seen, action = whole(field(form, "turn")), whole(field(form, "seen")), field(form, "action")
    state = store.turn_state(session_id, turn, reviewer)
    hidden = hides_machine(store, session_id, reviewer, blind=blind)
    if action == "unflag":
        unflag(store, session_id, turn, reviewer, seen=seen)
        return turn
    marker = field(form, "mark", "") or None
    if action == "accept" and marker is not None and is_own(state, marker):
        return turn  # what one has changed or added oneself stands already; accepting it must not bring the machine's back
    label, types = label_and_types(form)
    store.decide(
        session_id,
        turn,
        reviewer,
        action,
        marker=marker,
        label=label,
        types=types,
        spans=asked_spans(form, store.transcript(session_id).turns[turn], needed=action == "add"),
        comment=field(form, "comment", "").strip() or None,
        blind=hidden,
        seen=seen,
    )
    return turn


def is_own(state: TurnState, key: str) -> bool:
    """True when the reviewer made the marker what it is."""
    return any(item.key == key and item.status in (Status.CHANGED, Status.ADDED) for item in state.markers)


def unflag(store: ReviewStore, session_id: str, turn: int, reviewer: str, *, seen: int) -> None:
    """Take back the flag of a turn; nothing happens when there is none."""
    made = active(store.decisions(session_id, reviewer, turn))
    for decision in (decision for decision in made if decision.action is Action.FLAG):
        store.decide(session_id, turn, reviewer, Action.UNDO, undoes=decision.sequence, seen=max(seen, decision.sequence))


def label_and_types(form: Form) -> tuple[str | None, tuple[str, ...]]:
    """Return what a form says a marker is to be: ``choice`` (« rupture:withdrawal ») of a plain form, else ``label``, ``types``."""
    choice = field(form, "choice", "")
    label, types = choice.partition(":")[::2] if choice else (field(form, "label", ""), field(form, "types", ""))
    return label or None, tuple(types.split())


def asked_spans(form: Form, turn: Turn, *, needed: bool) -> tuple[Span, ...]:
    """Return the words a form asks for: places, or the words themselves as typed, or (``needed``) the whole turn."""
    quote = field(form, "quote", "").strip()
    if quote:
        return quoted_spans(quote, turn.text)
    spans = joined(sorted(parse_spans(field(form, "spans", ""))))
    if not spans and needed and turn.text:
        return (Span(0, len(turn.text)),)
    return spans


def quoted_spans(quote: str, text: str) -> tuple[Span, ...]:
    """Return where a text has the words, or each of the passages that « … » parts, one after the other; ConfigError when it has not."""
    parts, spans, begin = [quote] if quote in text else [part for part in quote.split(BETWEEN) if part.strip()], [], 0
    for part in parts:
        start = text.find(part.strip(), begin)
        if start < 0:
            raise ConfigError("review.not_found_words")
        begin = start + len(part.strip())
        spans.append(Span(start, begin))
    return joined(spans)


def added_markers(store: ReviewStore, session_id: str, turn: int, form: Form) -> tuple[Marker, ...]:
    """Return the mark that an arbiter wrote in a plain form; none when no label was chosen."""
    label, types = label_and_types(form)
    turns = store.transcript(session_id).turns
    if label is None or turn >= len(turns):
        return ()
    return (Marker(label, Origin(OriginKind.ADJUDICATED, "-"), types=types, spans=asked_spans(form, turns[turn], needed=True)),)


def mark_seen(store: ReviewStore, session_id: str, reviewer: str, form: Form) -> list[int]:
    """Record turns as read, all or none; return those that were not yet."""
    known = store.state(session_id, reviewer).turns if len(field(form, "turns").split()) > 1 else None
    turns = [whole(part) for part in field(form, "turns").split()]
    new = [turn for turn in turns if known is None or turn >= len(known) or not known[turn].seen]
    with store.database.writing():
        for turn in new:
            store.decide(session_id, turn, reviewer, Action.SEEN, seen=0)
    return new


def finish(store: ReviewStore, reading: Reading, reviewer: str) -> None:
    """Finish a session.  Blind, a turn read and left unmarked says « no marker »: recorded before the machine shows."""
    session_id = reading.transcript.session_id
    with store.database.writing():
        if reading.hide_machine:
            for state in reading.state.turns:
                if state.seen and state.pending and not state.own and state.turn not in reading.blank:
                    store.decide(session_id, state.turn, reviewer, Action.NONE, blind=True, seen=state.sequence)
        store.finish(session_id, reviewer)


def checked_turn(reading: Reading, turn: int) -> int:
    """Return a turn's index; StoreError when the session has no such turn."""
    if not 0 <= turn < len(reading.transcript.turns):
        raise StoreError("store.no_turn", session=reading.key, turn=turn)
    return turn


def replace(store: ReviewStore, session_id: str, reviewer: str, form: Form, *, blind: bool) -> None:
    """Do what a form of « to be placed » asks for: ``turn`` is an index, ``number`` a turn's number as people count."""
    asked = field(form, "do")
    if asked == "undo":
        store.take_back(session_id, reviewer, whole(field(form, "number")))
    elif asked == "drop":
        store.drop(session_id, reviewer, field(form, "item"), field(form, "reason", ""))
    elif asked == "place":
        turn = whole(field(form, "turn")) if "turn" in form else whole(field(form, "number")) - 1
        hidden = hides_machine(store, session_id, reviewer, blind=blind)
        store.place(session_id, reviewer, field(form, "item"), turn, hidden=hidden)
    else:
        raise ConfigError("review.bad_request")
