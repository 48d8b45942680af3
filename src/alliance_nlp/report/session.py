"""The page of one session, in HTML and in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alliance_nlp.patterns import (
    BEFORE_TURNS,
    EPISODE_GAP,
    FAMILIES,
    KERNEL_TURNS,
    MIN_PHASE,
    RETURN_TURNS,
    UPTAKE_TURNS,
    DyadSession,
    Uptake,
)
from alliance_nlp.report.context import session_page
from alliance_nlp.report.page import render_html, render_text
from alliance_nlp.report.wording import Wording
from alliance_nlp.transcript import Transcript

DEFINITIONS = {  # what the sentences of a page quote: windows in turns, and the order of closed sets
    "gap": EPISODE_GAP,
    "before": BEFORE_TURNS,
    "after": RETURN_TURNS,
    "uptake": UPTAKE_TURNS,
    "kernel": int(KERNEL_TURNS),
    "phase": MIN_PHASE,
    "families": tuple(FAMILIES),
    "uptakes": tuple(uptake.value for uptake in Uptake),
}


def render_session(
    transcript: Transcript,
    *,
    language: str = "fr",
    model_facts: Mapping[str, Any] | None = None,
    index_link: str | None = None,
    earlier: Sequence[DyadSession] = (),
    links: Mapping[str, str] | None = None,
    with_text: bool = True,
) -> str:
    """Return a session's page: one HTML document that needs nothing else.

    ``model_facts`` is the model's ``metrics.json`` (see :mod:`alliance_nlp.report.facts`); ``index_link`` the
    relative address of the folder's page, when there is one; ``earlier`` the counts of other sessions, of which
    those before this one in its dyad are shown, with the ``links`` to their pages by session id.  Without
    ``with_text`` no word of the session is in the page.  ConfigError for a language without sentences.
    """
    wording = Wording(language)
    page = session_page(transcript, model_facts=model_facts, earlier=earlier, links=links, with_text=with_text)
    head = wording.say("print_head", session=transcript.session_id)
    return render_html(
        "session.html.j2", wording=wording, page=page, index_link=index_link, page_head=head, **DEFINITIONS
    )


def render_markdown(
    transcript: Transcript,
    *,
    language: str = "fr",
    model_facts: Mapping[str, Any] | None = None,
    earlier: Sequence[DyadSession] = (),
    with_text: bool = True,
) -> str:
    """Return the same content as Markdown (CommonMark with tables)."""
    page = session_page(transcript, model_facts=model_facts, earlier=earlier, with_text=with_text)
    return render_text("session.md.j2", wording=Wording(language), page=page, **DEFINITIONS)
