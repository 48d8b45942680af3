"""From a template and its context to one self-contained HTML page, or to Markdown.

Everything printed by a template is escaped; style and script are put into the page and named by their hash in
its content-security policy, so that nothing else in it can run, not even by mistake.  Nothing is fetched.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from alliance_nlp.labels import default_label_set
from alliance_nlp.report.excerpts import ELLIPSIS, readable
from alliance_nlp.report.numbering import turn_anchor, turn_number
from alliance_nlp.report.wording import Wording

MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~])")
# Shapes as characters, for the folder's page: its thousands of rows would open half as fast with drawings.
SIGNS = {"diamond": "◆", "square": "■", "circle": "●", "triangle-up": "▲", "triangle-down": "▼", "cross": "✚"}
LINE_BREAKS = re.compile(r"[\r\n\u2028\u2029]+")


def render_html(
    template: str, *, wording: Wording, extra: str | None = None, page_head: str = "", **context: Any
) -> str:
    """Return the page of ``templates/<template>`` with its style, script and policy.

    ``extra`` names a style sheet and a script beside the session page's: ``static/<extra>.css`` and ``.js``; ``page_head`` stands at
    the top of each printed sheet.
    """
    style, script = page_style(wording) + print_head(page_head), _static("static/report.js")
    if extra:
        style, script = style + _static(f"static/{extra}.css"), script + _static(f"static/{extra}.js")
    policy = (
        f"default-src 'none'; style-src '{source_hash(style)}'; script-src '{source_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        _html_environment()
        .get_template(template)
        .render(
            w=wording,
            label_set=default_label_set(),
            policy=Markup(policy),  # made of constants and hashes
            style=Markup(style),  # our own file and the colours of labels.toml
            script=Markup(script),  # our own file
            **context,
        )
    )


def render_text(template: str, *, wording: Wording, **context: Any) -> str:
    """Return the Markdown of ``templates/<template>``; what it prints is escaped to read as typed."""
    return (
        _markdown_environment()
        .get_template(template)
        .render(w=wording, label_set=default_label_set(), **context)
    )


def source_hash(text: str) -> str:
    """Return the hash by which a content-security policy allows one style or script element."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def print_head(text: str) -> str:
    """Return the rule that prints ``text`` above each sheet, written so that no text can end the string it is in."""
    if not text:
        return ""
    codes = "".join(f"\\{ord(character):06x}" for character in readable(text))
    return f'@page {{ @top-left {{ content: "{codes}"; font: 8pt "Liberation Sans", Arial, sans-serif; color: #525d66; }} }}\n'


@cache
def page_style(wording: Wording) -> str:
    """Return the style sheet: the file, each label's colours, the printed page's foot."""
    return _static("static/report.css") + _static("static/session.css") + _html_environment().get_template("labels.css.j2").render(
        label_set=default_label_set(),
        foot=Markup(wording.say("print_foot")),  # our own sentence
    )


@cache
def _static(path: str) -> str:
    return resources.files(__package__).joinpath(path).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _html_environment() -> Environment:
    return _environment(printable)


@lru_cache(maxsize=1)
def _markdown_environment() -> Environment:
    return _environment(_escape_markdown)


def _environment(finalize: Callable[[object], object]) -> Environment:
    """Return an environment in which every value passes ``finalize`` and is escaped unless already safe."""
    environment = Environment(
        loader=PackageLoader("alliance_nlp.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
    )
    environment.globals.update(anchor=turn_anchor, number=turn_number)
    environment.filters.update(shorten=shorten, capitalise=capitalise, sign=SIGNS.__getitem__)
    return environment


def printable(value: object) -> object:
    """Return text with the characters that no page can hold replaced; Markup (a macro's output) passes."""
    return readable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _escape_markdown(value: object) -> object:
    """Return text as one line in which nothing is Markdown or HTML; Markup (a macro's output) passes."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    line = LINE_BREAKS.sub(" ", readable(value))
    return Markup(MARKDOWN_SPECIAL.sub(r"\\\1", line))  # escaped on this very line


def shorten(text: str, length: int) -> str:
    """Return at most ``length`` characters, the last one « … » when some are left out."""
    return text if len(text) <= length else text[: length - 1].rstrip() + ELLIPSIS


def capitalise(text: str) -> str:
    """Return the text with a capital first letter; the others stay (``str.capitalize`` lowers them)."""
    return text[:1].upper() + text[1:]
