"""What the search for identifying information gives back: where, of which kind, how serious; never the text itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from alliance_nlp.transcript import Span


class Kind(str, Enum):
    """What was found."""

    PERSON = "person"
    PLACE = "place"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    BIRTH_DATE = "birth_date"
    OFFICIAL_NUMBER = "official_number"
    IBAN = "iban"
    PLATE = "plate"
    ORGANISATION = "organisation"


class Severity(str, Enum):
    """How far it points at somebody: ``high`` by itself, ``medium`` with little else, ``low`` hardly at all."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """Return 2 for high, 1 for medium, 0 for low."""
        return {"high": 2, "medium": 1, "low": 0}[self.value]


@dataclass(frozen=True, slots=True)
class Hit:
    """One stretch ``[start, end)`` of one turn's text, in code points, found by one rule."""

    kind: Kind
    start: int
    end: int
    rule: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """A hit in its transcript: the turn's index, the line of the source, the span in the turn's text."""

    kind: str
    turn: int
    line: int | None
    span: Span
    rule: str
    severity: str = Severity.MEDIUM.value


@dataclass(frozen=True, slots=True)
class PrivacyReport:
    """All findings in order of the text, the engine that looked, and the speakers whose label is a full name."""

    findings: tuple[Finding, ...]
    engine: str
    named_speakers: tuple[str, ...] = ()

    @property
    def serious(self) -> tuple[Finding, ...]:
        """The findings that a person should look at: high and medium."""
        return tuple(finding for finding in self.findings if finding.severity != Severity.LOW.value)

    @property
    def needs_a_person(self) -> bool:
        """True when something may identify somebody."""
        return bool(self.serious or self.named_speakers)

    def counts(self) -> dict[str, int]:
        """Return how many serious findings there are of each kind, kinds in their usual order."""
        found = Counter(finding.kind for finding in self.serious)
        return {kind.value: found[kind.value] for kind in Kind if found[kind.value]}


def without_overlaps(hits: Iterable[Hit]) -> list[Hit]:
    """Return the hits in order of the text, one for each stretch: the most serious, else the longest."""
    chosen: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (-h.severity.rank, h.start - h.end, h.start, h.rule)):
        if all(hit.end <= other.start or other.end <= hit.start for other in chosen):
            chosen.append(hit)
    return sorted(chosen, key=lambda h: h.start)
