"""An ELAN file (``.eaf``, formats 2.x and 3.0) as data: tiers with their annotations, times and vocabularies resolved.

In: the root element.  Out: a :class:`Document`.  Media paths are never kept: they name people.  Source: « ELAN
Annotation Format », Max Planck Institute for Psycholinguistics (time slots without a value, stereotypes of tiers,
CV_REF / CVE_REF).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from alliance_nlp.formats.oral import filled, time_s

# Seconds in one unit of TIME_UNITS.
_UNITS = {"milliseconds": 0.001, "PAL-frames": 0.04, "PAL-50-frames": 0.02, "NTSC-frames": 1001 / 30000}
MAX_DEPTH = 32  # no hierarchy of tiers is deeper; a circle of references ends here
# The types of the tiers that we write: turns, evidence, the rest of each turn's record, what is said to people.
TURN_TYPE, EVIDENCE_TYPE, DATA_TYPE, NOTE_TYPE = "alliance-turn", "alliance-evidence", "alliance-data", "alliance-note"
OVERLAPPING = 16  # stretches of talk that may have begun before and still go on: more people never speak at once
MAX_SPANNED = 500  # turns that one label may span; the longest of them is marked
_NOBODY = frozenset({"", "[none]", "none", "-"})


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation: its value as typed, its own times, its place in order, and what it hangs on.

    ``start_s``, ``end_s`` are None where the time slot has no value; ``order`` (start, then place within the parent)
    is always there.  ``parent`` is the id of the annotation it refers to.
    """

    id: str
    value: str
    start_s: float | None
    end_s: float | None
    order: tuple[float, ...]
    line: int
    parent: str | None = None
    is_coded: bool = False


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier: its names, the stereotype of its type (None for a top tier), whether its type has a vocabulary."""

    id: str
    type: str
    stereotype: str | None = None
    participant: str | None = None
    annotator: str | None = None
    parent: str | None = None
    language: str | None = None
    has_vocabulary: bool = False
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The file: tiers in file order, the header's properties, its author."""

    tiers: tuple[Tier, ...]
    properties: Mapping[str, str] = field(default_factory=dict)
    author: str = ""

    def by_id(self) -> dict[str, Tier]:
        """Return the tiers by their id."""
        return {tier.id: tier for tier in self.tiers}

    def annotations(self) -> dict[str, Annotation]:
        """Return all annotations by their id."""
        return {annotation.id: annotation for tier in self.tiers for annotation in tier.annotations}


@dataclass(frozen=True, slots=True)
class _Tables:
    """What annotations refer to: slots, types with their stereotype and vocabulary, entries of vocabularies."""

    slots: Mapping[str, float | None]
    types: Mapping[str, etree._Element]
    entries: Mapping[tuple[str, str], str]


def parse_document(root: etree._Element) -> Document:
    """Return the content of an ``ANNOTATION_DOCUMENT``."""
    tables = _Tables(_slots(root), {item.get("LINGUISTIC_TYPE_ID", ""): item for item in root.iter("LINGUISTIC_TYPE")}, _entries(root))
    tiers = [_tier(element, tables) for element in root.iter("TIER")]
    return Document(
        tiers=tuple(_placed(tiers)),
        properties={item.get("NAME", ""): item.text or "" for item in root.iter("PROPERTY")},
        author=root.get("AUTHOR", ""),
    )


def _slots(root: etree._Element) -> dict[str, float | None]:
    header = root.find("HEADER")
    unit_s = _UNITS.get(header.get("TIME_UNITS", "") if header is not None else "", 0.001)
    return {slot.get("TIME_SLOT_ID", ""): time_s(slot.get("TIME_VALUE"), unit_s=unit_s) for slot in root.iter("TIME_SLOT")}


def _entries(root: etree._Element) -> dict[tuple[str, str], str]:
    """Return the entries of controlled vocabularies by vocabulary and entry id; ids come back in every vocabulary."""
    entries = {}
    for vocabulary in root.iter("CONTROLLED_VOCABULARY"):
        for entry in vocabulary.iter("CV_ENTRY_ML", "CV_ENTRY"):
            value = next((item.text for item in entry.iter("CVE_VALUE") if item.text), entry.text)
            entries[vocabulary.get("CV_ID", ""), entry.get("CVE_ID", "")] = value or ""
    return entries


def _tier(element: etree._Element, tables: _Tables) -> Tier:
    type_id = element.get("LINGUISTIC_TYPE_REF", "")
    kind = tables.types.get(type_id)
    vocabulary = kind.get("CONTROLLED_VOCABULARY_REF") if kind is not None else None
    participant = (element.get("PARTICIPANT") or "").strip()
    return Tier(
        id=element.get("TIER_ID", ""),
        type=type_id,
        stereotype=kind.get("CONSTRAINTS") if kind is not None else None,
        participant=None if participant.casefold() in _NOBODY else participant,
        annotator=(element.get("ANNOTATOR") or "").strip() or None,
        parent=element.get("PARENT_REF") or None,
        language=element.get("LANG_REF") or element.get("DEFAULT_LOCALE") or None,
        has_vocabulary=vocabulary is not None,
        annotations=tuple(_annotations(element, tables, vocabulary or "")),
    )


def _annotations(tier: etree._Element, tables: _Tables, vocabulary: str) -> list[Annotation]:
    """Return a tier's annotations, each with a place in order even where a slot has no value."""
    elements = [item for item in tier.iter("ALIGNABLE_ANNOTATION", "REF_ANNOTATION")]
    aligned = [item for item in elements if item.tag == "ALIGNABLE_ANNOTATION"]
    times = [tables.slots.get(item.get(key, "")) for item in aligned for key in ("TIME_SLOT_REF1", "TIME_SLOT_REF2")]
    order = iter(filled(times)[::2])
    own = iter(zip(times[::2], times[1::2]))
    found = []
    for rank, item in zip(_ranks(elements), elements):
        is_aligned = item.tag == "ALIGNABLE_ANNOTATION"
        start_s, end_s = next(own) if is_aligned else (None, None)
        key = (next(order),) if is_aligned else (rank,)
        found.append(_annotation(item, tables, vocabulary, (start_s, end_s), key))
    return found


def _annotation(
    item: etree._Element, tables: _Tables, vocabulary: str, times: tuple[float | None, float | None], order: tuple[float, ...]
) -> Annotation:
    entry = item.get("CVE_REF")
    value = item.findtext("ANNOTATION_VALUE") or ""
    if entry and not value.strip():
        value = tables.entries.get((vocabulary, entry), "")
    start_s, end_s = times
    backwards = start_s is not None and end_s is not None and end_s < start_s
    return Annotation(
        id=item.get("ANNOTATION_ID", ""),
        value=value,
        start_s=start_s,
        end_s=None if backwards else end_s,
        order=order,
        line=item.sourceline or 1,
        parent=item.get("ANNOTATION_REF"),
        is_coded=entry is not None,
    )


# ---------------------------------------------------------------------------------------- by time


@dataclass(frozen=True, slots=True)
class Shelf:
    """Annotations in order of their start, to find those that share time with another."""

    items: Sequence[Annotation]
    starts: Sequence[float]

    @classmethod
    def of(cls, items: Iterable[Annotation]) -> Shelf:
        """Return a shelf of the annotations that have both times."""
        kept = sorted((item for item in items if item.start_s is not None and item.end_s is not None), key=lambda item: item.start_s or 0.0)
        return cls(kept, [item.start_s or 0.0 for item in kept])

    def nearest(self, other: Annotation) -> str | None:
        """Return the id of the annotation that shares most time with ``other``, None when none does."""
        if other.start_s is None or other.end_s is None:
            return None
        first = max(bisect_right(self.starts, other.start_s) - OVERLAPPING, 0)
        best, longest = None, 0.0
        for item in self.items[first : first + OVERLAPPING + MAX_SPANNED]:
            if (item.start_s or 0.0) >= other.end_s:
                break
            shared = min(item.end_s or 0.0, other.end_s) - max(item.start_s or 0.0, other.start_s)
            if shared > longest:
                best, longest = item.id, shared
        return best


# ---------------------------------------------------------------------------------------- references


def chain_of(annotation: Annotation, known: Mapping[str, Annotation]) -> list[Annotation]:
    """Return what ``annotation`` hangs on, the nearest first, itself left out."""
    chain: list[Annotation] = []
    while annotation.parent is not None and annotation.parent in known and len(chain) < MAX_DEPTH:
        annotation = known[annotation.parent]
        chain.append(annotation)
    return chain


def _placed(tiers: list[Tier]) -> list[Tier]:
    """Give referring annotations the times and the order of what they hang on, at whatever depth."""
    known = {item.id: item for tier in tiers for item in tier.annotations}
    return [
        replace(tier, annotations=tuple(sorted((_under(item, known) for item in tier.annotations), key=lambda item: item.order)))
        for tier in tiers
    ]


def _under(item: Annotation, known: Mapping[str, Annotation]) -> Annotation:
    chain = chain_of(item, known)
    if not chain:
        return item
    order = tuple(place for above in reversed(chain) for place in above.order) + item.order
    return replace(item, start_s=chain[-1].start_s, end_s=chain[-1].end_s, order=order)


def _ranks(elements: list[etree._Element]) -> list[float]:
    """Return the place of each annotation: in file order, or behind the one it names as PREVIOUS_ANNOTATION."""
    previous = {item.get("ANNOTATION_ID", ""): item.get("PREVIOUS_ANNOTATION") for item in elements}
    ranks: dict[str, float] = {}
    for place, start in enumerate(previous):
        waiting: list[str] = []
        key: str | None = start
        while key in previous and key not in ranks and key not in waiting[-1:] and len(waiting) <= len(previous):
            waiting.append(key or "")
            key = previous[key or ""]
        rank = ranks.get(key or "", float(place) - 1)
        for number, identity in enumerate(reversed(waiting), start=1):
            ranks[identity] = rank + number / (len(previous) + 1)
    return [ranks[item.get("ANNOTATION_ID", "")] for item in elements]
