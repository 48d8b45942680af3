"""The pages people read: one a session (HTML, Markdown, JSON) and one for the whole folder.

In: session records.  Out: text, the same bytes for the same record: no date, no path, nothing from the
network. Left out: writing files (``batch``, ``cli``) and any number that :mod:`alliance_nlp.patterns` does
not define.

    Transcript ─▶ patterns.session_patterns ─▶ context.session_page ─▶ templates ─▶ HTML · Markdown
                                          └──▶ data.report_data ─▶ JSON
    Transcript ─▶ summary.summarise ─▶ corpus.corpus_page ─▶ templates ─▶ index.html, dyads/, tables/, figures/
"""

from __future__ import annotations

from alliance_nlp.report.data import report_data
from alliance_nlp.report.index import CorpusReport, corpus_report, render_index
from alliance_nlp.report.numbering import turn_anchor, turn_number
from alliance_nlp.report.session import render_markdown, render_session
from alliance_nlp.report.summary import SessionSummary, summarise

__all__ = [
    "CorpusReport",
    "SessionSummary",
    "corpus_report",
    "render_index",
    "render_markdown",
    "render_session",
    "report_data",
    "summarise",
    "turn_anchor",
    "turn_number",
]
