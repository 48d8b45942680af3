"""Reports alone, from session records: HTML (with the corpus report), Markdown, JSON, PDF."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alliance_nlp.batch.corpus_files import write_corpus_report
from alliance_nlp.batch.dyads import Dyads, group_by_dyad, page_links, same_dyad
from alliance_nlp.batch.inputs import InputFile
from alliance_nlp.batch.outputs import prepare_folder, write_if_changed
from alliance_nlp.batch.pdf import find_chromium, print_pdf
from alliance_nlp.errors import StoreError
from alliance_nlp.file_names import file_name
from alliance_nlp.formats import read_bytes
from alliance_nlp.patterns import dyad_session
from alliance_nlp.report import render_markdown, render_session, report_data, summarise
from alliance_nlp.statistics import Sample
from alliance_nlp.transcript import Transcript


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """What shapes the reports beside the sessions: ``formats`` of html, md, json; ``pdf`` prints the html too."""

    formats: tuple[str, ...] = ("html",)
    language: str = "fr"
    with_text: bool = True
    pdf: bool = False
    model_facts: Mapping[str, Any] | None = None
    sample: Sample | None = None  # the plan by which turns were checked


@dataclass(slots=True)
class _Sources:
    """The files, read as often as asked; standard input, which can be read once, is kept."""

    inputs: Sequence[InputFile]
    kept: dict[str, bytes] = field(default_factory=dict)

    def sessions(self) -> Iterator[tuple[InputFile, Transcript]]:
        for item in self.inputs:
            if item.path is None and item.name not in self.kept:
                self.kept[item.name] = item.read()
            data = self.kept[item.name] if item.path is None else item.read()
            for session in read_bytes(data, item.name):
                yield item, session


def write_reports(inputs: Sequence[InputFile], out: Path, settings: ReportSettings) -> list[Path]:
    """Write ``out/reports/<session_id>.<format>`` for every session of ``inputs``, and the corpus report for html.

    Files are read twice: first for the few numbers that a later session of the same dyad is set beside, so that no
    more than one file's sessions are held.  Raises TranscriptFormatError for a file that cannot be read, StoreError
    when two sessions have one name, ConfigError when a PDF is asked for and no browser is there, or when the sessions are
    not those of the plan.
    """
    chromium = find_chromium() if settings.pdf else None
    prepare_folder(out)
    sources = _Sources(inputs)
    if settings.sample is not None:
        settings.sample.check(session for _, session in sources.sessions())
    dyads = group_by_dyad(dyad_session(session) for _, session in sources.sessions())
    written: dict[Path, str] = {}
    summaries = []
    for item, session in sources.sessions():
        base = out / "reports" / file_name(session.session_id)
        for suffix, text in _render(session, settings, dyads):
            path = base.with_name(f"{base.name}.{suffix}")
            if path in written:
                raise StoreError("batch.same_name", file=item.name, given=session.session_id)
            write_if_changed(path, text)
            written[path] = session.session_id
        if chromium is not None:
            pdf = base.with_name(f"{base.name}.pdf")
            _print(session, settings, dyads, pdf, chromium)
            written[pdf] = session.session_id
        summaries.append(summarise(session, link=f"reports/{base.name}.html", sample=settings.sample))
    if "html" in settings.formats:
        write_corpus_report(out, summaries, language=settings.language, model_facts=settings.model_facts, png=True)
    return list(written)


def _render(session: Transcript, settings: ReportSettings, dyads: Dyads) -> Iterator[tuple[str, str]]:
    for suffix in settings.formats:
        yield suffix, RENDERERS[suffix](session, settings, dyads)


def _html(session: Transcript, settings: ReportSettings, dyads: Dyads) -> str:
    earlier = same_dyad(session, dyads)
    return render_session(session, links=page_links(earlier), **_options(session, settings, dyads))


def _markdown(session: Transcript, settings: ReportSettings, dyads: Dyads) -> str:
    return render_markdown(session, **_options(session, settings, dyads))


def _json(session: Transcript, settings: ReportSettings, dyads: Dyads) -> str:
    return json.dumps(report_data(session, **_options(session, settings, dyads)), ensure_ascii=False, indent=1)


def _options(session: Transcript, settings: ReportSettings, dyads: Dyads) -> dict[str, Any]:
    return {
        "language": settings.language,
        "model_facts": settings.model_facts,
        "earlier": same_dyad(session, dyads),
        "with_text": settings.with_text,
    }


RENDERERS: Mapping[str, Callable[[Transcript, ReportSettings, Dyads], str]] = {
    "html": _html,
    "md": _markdown,
    "json": _json,
}


def _print(session: Transcript, settings: ReportSettings, dyads: Dyads, pdf: Path, chromium: str) -> None:
    """Print the session's page; one that is not asked for is written beside the PDF and deleted afterwards."""
    page = pdf.with_suffix(".html")
    if "html" in settings.formats:
        print_pdf(page, pdf, chromium=chromium)
        return
    page = pdf.with_name(f"{pdf.stem}.partial.html")
    write_if_changed(page, _html(session, settings, dyads))
    try:
        print_pdf(page, pdf, chromium=chromium)
    finally:
        page.unlink()
