"""The routes that show: each builds one page and renders it."""

from __future__ import annotations

from starlette.responses import JSONResponse, RedirectResponse, Response

from alliance_nlp.errors import ConfigError
from alliance_nlp.labels import default_label_set
from alliance_nlp.review import forms, pages, replace_page, together
from alliance_nlp.review.calls import Call
from alliance_nlp.review.rendering import render_page


def sessions(call: Call) -> Response:
    """The list of sessions."""
    page = pages.sessions_page(call.desk.store, call.reviewer, blind=call.desk.blind)
    return call.show("sessions.html.j2", page=page, here="sessions")


def order_of(call: Call) -> tuple[str, str]:
    """Return the queue's order and label of the address; the machine's doubts are not for who marks blind."""
    if call.desk.blind:
        raise ConfigError("review.no_queue_blind")
    label = call.query("label")
    return call.query("order") or "doubt", label if label in default_label_set().ids else ""


def queue(call: Call) -> Response:
    """The queue as a list."""
    order, label = order_of(call)
    page = pages.queue_page(call.desk.store, call.reviewer, order=order, label=label)
    return call.show("queue.html.j2", page=page, here="queue")


def queue_next(call: Call) -> Response:
    """Lead to the queue's next turn."""
    order, label = order_of(call)
    address = pages.next_in_queue(
        call.desk.store, call.reviewer, order=order, label=label, key=call.query("session"), after=call.number("after")
    )
    if address:
        return RedirectResponse(address, 303)
    say = call.words.say
    return call.show("message.html.j2", heading=say("queue_done_title"), sentence=say("queue_done"), back="/", here="queue")


def session(call: Call) -> Response:
    """A session as a dialogue; within the queue it knows which turn comes after the one it opens at."""
    order, label = order_of(call) if call.query("order") else ("", "")
    turn, follows = call.number("turn"), None
    if order:
        follows = pages.next_in_queue(call.desk.store, call.reviewer, order=order, label=label, key=call.key, after=turn)
    page = pages.session_page(
        call.desk.store, call.reading(), call.words, turn=turn, part=call.number("part") or 0, order=order, label=label
    )
    follows = follows or f"/queue/next?order={order}"
    return call.show("review_session.html.j2", page=page, key=call.key, part=page.part, follows=follows)


def glance(call: Call) -> Response:
    """The map and how far the reviewer is, drawn anew for the script."""
    page = pages.session_page(call.desk.store, call.reading(), call.words, turn=None, part=call.number("part") or 0)
    parts = {name: render_page(f"{name}.html.j2", words=call.words, page=page) for name in ("map", "progress")}
    return JSONResponse(parts)


def turn_forms(call: Call) -> Response:
    """Every decision on one turn as plain forms."""
    reading = call.reading()
    turn = forms.checked_turn(reading, call.request.path_params["turn"])
    page = pages.turn_page(reading, turn, call.words.language)
    return call.show("turn_forms.html.j2", page=page, key=call.key, part=turn // pages.PART_TURNS)


def agreement(call: Call) -> Response:
    """How far the readings agree."""
    return call.show("agreement.html.j2", page=together.agreement_page(call.desk.store, call.reviewer), here="agreement")


def bulk_preview(call: Call) -> Response:
    """The list that a bulk acceptance would take."""
    label, above = bulk_of(call.query("label"), call.query("above"))
    reading = open_reading(call)
    page = pages.bulk_page(call.desk.store, reading, call.reviewer, label=label, above=above, language=call.words.language)
    return call.show("bulk.html.j2", page=page, key=call.key)


def open_reading(call: Call) -> pages.Reading:
    """Return the reading; ConfigError while the machine's marks are hidden from it."""
    reading = call.reading()
    if reading.hide_machine:
        raise ConfigError("review.no_queue_blind")
    return reading


def bulk_of(label: str, above: str) -> tuple[str, float]:
    """Return the label and certainty of a bulk acceptance; ConfigError for others than the scheme's and [0, 1]."""
    try:
        value = float(above)
    except ValueError as error:
        raise ConfigError("review.bad_request") from error
    if label not in default_label_set().ids or not 0.0 <= value <= 1.0:
        raise ConfigError("review.bad_request")
    return label, value


def settle(call: Call) -> Response:
    """The readings side by side."""
    page = together.settle_page(call.desk.store, call.session_id(), call.words)
    return call.show("settle.html.j2", page=page, key=call.key)


def replace(call: Call) -> Response:
    """The decisions that wait for a place."""
    page = replace_page.replace_page(call.desk.store, call.session_id(), call.reviewer, call.words.language)
    return call.show("replace.html.j2", page=page, key=call.key)
