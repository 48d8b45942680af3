"""The entrance: a code, a password where one is needed, another reviewer, the other language."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from alliance_nlp.errors import ConfigError
from alliance_nlp.messages import LANGUAGES
from alliance_nlp.review.access import is_code
from alliance_nlp.review.calls import Call, Desk, bought, call_of
from alliance_nlp.review.forms import Form, field, read_form
from alliance_nlp.review.rendering import render_page
from alliance_nlp.review.words import Words


@dataclass(frozen=True, slots=True)
class EnterPage:
    """The entrance: ``form`` when a code may be given, ``password`` when it needs one."""

    form: bool
    password: bool
    code: str = ""


async def enter(request: Request) -> Response:
    """Ask for a reviewer's code (who holds a token), or for code and password."""
    desk: Desk = request.app.state.desk
    call = await call_of(request)
    words = call.words if call else Words(desk.language)
    code, problem, status = "", "", 200 if call or desk.access.passwords else 401
    if request.method == "POST":
        form = await read_form(request)
        code = field(form, "code", "").strip()
        if desk.access.passwords:
            cookie = await run_in_threadpool(desk.access.sign_in, code, field(form, "password", ""))
            if cookie:
                return bought(desk, cookie, request)
            problem, status = words.say("bad_sign_in"), 403
        elif call and is_code(code):
            desk.access.change(call.visit, reviewer=code, language=call.visit.language)
            return RedirectResponse("/", 303)
        elif call:
            problem, status = words.say("bad_code", found=code[:32]), 422
    page = EnterPage(form=bool(call or desk.access.passwords), password=bool(desk.access.passwords), code=code[:32])
    context = {"visit": call.visit if call else None, "blind": desk.blind, "here": "", "problem": problem, "page": page}
    return HTMLResponse(render_page("enter.html.j2", words=words, **context), status)


def leave(call: Call, form: Form) -> Response:
    """Give the place to another reviewer; with passwords, leave altogether."""
    if call.desk.access.passwords:
        call.desk.access.leave(call.visit)
    else:
        call.desk.access.change(call.visit, reviewer=None, language=call.visit.language)
    return RedirectResponse("/enter", 303)


def language_chosen(call: Call, form: Form) -> Response:
    """Speak the other language from now on."""
    asked = field(form, "language")
    if asked not in LANGUAGES:
        raise ConfigError("review.bad_request")
    call.desk.access.change(call.visit, reviewer=call.visit.reviewer, language=asked)
    return RedirectResponse(came_from(call), 303)


def came_from(call: Call) -> str:
    """Return the page of ours that the visitor comes from, the list of sessions when it is not known."""
    referer = call.request.headers.get("referer", "")
    for origin in call.desk.place.origins:
        if referer.startswith(f"{origin}/s/"):
            return referer.removeprefix(origin)
    return "/"
