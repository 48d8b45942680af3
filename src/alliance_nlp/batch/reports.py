"""Reports alone, from session records: HTML (with the corpus report), Markdown, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from alliance_nlp.batch.corpus_files import write_corpus_report
from alliance_nlp.batch.inputs import InputFile
from alliance_nlp.batch.outputs import file_name, prepare_folder, write_if_changed
from alliance_nlp.errors import StoreError
from alliance_nlp.formats import read_bytes
from alliance_nlp.report import render_markdown, render_session, report_data, summarise
from alliance_nlp.transcript import Transcript


def write_reports(
    inputs: Sequence[InputFile], out: Path, formats: Sequence[str], *, model_facts: Mapping[str, Any] | None = None
) -> list[Path]:
    """Write ``out/reports/<session_id>.<format>`` for every session of ``inputs``, and the corpus report for html.

    Raises TranscriptFormatError for a file that cannot be read, StoreError when two sessions have one name.
    """
    prepare_folder(out)
    renderers: dict[str, Callable[[Transcript], str]] = {
        "html": lambda session: render_session(session, model_facts=model_facts),
        "md": lambda session: render_markdown(session, model_facts=model_facts),
        "json": lambda session: json.dumps(report_data(session, model_facts=model_facts), ensure_ascii=False, indent=1),
    }
    written: dict[Path, str] = {}
    summaries = []
    for item in inputs:
        for session in read_bytes(item.read(), item.name):
            name = file_name(session.session_id)
            for suffix in formats:
                path = out / "reports" / f"{name}.{suffix}"
                if path in written:
                    raise StoreError("batch.same_name", file=item.name, given=session.session_id)
                write_if_changed(path, renderers[suffix](session))
                written[path] = session.session_id
            summaries.append(summarise(session, link=f"reports/{name}.html"))
    if "html" in formats:
        write_corpus_report(out, summaries, model_facts=model_facts, png=True)
    return list(written)
