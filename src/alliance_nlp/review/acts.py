"""The routes that decide: a form in; out the turn as it is now (for the script) or the way back to the page."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, RedirectResponse, Response

from alliance_nlp.review import forms, pages, together, views
from alliance_nlp.review.calls import Call
from alliance_nlp.review.cards import TurnCard
from alliance_nlp.review.decisions import StaleDecision
from alliance_nlp.review.forms import Form, field
from alliance_nlp.review.rendering import render_turn


def changed(call: Call, session_id: str, turns: list[int], *, status: int = 200, **more: Any) -> JSONResponse:
    """Return the script's answer: the turns as they are now.  How far the reviewer is comes with the map, a moment later."""
    return shown(call, {turn: call.card(session_id, turn) for turn in turns}, status=status, **more)


def shown(call: Call, cards: dict[int, TurnCard], *, status: int = 200, **more: Any) -> JSONResponse:
    """Return the script's answer with these turns."""
    html = {turn: render_turn(words=call.words, card=card, key=call.key, part=turn // pages.PART_TURNS) for turn, card in cards.items()}
    return JSONResponse({"turns": html} | more, status)


def decide(call: Call, form: Form) -> Response:
    """One decision on one turn."""
    session_id, store = call.session_id(), call.desk.store
    try:
        with store.database.writing():  # the decision and the turn as it is then: one transaction, stored before it is answered
            turn = forms.decide(store, session_id, call.reviewer, form, blind=call.desk.blind)
            cards = {turn: call.card(session_id, turn)} if call.wants_json else {}
    except StaleDecision:
        return overtaken(call, session_id, forms.whole(field(form, "turn")))
    if call.wants_json:
        return shown(call, cards)
    return RedirectResponse(f"/s/{call.key}?turn={turn}#{pages.turn_anchor(turn)}", 303)


def overtaken(call: Call, session_id: str, turn: int) -> Response:
    """Return the turn as another window left it; what was asked here is not stored, and is said not to be."""
    sentence = call.words.say("stale")
    if call.wants_json:
        return changed(call, session_id, [turn], status=409, turn=turn, say=sentence)
    page = pages.turn_page(call.reading(), turn, call.words.language)
    return call.show("turn_forms.html.j2", status=409, page=page, key=call.key, part=turn // pages.PART_TURNS, problem=sentence)


def seen(call: Call, form: Form) -> Response:
    """Turns that were read."""
    session_id = call.session_id()
    new = forms.mark_seen(call.desk.store, session_id, call.reviewer, form)
    if call.wants_json and len(new) <= pages.PART_TURNS:
        numbers = {turn: call.desk.store.turn_state(session_id, turn, call.reviewer).sequence for turn in new}
        return JSONResponse({"seen": numbers})
    return RedirectResponse(f"/s/{call.key}", 303)


def step(which: str, call: Call, form: Form) -> Response:
    """Undo or redo."""
    session_id = call.session_id()
    done = getattr(call.desk.store, which)(session_id, call.reviewer)
    if done is None:
        sentence = call.words.say(f"nothing_to_{which}")
        return JSONResponse({"say": sentence}) if call.wants_json else RedirectResponse(f"/s/{call.key}", 303)
    turn = done.turn or 0
    address = f"/s/{call.key}?turn={turn}#{pages.turn_anchor(turn)}"
    if not call.wants_json:
        return RedirectResponse(address, 303)
    elsewhere = done.bulk is not None or turn // pages.PART_TURNS != forms.whole(field(form, "part", "0"))
    sentence = call.words.say("undone" if which == "undo" else "redone")
    return JSONResponse({"go": address}) if elsewhere else changed(call, session_id, [turn], at=turn, say=sentence)


def finish(call: Call, form: Form) -> Response:
    """The reviewer is done with the session."""
    forms.finish(call.desk.store, call.reading(), call.reviewer)
    return RedirectResponse(f"/s/{call.key}", 303)


def reopen(call: Call, form: Form) -> Response:
    """The reviewer goes on with a finished session."""
    call.desk.store.reopen(call.session_id(), call.reviewer)
    return RedirectResponse(f"/s/{call.key}", 303)


def bulk_accept(call: Call, form: Form) -> Response:
    """Accept that list as one group."""
    label, above = views.bulk_of(field(form, "label"), field(form, "above"))
    call.desk.store.bulk_accept(views.open_reading(call).transcript.session_id, call.reviewer, label, above)
    return RedirectResponse(f"/s/{call.key}", 303)


def settle_turn(call: Call, form: Form) -> Response:
    """Settle one turn."""
    turn, session_id = forms.whole(field(form, "turn")), call.session_id()
    markers = together.kept_markers(form.get("keep", []), call.reviewer)
    markers += forms.added_markers(call.desk.store, session_id, turn, form)
    call.desk.store.adjudicate(session_id, turn, call.reviewer, markers, field(form, "reason", "").strip() or None)
    return RedirectResponse(f"/s/{call.key}/settle#{pages.turn_anchor(turn)}", 303)


def replace(call: Call, form: Form) -> Response:
    """Place, drop or take back a decision without a place."""
    forms.replace(call.desk.store, call.session_id(), call.reviewer, form, blind=call.desk.blind)
    return RedirectResponse(f"/s/{call.key}/replace", 303)
