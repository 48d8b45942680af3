"""The review page as a web application: every route on one page, composed here and nowhere else.

In: an open store and how the page is served.  Out: a Starlette application behind the guards of :mod:`security`.  A route
reads its form, calls one function of the store's side, and renders one page; work on the store runs in threads.  Nothing logs
what was said.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from alliance_nlp.errors import AllianceError, ConfigError
from alliance_nlp.review import acts, entrance, views
from alliance_nlp.review.access import Access
from alliance_nlp.review.calls import Desk, posting, showing
from alliance_nlp.review.rendering import icon, render_page, script, style_sheet
from alliance_nlp.review.security import Guard, Place
from alliance_nlp.review.store import ReviewStore
from alliance_nlp.review.words import Words


def create_app(store: ReviewStore, access: Access, place: Place, *, blind: bool = False, language: str = "fr") -> Starlette:
    """Return the application."""
    app = Starlette(
        routes=[
            Route("/static/review.css", partial(static, style_sheet, "text/css")),
            Route("/static/review.js", partial(static, script, "text/javascript")),
            Route("/static/icon.svg", partial(static, icon, "image/svg+xml")),
            Route("/enter", entrance.enter, methods=["GET", "POST"]),
            Route("/leave", posting(entrance.leave, coded=False), methods=["POST"]),
            Route("/language", posting(entrance.language_chosen, coded=False), methods=["POST"]),
            Route("/", showing(views.sessions)),
            Route("/queue", showing(views.queue)),
            Route("/queue/next", showing(views.queue_next)),
            Route("/agreement", showing(views.agreement)),
            Route("/s/{key}", showing(views.session)),
            Route("/s/{key}/glance", showing(views.glance)),
            Route("/s/{key}/turn/{turn:int}", showing(views.turn_forms)),
            Route("/s/{key}/decide", posting(acts.decide), methods=["POST"]),
            Route("/s/{key}/seen", posting(acts.seen), methods=["POST"]),
            Route("/s/{key}/undo", posting(partial(acts.step, "undo")), methods=["POST"]),
            Route("/s/{key}/redo", posting(partial(acts.step, "redo")), methods=["POST"]),
            Route("/s/{key}/finish", posting(acts.finish), methods=["POST"]),
            Route("/s/{key}/reopen", posting(acts.reopen), methods=["POST"]),
            Route("/s/{key}/bulk", showing(views.bulk_preview)),
            Route("/s/{key}/bulk", posting(acts.bulk_accept), methods=["POST"]),
            Route("/s/{key}/replace", showing(views.replace)),
            Route("/s/{key}/replace", posting(acts.replace), methods=["POST"]),
            Route("/s/{key}/settle", showing(views.settle)),
            Route("/s/{key}/settle", posting(acts.settle_turn), methods=["POST"]),
        ],
        middleware=[Middleware(Guard, place=place, language=language)],
        exception_handlers={HTTPException: missing, ConfigError: refused},
    )
    app.state.desk = Desk(store, access, place, blind, language)
    return app


async def static(content: Callable[[], str], kind: str, request: Request) -> Response:
    """Return the style sheet, the script or the sign; they hold nothing of anybody."""
    return Response(content(), media_type=kind)


async def missing(request: Request, error: Exception) -> Response:
    """Answer an address or a method that is not there."""
    words = Words(request.app.state.desk.language)
    status = error.status_code if isinstance(error, HTTPException) else 404
    context = {"visit": None, "blind": False, "here": "", "heading": words.say("not_found"), "sentence": "", "back": "/"}
    return HTMLResponse(render_page("message.html.j2", words=words, **context), status)


async def refused(request: Request, error: Exception) -> Response:
    """Answer a form that is not one of ours."""
    desk: Desk = request.app.state.desk
    return JSONResponse({"say": error.message(desk.language) if isinstance(error, AllianceError) else ""}, 400)
