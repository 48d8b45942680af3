"""A corpus check as text for a terminal."""

from __future__ import annotations

from alliance_nlp.corpus.check import Report
from alliance_nlp.corpus.stats import render_counts
from alliance_nlp.messages import render
from alliance_nlp.transcript import Notice

SHOWN = 100  # problems printed; `--json` gives all


def render_check(report: Report, language: str) -> str:
    """Return the counts, then what is wrong and what is still lacking."""
    lines = [render_counts(report.counts), ""]
    lines.append(render("corpus.pairs_counted", language, **{name: len(pairs) for name, pairs in report.pairs.items()}))
    lines.append("")
    lines.append(render("corpus.problems" if report.problems else "corpus.no_problem", language, count=len(report.problems)))
    lines += [f"  {place(notice)}{notice.message(language)}" for notice in report.problems[:SHOWN]]
    if report.short:
        lines += [render("corpus.short", language), *(f"  {notice.message(language)}" for notice in report.short)]
    return "\n".join(lines)


def place(notice: Notice) -> str:
    """Return ``file:line: `` as far as it is known."""
    parts = [notice.params.get("file"), notice.line]
    return "".join(f"{part}:" for part in parts if part is not None) + (" " if parts[0] else "")
