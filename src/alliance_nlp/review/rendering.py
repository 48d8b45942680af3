"""From a template and its context to the review page's HTML, style and script.

Everything printed is escaped; characters that no page can hold are replaced.  The look is the report's: its sheet, its signs, its
colours of the labels.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from alliance_nlp.labels import default_label_set
from alliance_nlp.report.page import capitalise, page_style, printable, shorten
from alliance_nlp.review.words import KEYS, Words, choices


def render_page(template: str, *, words: Words, **context: Any) -> str:
    """Return a page or a part of one."""
    return _environment().get_template(template).render(**_shared(words), **context)


def render_turn(*, words: Words, **context: Any) -> str:
    """Return one turn as the session's page holds it; context: ``card``, ``key``, ``part``."""
    return _turn_template().render(**_shared(words), **context)


def _shared(words: Words) -> dict[str, Any]:
    return {"r": words, "w": words.report, "label_set": default_label_set(), "keys": KEYS, "choices": choices()}


@cache
def style_sheet() -> str:
    """Return the report's style sheet with this page's own after it."""
    return page_style(Words("fr").report) + _static("review.css")


@cache
def script() -> str:
    """Return the page's script."""
    return _static("review.js")


@cache
def icon() -> str:
    """Return the sign in the browser's tab."""
    return _static("icon.svg")


def _static(name: str) -> str:
    return resources.files(__package__).joinpath(f"static/{name}").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("alliance_nlp.review"), PackageLoader("alliance_nlp.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=printable,
    )
    environment.filters.update(shorten=shorten, capitalise=capitalise)
    return environment


@lru_cache(maxsize=1)
def _turn_template() -> Any:
    return _environment().from_string('{% import "said.html.j2" as s with context %}{{ s.turn(card) }}')
