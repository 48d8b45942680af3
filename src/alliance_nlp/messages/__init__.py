"""Every sentence a person reads, in French and in English, by code.

In: a code such as ``"formats.empty_file"`` and its parameters.  Out: one sentence.
The sentences live beside this file, one TOML table file a room (``formats.toml`` holds the
codes ``formats.*``), so that wording is reviewed without reading code.  No sentence ever
holds transcript text: parameters are names, numbers and places only.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from alliance_nlp import toml

LANGUAGES = ("fr", "en")


def user_language() -> str:
    """Return ``"fr"`` when the locale is French, else ``"en"`` (order of POSIX: LC_ALL, LC_MESSAGES, LANG)."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "fr" if value.lower().startswith("fr") else "en"
    return "en"


@lru_cache(maxsize=None)
def catalogue(room: str) -> dict[str, dict[str, str]]:
    """Return one room's sentences: ``{code without the room: {"fr": …, "en": …}}``."""
    text = resources.files(__package__).joinpath(f"{room}.toml").read_text(encoding="utf-8")
    return toml.loads(text)


def render(code: str, language: str | None = None, **params: object) -> str:
    """Return the sentence of ``code`` in ``language`` (default: the user's), filled with ``params``.

    >>> render("core.done", "en")
    'Done.'
    """
    room, _, key = code.partition(".")
    language = language or user_language()
    words = {name: counted(room, name, value, language) if isinstance(value, Mapping) else value for name, value in params.items()}
    return catalogue(room)[key][language].format(**words)


def counted(room: str, name: str, counts: Mapping[str, object], language: str) -> str:
    """Return an enumeration of things with their numbers: each thing is the code ``<name>_<thing>`` of the room.

    >>> counted("privacy", "kinds", {"person": 2, "place": 1}, "en")
    'person 2, place 1'
    """
    return ", ".join(f"{catalogue(room)[f'{name}_{thing}'][language]} {number}" for thing, number in counts.items())
