"""Label tiers of an ELAN file (« rupture/withdrawal@P », « Retrait », « tâche@Mme D. ») → markers on the talk.

In: label tiers and the annotations of talk.  Out: what each label annotation says, of which annotation of talk: the one
it hangs on, else the one of the tier's speaker that it shares most time with.  Evidence is looked up in the text; what
is not found there is a person's remark, kept as the marker's note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alliance_nlp.formats.coding import Code, code_of
from alliance_nlp.formats.elan_document import Annotation, Document, Shelf, Tier, chain_of
from alliance_nlp.formats.oral import plain
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Marker, Notice, Origin, OriginKind, Span

UNNAMED = "elan"  # who annotated, where neither the tier nor the document says


@dataclass(frozen=True, slots=True)
class Place:
    """An annotation of talk that labels may hang on: its tier, its speaker, its annotation."""

    tier: str
    speaker: str | None
    annotation: Annotation


@dataclass(frozen=True, slots=True)
class Label:
    """What one label annotation says: the code, who annotated (None: nobody named), the value as typed."""

    code: Code
    annotator: str | None
    value: str


@dataclass(slots=True)
class Labels:
    """The labels by the id of the annotation of talk they mark; how many have no type, and how many no talk."""

    of: dict[str, list[Label]] = field(default_factory=dict)
    untyped: int = 0
    loose: int = 0

    def notices(self) -> list[Notice]:
        """Return what a person should know of the labels that could not become markers."""
        found = []
        if self.untyped:
            found.append(Notice("oral.elan_untyped", params={"count": self.untyped}))
        if self.loose:
            found.append(Notice("oral.elan_loose_labels", params={"count": self.loose}))
        return found


def read_labels(document: Document, tiers: Sequence[Tier], places: Sequence[Place]) -> Labels:
    """Return the labels that ``tiers`` give to the talk at ``places``."""
    labels = Labels()
    known = document.annotations()
    by_id = {place.annotation.id: place for place in places}
    for tier in tiers:
        code = code_of(tier.id.split("@")[0])
        if code is None:
            continue
        if code.type is None and default_label_set()[code.label].types:
            labels.untyped += len(tier.annotations)
            continue
        own = Shelf.of(place.annotation for place in _of_speaker(tier, places))
        for item in tier.annotations:
            target = next((above.id for above in chain_of(item, known) if above.id in by_id), None) or own.nearest(item)
            if target is None:
                labels.loose += 1
            else:
                labels.of.setdefault(target, []).append(Label(code, tier.annotator, item.value))
    return labels


def _of_speaker(tier: Tier, places: Sequence[Place]) -> list[Place]:
    """Return the talk that the tier may speak of: its parent's, its speaker's, else everybody's."""
    names = {name for name in (tier.parent, tier.participant, tier.id.partition("@")[2].split("@")[0]) if name}
    own = [place for place in places if place.tier in names or place.speaker in names]
    return own or list(places)


# ---------------------------------------------------------------------------------------- markers


def annotator_of(origin: Origin) -> str:
    """Return the ANNOTATOR of a tier with markers of ``origin``: a person's code, or « model:NAME@VERSION ».

    >>> annotator_of(Origin(OriginKind.MODEL, "alliance-fr-small", "0.2"))
    'model:alliance-fr-small@0.2'
    """
    version = f"@{origin.version}" if origin.version is not None else ""
    return origin.name if origin.kind is OriginKind.HUMAN else f"{origin.kind.value}:{origin.name}{version}"


def origin_of(annotator: str | None, *, author: str) -> Origin:
    """Return who gave the markers of a tier: the reverse of ``annotator_of``; the document's author when nobody is named."""
    kind, colon, rest = (annotator or "").partition(":")
    if colon and kind in {other.value for other in OriginKind if other is not OriginKind.HUMAN}:
        name, _, version = rest.partition("@")
        return Origin(OriginKind(kind), name, version or None)
    return Origin(OriginKind.HUMAN, annotator or author.strip() or UNNAMED)


def markers_of(labels: Sequence[Label], text: str, *, author: str, added: bool = False) -> list[Marker]:
    """Return the markers that label annotations give to a turn.

    ``added``: they are not ours, so that what stands in a machine's tier was added by a person, the document's author.
    """
    taken: dict[tuple[Code, str | None], list[Span]] = {}
    markers = []
    for label in labels:
        origin = origin_of(label.annotator, author=author)
        if added and origin.kind is not OriginKind.HUMAN:
            origin = origin_of(None, author=author)
        span = find_span(text, label.value, taken.setdefault((label.code, label.annotator), []))
        remark = plain(label.value) if span is None else ""
        types = (label.code.type,) if label.code.type else ()
        spans = (span,) if span else ()
        markers.append(Marker(label.code.label, origin, types=types, spans=spans, extra={"note": remark} if remark else {}))
    return markers


def find_span(text: str, value: str, taken: list[Span]) -> Span | None:
    """Return where ``value`` stands in ``text``, the first place not ``taken`` yet; None when nowhere.

    Case, kinds of apostrophes and kinds of spaces do not count.
    """
    sought = _alike(value.strip())
    if not sought:
        return None
    whole = _alike(text)
    places = []
    start = whole.find(sought)
    while start >= 0:
        places.append(Span(start, start + len(sought)))
        start = whole.find(sought, start + len(sought))
    span = next((place for place in places if place not in taken), places[0] if places else None)
    if span is not None:
        taken.append(span)
    return span


_ALIKE: Mapping[int, str] = {ord("’"): "'", 0xA0: " ", 0x202F: " ", ord("\n"): " ", ord("\t"): " "}


def _alike(text: str) -> str:
    """Return ``text`` to compare by, character for character."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text.translate(_ALIKE))
