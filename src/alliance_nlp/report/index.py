"""The page of a whole folder, and the files that go with it: dyads' pages, tables, figures.

In: summaries (small, so that thousands of sessions need not be held in memory).  Out: texts by relative path;
writing them is the work of ``batch``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.report.canvas import svg
from alliance_nlp.report.corpus import CorpusPage, corpus_page
from alliance_nlp.report.corpus_wording import CorpusWording
from alliance_nlp.report.dyad import render_dyad
from alliance_nlp.report.page import render_html
from alliance_nlp.report.sections import Figure, Section
from alliance_nlp.report.summary import SessionSummary
from alliance_nlp.report.tables import Table

INDEX, DYADS, TABLES, FIGURES = "index.html", "dyads", "tables", "figures"
PAGE_ROWS = 100  # sessions shown at a time: more slow a browser down, fewer are tiresome


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """The files of a corpus report: ``texts`` by path relative to the folder, ``figures`` that may also be PNG."""

    texts: Mapping[str, str]
    figures: tuple[Figure, ...]


def render_index(
    summaries: Iterable[SessionSummary],
    *,
    failures: Sequence[tuple[str, str]] = (),
    language: str = "fr",
    model_facts: Mapping[str, Any] | None = None,
) -> str:
    """Return the folder's page alone, without links to other files than the sessions' pages.

    ``failures`` are (file, reason) pairs, the reason in the page's language.
    """
    wording = CorpusWording(language)
    page = corpus_page(tuple(summaries), wording, failures=failures, model_facts=model_facts)
    return _render(page, wording, links=False, png=False)


def corpus_report(
    summaries: Iterable[SessionSummary],
    *,
    failures: Sequence[tuple[str, str]] = (),
    language: str = "fr",
    model_facts: Mapping[str, Any] | None = None,
    png: bool = False,
) -> CorpusReport:
    """Return all files of the corpus report; ``png`` tells whether PNG figures will be written beside the SVG."""
    wording = CorpusWording(language)
    page = corpus_page(tuple(summaries), wording, failures=failures, model_facts=model_facts)
    parts = [*page.sections, *(part for dyad in page.dyads for part in (dyad.course, dyad.dips))]
    figures = tuple(part.figure for part in parts if part.figure)
    texts = {INDEX: _render(page, wording, links=True, png=png)}
    for dyad in page.dyads:
        texts[f"{DYADS}/{dyad.stem}.html"] = render_dyad(dyad, wording=wording, links=True, png=png)
    for table in (*_tables(parts), *page.extra_tables):
        texts[f"{TABLES}/{table.name}.csv"] = table.as_csv()
    for figure in figures:
        texts[f"{FIGURES}/{figure.name}.svg"] = str(svg(figure.drawing, alone=True))
    texts[f"{FIGURES}/captions.txt"] = "".join(f"{figure.name}\n{figure.caption}\n\n" for figure in figures)
    return CorpusReport(texts, figures)


def _tables(parts: Sequence[Section]) -> list[Table]:
    return [table for part in parts for table in part.tables]


def _render(page: CorpusPage, wording: CorpusWording, *, links: bool, png: bool) -> str:
    return render_html(
        "index.html.j2", wording=wording, extra="corpus", page=page, svg=svg, links=links, png=png, page_rows=PAGE_ROWS
    )
