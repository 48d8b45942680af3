"""The page of one session, in HTML and in Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alliance_nlp.patterns import EPISODE_GAP
from alliance_nlp.report.context import session_page
from alliance_nlp.report.page import render_html, render_text
from alliance_nlp.report.wording import Wording
from alliance_nlp.transcript import Transcript


def render_session(
    transcript: Transcript,
    *,
    language: str = "fr",
    model_facts: Mapping[str, Any] | None = None,
    index_link: str | None = None,
) -> str:
    """Return a session's page: one HTML document that needs nothing else.

    ``model_facts`` is the model's ``metrics.json`` (see :mod:`alliance_nlp.report.facts`); ``index_link`` the
    relative address of the folder's page, when there is one.  ConfigError for a language without sentences.
    """
    wording = Wording(language)
    page = session_page(transcript, model_facts=model_facts)
    return render_html("session.html.j2", wording=wording, page=page, index_link=index_link, gap=EPISODE_GAP)


def render_markdown(
    transcript: Transcript, *, language: str = "fr", model_facts: Mapping[str, Any] | None = None
) -> str:
    """Return the same content as Markdown (CommonMark with tables)."""
    page = session_page(transcript, model_facts=model_facts)
    return render_text("session.md.j2", wording=Wording(language), page=page, gap=EPISODE_GAP)
