"""Serving the review page: the port, the addresses that are printed, and what it takes to leave the loopback.

In: an open store and :class:`ServerSettings`.  Out: a page that is served until Ctrl C.  uvicorn writes no access log: addresses
hold no text, and still nobody needs a list of who looked at what.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from alliance_nlp.errors import ConfigError
from alliance_nlp.review.access import Access, is_code, read_passwords
from alliance_nlp.review.app import create_app
from alliance_nlp.review.security import Place, is_loopback
from alliance_nlp.review.store import ReviewStore

BACKLOG = 128
ANY_HOST = ("", "0.0.0.0", "::")  # every address at once: no list of Host names could be held against it


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How the page is served.  ``network`` is the word of who starts it that other machines may reach it (``--i-know``)."""

    language: str
    host: str = "127.0.0.1"
    port: int = 8747
    reviewer: str = ""
    blind: bool = False
    network: bool = False
    certfile: Path | None = None
    keyfile: Path | None = None
    passwords: Path | None = None

    def __post_init__(self) -> None:
        if self.reviewer and not is_code(self.reviewer):
            raise ConfigError("review.bad_code", found=self.reviewer[:32])
        needed = {"--i-know": self.network, "--certfile": self.certfile, "--keyfile": self.keyfile, "--passwords": self.passwords}
        missing = [name for name, given in needed.items() if not given]
        if missing and not is_loopback(self.host):
            raise ConfigError("review.open_host", host=self.host, missing=", ".join(missing))
        if self.host in ANY_HOST:
            raise ConfigError("review.any_host", host=self.host)

    @property
    def tls(self) -> bool:
        """True when the page is served with TLS."""
        return self.certfile is not None and self.keyfile is not None


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; ConfigError when the port is taken.  Port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ConfigError("review.bad_port", host=host, port=port, detail=error.strerror or "") from error
    listening.listen(BACKLOG)
    return listening


def serve(store: ReviewStore, settings: ServerSettings, *, tell: Callable[[str, str], None]) -> None:
    """Serve the page until Ctrl C.  ``tell`` gets a message code and an address to print."""
    listening = bind(settings.host, settings.port)
    place = Place(settings.host, listening.getsockname()[1], tls=settings.tls)
    passwords = read_passwords(settings.passwords) if settings.passwords else None
    access = Access(language=settings.language, passwords=passwords)
    app = create_app(store, access, place, blind=settings.blind, language=settings.language)
    if passwords:
        tell("serving_sign_in", place.address)
    else:
        tell("serving", token_address(access, place, settings.reviewer))
        threading.Thread(target=more_addresses, args=(access, place, tell), daemon=True).start()
    config = server_config(app, certfile=settings.certfile, keyfile=settings.keyfile)
    with listening:
        uvicorn.Server(config).run(sockets=[listening])


def server_config(app: Starlette, *, certfile: Path | None = None, keyfile: Path | None = None) -> uvicorn.Config:
    """Return how uvicorn serves the page: no log of who asks for what, no word on what serves it."""
    return uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,  # nobody stands between; a forged X-Forwarded-For must mean nothing
        ssl_certfile=certfile,
        ssl_keyfile=keyfile,
    )


def token_address(access: Access, place: Place, reviewer: str = "") -> str:
    """Return the page's address with a new token, which opens it once."""
    return f"{place.address}?token={access.new_token(reviewer or None)}"


def more_addresses(access: Access, place: Place, tell: Callable[[str, str], None]) -> None:
    """Print another address whenever Enter is pressed in the terminal; does nothing where there is none."""
    if not sys.stdin or not sys.stdin.isatty():
        return
    for _ in sys.stdin:
        tell("new_address", token_address(access, place))
