"""The corpus report on disk: ``index.html``, ``dyads/``, ``tables/``, ``figures/``; what is no longer in it goes.

In: summaries of sessions.  Out: files, each whole or not at all; unchanged ones keep their date.  The file
``.corpus.json`` lists what was written, so that a later run deletes its own leftovers and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from alliance_nlp.batch.outputs import write_bytes, write_if_changed
from alliance_nlp.report import CorpusReport, SessionSummary, corpus_report
from alliance_nlp.report.figures import png_available, png_bytes

LIST = ".corpus.json"


def write_corpus_report(
    out: Path,
    summaries: Iterable[SessionSummary],
    *,
    failures: Sequence[tuple[str, str]] = (),
    language: str = "fr",
    model_facts: Mapping[str, Any] | None = None,
    png: bool = False,
) -> list[str]:
    """Write the corpus report of these sessions below ``out`` and return the relative paths.

    ``png``: figures as PNG too, when matplotlib is installed (about a third of a second each).
    """
    png = png and png_available()
    report = corpus_report(summaries, failures=failures, language=language, model_facts=model_facts, png=png)
    redrawn = {path for path, text in report.texts.items() if write_if_changed(out / path, text)}
    written = [*report.texts, *(_write_pngs(out, report, redrawn) if png else ())]
    _drop_leftovers(out, written)
    write_if_changed(out / LIST, json.dumps(sorted(written), ensure_ascii=False, indent=1) + "\n")
    return written


def _write_pngs(out: Path, report: CorpusReport, redrawn: set[str]) -> list[str]:
    """Write the PNG of each figure whose SVG changed or whose PNG is not there."""
    paths = []
    for figure in report.figures:
        name = f"figures/{figure.name}.png"
        paths.append(name)
        if f"figures/{figure.name}.svg" in redrawn or not (out / name).is_file():
            write_bytes(out / name, png_bytes(figure.drawing))
    return paths


def drop_corpus_report(out: Path) -> None:
    """Delete the corpus report that an earlier run wrote below ``out``, if any."""
    _drop_leftovers(out, ())
    (out / LIST).unlink(missing_ok=True)


def _drop_leftovers(out: Path, written: Sequence[str]) -> None:
    """Delete the files of an earlier corpus report that this one does not hold."""
    try:
        earlier = json.loads((out / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return  # no readable list: nothing is known to be ours
    kept = {*written}
    for name in earlier if isinstance(earlier, list) else ():
        path = out / str(name)
        if name not in kept and path.resolve().is_relative_to(out.resolve()):
            path.unlink(missing_ok=True)
