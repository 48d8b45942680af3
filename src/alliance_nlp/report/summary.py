"""What the corpus pages keep of a session: numbers and names, no word of what was said.

In: an annotated transcript.  Out: :class:`SessionSummary`, small enough that thousands are held at once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from alliance_nlp.evaluation.likeness import is_left_unmarked
from alliance_nlp.patterns import session_patterns
from alliance_nlp.report.context import SHOWN_METADATA, is_machine_read, model_names
from alliance_nlp.report.facts import read_facts
from alliance_nlp.statistics import CheckedCounts, Sample, SessionCounts, count_checked, count_session
from alliance_nlp.transcript import Notice, Role, Speaker, Transcript, dyad_of

LONGEST_LEVEL = 60  # characters: a longer metadata value is a description, not the name of a group


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One session's row.  ``counts`` holds turns by label and type; ``link`` is relative to the corpus page.

    ``tally`` and ``checks`` are what the statistics need: turns by label and side, and what people checked.
    ``outcomes`` counts rupture episodes by outcome.
    """

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
    tally: SessionCounts
    checks: CheckedCounts
    link: str | None = None
    outcomes: Mapping[str, int] = field(default_factory=dict)
    left_unmarked: bool = False  # it does not sound like psychotherapy: listed, never counted in a rate

    @property
    def address(self) -> str | None:
        """The link as an address: a file name may hold accents, spaces or ``#``."""
        return None if self.link is None else quote(self.link, safe="/")

    @property
    def dyad(self) -> str | None:
        """The dyad's code, None when the record gives none."""
        return dyad_of(self.metadata)

    @property
    def unknown_roles(self) -> bool:
        """True when a speaker who talks has no known role: sides cannot be told apart."""
        return any(speaker.role is Role.UNKNOWN for speaker in self.speakers)


def summarise(transcript: Transcript, *, link: str | None = None, sample: Sample | None = None) -> SessionSummary:
    """Return a session's row; ``link`` is the relative path of its page, not yet escaped; ``sample``: how checked turns were drawn."""
    patterns = session_patterns(transcript)
    metadata = short_metadata(transcript.metadata)
    brief = dataclasses.replace(transcript, metadata=metadata)
    machine_read = is_machine_read(transcript)
    talking = {part.speaker for part in patterns.talk if part.turns}
    outcomes = [episode.outcome.value for episode in patterns.episodes]
    return SessionSummary(
        session_id=transcript.session_id,
        metadata=metadata,
        speakers=tuple(speaker for speaker in transcript.speakers if speaker.id in talking),
        turns=patterns.turns,
        words=patterns.words,
        counts={count.name: count.total for count in patterns.counts},
        doubtful=len(patterns.doubtful),
        machine_read=machine_read,
        models=model_names(transcript, read_facts(None)) if machine_read else (),
        warnings=transcript.warnings,
        tally=count_session(brief),
        checks=count_checked(brief) if sample is None else count_checked(brief, checked=sample.chances, inclusion=sample.chances),
        link=link,
        outcomes={value: outcomes.count(value) for value in dict.fromkeys(outcomes)},
        left_unmarked=is_left_unmarked(transcript),
    )


def short_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return what names a session or may name its group: short texts, whole numbers, yes or no."""

    def short(value: Any) -> bool:
        return isinstance(value, (bool, int)) or (isinstance(value, str) and len(value) <= LONGEST_LEVEL)

    return {key: value for key, value in metadata.items() if key in SHOWN_METADATA or short(value)}
