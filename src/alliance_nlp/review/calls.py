"""One request of somebody who is in: what every route works with, and how its answer or its error becomes a response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from alliance_nlp.errors import AllianceError
from alliance_nlp.review import pages
from alliance_nlp.review.access import VISIT_HOURS, Access, Visit
from alliance_nlp.review.forms import Form, read_form, whole
from alliance_nlp.review.rendering import render_page
from alliance_nlp.review.security import Place
from alliance_nlp.review.store import ReviewStore
from alliance_nlp.review.words import Words


@dataclass(frozen=True, slots=True)
class Desk:
    """What every route works with."""

    store: ReviewStore
    access: Access
    place: Place
    blind: bool
    language: str

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies know no ports, so it holds ours; with TLS the browser enforces the prefix (RFC 6265bis)."""
        return f"__Host-alliance-{self.place.port}" if self.place.tls else f"alliance-{self.place.port}"


@dataclass(frozen=True, slots=True)
class Call:
    """One request of somebody who is in."""

    desk: Desk
    request: Request
    visit: Visit
    words: Words

    @property
    def reviewer(self) -> str:
        """The reviewer's code; only routes that need one are reached."""
        return self.visit.reviewer or ""

    @property
    def key(self) -> str:
        """What stands for the session in the address."""
        return str(self.request.path_params["key"])

    @property
    def wants_json(self) -> bool:
        """True for the script's requests."""
        return "application/json" in self.request.headers.get("accept", "")

    def session_id(self) -> str:
        """Return the session of the address."""
        return pages.session_of_key(self.desk.store, self.key)

    def reading(self) -> pages.Reading:
        """Return the session as this reviewer sees it."""
        return pages.read_session(self.desk.store, self.session_id(), self.reviewer, blind=self.desk.blind)

    def card(self, session_id: str, turn: int) -> Any:
        """Return one turn's card."""
        return pages.read_card(
            self.desk.store, session_id, turn, self.reviewer, blind=self.desk.blind, language=self.words.language
        )

    def query(self, name: str) -> str:
        """Return a part of the address's query, at most a few characters of it."""
        return self.request.query_params.get(name, "")[:40]

    def number(self, name: str) -> int | None:
        """Return a whole number of the query, None when there is none."""
        text = self.query(name)
        return whole(text) if text else None

    def show(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Return a page."""
        shared = {"visit": self.visit, "blind": self.desk.blind, "here": "", "problem": "", "key": "", "part": 0}
        return HTMLResponse(render_page(template, words=self.words, **(shared | context)), status)


Handler = Callable[[Call], Response]
FormHandler = Callable[[Call, Form], Response]


async def call_of(request: Request) -> Call | None:
    """Return the request of somebody who is in, None otherwise.  A token in the address is bought off first."""
    desk: Desk = request.app.state.desk
    visit = desk.access.visit(request.cookies.get(desk.cookie, ""))
    return Call(desk, request, visit, Words(visit.language)) if visit else None


def showing(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a page: lets in who may come in, runs the handler in a thread, words its errors."""

    async def endpoint(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        token = request.query_params.get("token")
        if token is not None:
            return bought(desk, desk.access.redeem(token), request)
        call = await call_of(request)
        if call is None or not call.visit.reviewer:
            return RedirectResponse("/enter", 303)
        return await run_in_threadpool(answered, call, partial(handler, call))

    return endpoint


def posting(handler: FormHandler, *, coded: bool = True) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a form; ``coded``: only for who gave a reviewer's code."""

    async def endpoint(request: Request) -> Response:
        form = await read_form(request)
        call = await call_of(request)
        if call is None or (coded and not call.visit.reviewer):
            sentence = Words(request.app.state.desk.language).say("not_in")
            json = "application/json" in request.headers.get("accept", "")
            return JSONResponse({"say": sentence}, 401) if json else RedirectResponse("/enter", 303)
        return await run_in_threadpool(answered, call, partial(handler, call, form))

    return endpoint


def answered(call: Call, work: Callable[[], Response]) -> Response:
    """Return a handler's answer, or the sentence of the error that it raised (422: understood, and refused)."""
    try:
        return work()
    except AllianceError as error:
        sentence = error.message(call.words.language)
        if call.wants_json:
            return JSONResponse({"say": sentence}, 422)
        status = 404 if error.code in ("store.no_session", "store.no_turn") else 422
        back = f"/s/{call.key}" if "key" in call.request.path_params and status != 404 else "/"
        heading = call.words.say("refused" if call.request.method == "POST" else "cannot_show")
        return call.show("message.html.j2", status=status, heading=heading, sentence=sentence, back=back)


def bought(desk: Desk, cookie: str | None, request: Request) -> Response:
    """Return the way on after a token or a password: into the page with a cookie, or to the entrance."""
    already = desk.access.visit(request.cookies.get(desk.cookie, ""))
    response = RedirectResponse("/" if cookie or already else "/enter", 303)
    if cookie:
        response.set_cookie(
            desk.cookie, cookie, max_age=VISIT_HOURS * 3600, httponly=True, samesite="strict", secure=desk.place.tls, path="/"
        )
    return response
