"""What may still identify somebody in a transcript: patterns and name lists, with spaCy's entities when installed.

In: a transcript.  Out: findings by place and kind, never their text.  It misses things; it does not anonymise.
"""

from __future__ import annotations

from typing import Any

from alliance_nlp.privacy.contacts import find_contacts
from alliance_nlp.privacy.findings import Finding, Hit, Kind, PrivacyReport, Severity, without_overlaps
from alliance_nlp.privacy.official import find_official
from alliance_nlp.privacy.organisations import find_organisations
from alliance_nlp.privacy.passage import read_passage
from alliance_nlp.privacy.persons import find_persons
from alliance_nlp.privacy.places import find_places
from alliance_nlp.privacy.spacy_engine import find_entities, load_pipeline, needs_entities, pipeline_name
from alliance_nlp.privacy.word_lists import is_also_a_word, is_first_name, is_surname
from alliance_nlp.transcript import Notice, Span, Transcript

__all__ = ["Finding", "Kind", "PrivacyReport", "Severity", "engine_name", "scan", "warn"]

LISTS_ALONE = "patterns+lists"
FINDERS = (find_contacts, find_official, find_persons, find_places, find_organisations)


def engine_name() -> str:
    """Return what would search: ``patterns+lists``, with the name of spaCy's pipeline when one is installed."""
    name = pipeline_name()
    return LISTS_ALONE if name is None else f"{LISTS_ALONE}+{name}"


def scan(transcript: Transcript, *, nlp: Any = None) -> PrivacyReport:
    """Search every turn; ``nlp`` is a spaCy pipeline (default: the installed French one, if any)."""
    passages = [read_passage(turn.text) for turn in transcript.turns]
    recogniser = nlp if nlp is not None else load_pipeline() if any(map(needs_entities, passages)) else None
    hits: list[list[Hit]] = [[hit for find in FINDERS for hit in find(passage)] for passage in passages]
    if recogniser is not None:
        hits = [a + b for a, b in zip(hits, find_entities(passages, recogniser), strict=True)]
    findings = tuple(
        Finding(hit.kind.value, turn.index, turn.line, Span(hit.start, hit.end), hit.rule, hit.severity.value)
        for turn, found in zip(transcript.turns, hits, strict=True)
        for hit in without_overlaps(found)
    )
    named = tuple(speaker.id for speaker in transcript.speakers if is_full_name(speaker.id))
    return PrivacyReport(findings, engine_name() if nlp is None else LISTS_ALONE + "+nlp", named)


def is_full_name(label: str) -> bool:
    """True for a speaker label such as « Julie Martin »: two words, one of them a listed name."""
    words = read_passage(label).words
    names = [w for w in words if w.capital and not is_also_a_word(w.text)]
    return len(names) >= 2 and any(is_first_name(w.text) or is_surname(w.text) for w in names)


def warn(report: PrivacyReport) -> Notice | None:
    """Return the warning that a record gets, with counts by kind, or None when nothing serious was found."""
    if not report.needs_a_person:
        return None
    kinds = report.counts() | ({"speaker_label": len(report.named_speakers)} if report.named_speakers else {})
    total = sum(kinds.values())
    return Notice("privacy.found", params={"count": total, "kinds": kinds})
