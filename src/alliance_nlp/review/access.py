"""Who is at the page: one-time tokens, passwords, and the visit that a cookie stands for.

In: the token of the printed address, or a reviewer's code with its password.  Out: a :class:`Visit`.  Tokens and cookies
are random, kept in memory as hashes only, and end with the server.  Left out: what a visit may do (everything a
reviewer does; there are no roles on this page).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from alliance_nlp.errors import ConfigError

TOKEN_BYTES = 32  # 256 random bits: nobody guesses it
VISIT_HOURS = 12  # a working day; then the address is asked again
LOCK_AFTER = 8  # wrong passwords in a row before a code has to wait
LOCK_S = 30.0
MIN_PASSWORD = 12  # characters: a short phrase; with Argon2id and the wait after eight tries guessing it is out of reach
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")  # goes into records and file names as it is


@dataclass(frozen=True, slots=True)
class Visit:
    """One browser that was let in: as whom (None until the code is given), in which language, until when."""

    key: str
    reviewer: str | None
    language: str
    until_s: float


class Access:
    """The open resource behind the cookie: what tokens are good, who is in."""

    def __init__(self, *, language: str, passwords: Mapping[str, str] | None = None) -> None:
        self.passwords = dict(passwords or {})
        self._language = language
        self._tokens: dict[str, str | None] = {}
        self._visits: dict[str, Visit] = {}
        self._wrong: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def new_token(self, reviewer: str | None = None) -> str:
        """Return a token that opens the page once, as ``reviewer`` or as somebody who still says their code."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._lock:
            self._tokens[_hash(token)] = reviewer
        return token

    def redeem(self, token: str) -> str | None:
        """Return the cookie that a token buys, None when it is unknown or was used."""
        with self._lock:
            if _hash(token) not in self._tokens:
                return None
            reviewer = self._tokens.pop(_hash(token))
        return self._open(reviewer)

    def sign_in(self, code: str, password: str) -> str | None:
        """Return the cookie for a code and its password, None when they do not go together or must wait."""
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        count, since = self._wrong.get(code, (0, 0.0))
        if count >= LOCK_AFTER and time.monotonic() - since < LOCK_S:
            return None
        known = self.passwords.get(code)
        try:  # an unknown code takes as long as a wrong password: its absence is not told
            PasswordHasher().verify(known or _nobody(), password)
        except (VerificationError, InvalidHashError):
            known = None
        if known is None:
            self._wrong[code] = (count + 1, time.monotonic())
            return None
        self._wrong.pop(code, None)
        return self._open(code)

    def _open(self, reviewer: str | None) -> str:
        cookie = secrets.token_urlsafe(TOKEN_BYTES)
        key = _hash(cookie)
        with self._lock:
            self._visits[key] = Visit(key, reviewer, self._language, time.monotonic() + VISIT_HOURS * 3600)
        return cookie

    def visit(self, cookie: str) -> Visit | None:
        """Return the visit of a cookie, None when there is none or its time is over."""
        visit = self._visits.get(_hash(cookie)) if cookie else None
        return visit if visit and visit.until_s > time.monotonic() else None

    def change(self, visit: Visit, *, reviewer: str | None, language: str) -> None:
        """Keep a visit's new reviewer and language."""
        with self._lock:
            self._visits[visit.key] = replace(visit, reviewer=reviewer, language=language)

    def leave(self, visit: Visit) -> None:
        """Forget a visit."""
        with self._lock:
            self._visits.pop(visit.key, None)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _nobody() -> str:
    """Return the hash of a random password that nobody knows, at the library's own cost."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(secrets.token_urlsafe(TOKEN_BYTES))


def is_code(text: str) -> bool:
    """Return True for a reviewer's code: letters, digits, dot, dash, underscore; at most 32."""
    return CODE.fullmatch(text) is not None


def read_passwords(path: Path) -> dict[str, str]:
    """Return the hashes by code of a file of lines ``code:hash``; ConfigError naming the line that is not one."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError("review.no_passwords", file=path.name, detail=error.strerror or "") from error
    found = {}
    for number, line in enumerate(lines, 1):
        code, colon, hashed = line.strip().partition(":")
        if line.strip() and not (is_code(code) and colon and hashed.startswith("$argon2")):
            raise ConfigError("review.bad_passwords", file=path.name, line=number)
        if line.strip():
            found[code] = hashed
    if not found:
        raise ConfigError("review.no_passwords", file=path.name, detail="0")
    return found


def add_password(path: Path, code: str, password: str) -> None:
    """Write a reviewer's password, hashed with Argon2id (RFC 9106), into a file only its owner reads."""
    from argon2 import PasswordHasher

    known = read_passwords(path) if path.is_file() and path.stat().st_size else {}
    known[code] = PasswordHasher().hash(password)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}:{hashed}\n" for name, hashed in known.items()), encoding="utf-8")
