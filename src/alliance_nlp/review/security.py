"""The guards in front of every route of the review page, as plain ASGI.

In: a request.  Out: the same request with its size known to be small, or a refusal in one plain sentence.  A page that
another site opens in the reviewer's browser can reach a loopback port: hence the list of Host names (against DNS
rebinding), the Origin of every POST (against forged forms) and the strict cookie of :mod:`access`.  Left out: who the
reviewer is (:mod:`access`).

Sources: OWASP Cheat Sheet Series, « Cross-Site Request Forgery Prevention » (verifying origin with standard headers);
W3C, Content Security Policy Level 3; W3C, Fetch Metadata Request Headers.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alliance_nlp.messages import render

MAX_BODY_BYTES = 64 * 1024  # a comment of ten pages; forms of this page are far smaller
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # « no-referrer » would turn the Origin of our own forms into « null »
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
METHODS = frozenset({"GET", "HEAD", "POST"})
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page is served: the names a browser may use for it."""

    host: str
    port: int
    tls: bool = False

    @property
    def scheme(self) -> str:
        """``https`` with TLS files, else ``http``."""
        return "https" if self.tls else "http"

    @property
    def hosts(self) -> frozenset[str]:
        """The values of the Host header that are ours; a loopback address also by its name."""
        names = {_bracketed(self.host)} | ({"localhost"} if is_loopback(self.host) else set())
        default = 443 if self.tls else 80
        with_port = {f"{name}:{self.port}" for name in names}
        return frozenset(with_port | (names if self.port == default else set()))

    @property
    def origins(self) -> frozenset[str]:
        """The values of the Origin header that are ours."""
        return frozenset(f"{self.scheme}://{host}" for host in self.hosts)

    @property
    def address(self) -> str:
        """The page's address without a token."""
        return f"{self.scheme}://{_bracketed(self.host)}:{self.port}/"


def is_loopback(host: str) -> bool:
    """Return True for names and addresses that never leave the machine (RFC 6890, 127.0.0.0/8 and ::1)."""
    return host in ("localhost", "::1") or (host.startswith("127.") and host.count(".") == 3)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def refusal(headers: Headers, method: str, place: Place) -> str | None:
    """Return the message code of why a request is refused, None when it may pass."""
    if headers.get("host", "").lower() not in place.hosts:
        return "review.wrong_host"
    if method not in METHODS:
        return "review.wrong_method"
    if method == "POST":
        if headers.get("origin", "") not in place.origins:
            return "review.wrong_origin"
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return "review.wrong_origin"
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length) > MAX_BODY_BYTES:
        return "review.too_large"
    return None


STATUS = {
    "review.wrong_host": 421,  # RFC 9110, 15.5.20: Misdirected Request
    "review.wrong_method": 405,
    "review.wrong_origin": 403,
    "review.too_large": 413,
}


class Guard:
    """Middleware: refuses what is not ours, and puts the protecting headers on every answer."""

    def __init__(self, app: ASGIApp, *, place: Place, language: str) -> None:
        self.app, self.place, self.language = app, place, language
        self.headers: Sequence[tuple[str, str]] = tuple(HEADERS.items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # no web socket here
            return

        begun = False

        async def protected(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                answer = MutableHeaders(scope=message)
                for name, value in self.headers:
                    answer[name] = value
            await send(message)

        code = refusal(Headers(scope=scope), scope["method"], self.place)
        if code:
            answer = PlainTextResponse(render(code, self.language), STATUS[code])
            await answer(scope, receive, protected)
            return
        try:
            await self.app(scope, _small(receive), protected)
        except Exception as error:  # a defect: told by its kind and place alone, since a message may quote what was said
            logger.error("%s", _place(error))
            if not begun:
                answer = PlainTextResponse(render("review.broken", self.language), 500)
                await answer(scope, receive, protected)


def _place(error: Exception) -> str:
    """Return an error's type and the place it comes from, without its message."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}, {Path(frame.filename).name}:{frame.lineno}"


def _small(receive: Receive) -> Receive:
    """Return ``receive`` that hangs up on a body without a length that grows beyond the limit."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        return {"type": "http.disconnect"} if read > MAX_BODY_BYTES else message

    return counted
