"""The page of a whole folder: one row a session, the totals, and the files that could not be read.

In: summaries (small, so that thousands of sessions need not be held in memory).  Out: one HTML document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from alliance_nlp.labels import default_label_set
from alliance_nlp.patterns import session_patterns
from alliance_nlp.report.context import SHOWN_METADATA, is_machine_read, model_names
from alliance_nlp.report.facts import read_facts
from alliance_nlp.report.page import render_html
from alliance_nlp.report.wording import Wording
from alliance_nlp.transcript import Notice, Speaker, Transcript


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One session's row.  ``counts`` holds turns by label and type; ``link`` is relative to this page."""

    session_id: str
    metadata: Mapping[str, Any]
    speakers: tuple[Speaker, ...]
    turns: int
    words: int
    counts: Mapping[str, int]
    doubtful: int
    machine_read: bool
    models: tuple[str, ...]
    warnings: tuple[Notice, ...]
    link: str | None = None

    @property
    def address(self) -> str | None:
        """The link as an address: a file name may hold accents, spaces or ``#``."""
        return None if self.link is None else quote(self.link, safe="/")


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all sessions of the page."""

    sessions: int
    turns: int
    words: int
    counts: Mapping[str, int]
    doubtful: int
    warnings: int


def summarise(transcript: Transcript, *, link: str | None = None) -> SessionSummary:
    """Return a session's row; ``link`` is the relative path of its page, not yet escaped."""
    patterns = session_patterns(transcript)
    machine_read = is_machine_read(transcript)
    talking = {part.speaker for part in patterns.talk if part.turns}
    return SessionSummary(
        session_id=transcript.session_id,
        metadata={key: transcript.metadata[key] for key in SHOWN_METADATA if key in transcript.metadata},
        speakers=tuple(speaker for speaker in transcript.speakers if speaker.id in talking),
        turns=patterns.turns,
        words=patterns.words,
        counts={count.name: count.total for count in patterns.counts},
        doubtful=len(patterns.doubtful),
        machine_read=machine_read,
        models=model_names(transcript, read_facts(None)) if machine_read else (),
        warnings=transcript.warnings,
        link=link,
    )


def render_index(
    summaries: Iterable[SessionSummary],
    *,
    failures: Sequence[tuple[str, str]] = (),
    language: str = "fr",
    model_facts: Mapping[str, Any] | None = None,
) -> str:
    """Return the folder's page; ``failures`` are (file, reason) pairs, the reason in its language."""
    rows = tuple(summaries)
    facts = read_facts(model_facts)
    named = {name for row in rows for name in row.models} or ({facts.name} if facts.name else set())
    return render_html(
        "index.html.j2",
        wording=Wording(language),
        rows=rows,
        totals=total(rows),
        failures=tuple(failures),
        facts=facts,
        models=sorted(named),
        machine_read=any(row.machine_read for row in rows),
        with_number=any(row.metadata.get("session_number") not in (None, "") for row in rows),
    )


def total(rows: Sequence[SessionSummary]) -> Totals:
    """Return the sums over sessions."""
    return Totals(
        sessions=len(rows),
        turns=sum(row.turns for row in rows),
        words=sum(row.words for row in rows),
        counts={name: sum(row.counts.get(name, 0) for row in rows) for name in default_label_set().outputs},
        doubtful=sum(row.doubtful for row in rows),
        warnings=sum(len(row.warnings) for row in rows),
    )
