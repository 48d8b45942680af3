"""ELAN files (``.eaf``) → one draft, or the session as it was when the file is one of ours.

In: the bytes of a file.  Out: an utterance for each annotation of talk; label tiers become human markers.  Dependent
tiers (words, glosses, translations, comments) go to the utterance's ``extra["elan"]``, other tiers to the metadata's
``elan``.  Media paths and the names of transcribers' computers are never kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.elan_document import Document, Shelf, Tier, chain_of, parse_document
from alliance_nlp.formats.elan_labels import Place, annotator_of, markers_of, read_labels
from alliance_nlp.formats.elan_own import is_own, read_own
from alliance_nlp.formats.elan_tiers import Chosen, choose_tiers
from alliance_nlp.formats.names import declared_role
from alliance_nlp.formats.oral import has_talk, language_of, plain, put_aside, shared_names
from alliance_nlp.formats.xml_file import encoding_of, parse_xml
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Notice, Role, Transcript

ROOT = "ANNOTATION_DOCUMENT"
MAX_NAMED = 12  # tiers that a notice names


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one session of the file; TranscriptFormatError when it is no ELAN file or no tier holds talk."""
    root = parse_xml(data, name)
    if root.tag != ROOT:
        raise TranscriptFormatError("oral.other_xml", file=name, expected="ELAN", root=ROOT)
    document = parse_document(root)
    if is_own(document):
        return [read_own(document, name)]
    chosen = choose_tiers(document)
    if not chosen.talk:
        raise TranscriptFormatError("oral.elan_no_talk", file=name, tiers=_listed(tier.id for tier in document.tiers))
    return [replace(_draft(document, chosen), encoding=encoding_of(root))]


def _draft(document: Document, chosen: Chosen) -> Draft:
    said = sorted(((talk, *pair) for talk in chosen.talk for pair in talk.said), key=lambda item: item[1].order)
    labels = read_labels(document, chosen.labels, [Place(talk.tier, talk.speaker, item) for talk, item, _ in said])
    beside = _beside(document, chosen.dependent, {item.id for _, item, _ in said})
    utterances = tuple(
        Utterance(
            talk.speaker,
            text,
            item.line,
            item.start_s,
            item.end_s,
            markers=tuple(markers_of(labels.of.get(item.id, []), text, author=document.author)),
            extra={"elan": beside[item.id]} if item.id in beside else {},
        )
        for talk, item, text in said
    )
    return Draft(
        utterances,
        roles=_roles(chosen),
        metadata=_metadata(document, chosen),
        language=_language(document, chosen),
        notices=(*shared_names(chosen.shared), *labels.notices(), *_aside_notices(document, chosen), *_marker_notices(utterances)),
    )


def _roles(chosen: Chosen) -> dict[str, Role]:
    """Return the roles that tiers declare by their name (« Thérapeute ») where the participant is a code."""
    found = {talk.speaker: declared_role(talk.tier) for talk in chosen.talk if talk.tier != talk.speaker}
    return {speaker: role for speaker, role in found.items() if role is not None}


def _language(document: Document, chosen: Chosen) -> str:
    tiers = document.by_id()
    found = {language_of(code) for talk in chosen.talk if (code := tiers[talk.tier].language)}
    return found.pop() if len(found) == 1 else "fr"


# ---------------------------------------------------------------------------------------- kept aside


def _beside(document: Document, tiers: Sequence[Tier], talk: set[str]) -> dict[str, dict[str, list[str]]]:
    """Return what dependent tiers say of each annotation of talk, by tier; aligned children by their time."""
    known = document.annotations()
    parents = {tier.id: Shelf.of(item for item in tier.annotations if item.id in talk) for tier in document.tiers}
    beside: dict[str, dict[str, list[str]]] = {}
    for tier in tiers:
        above = parents.get(tier.parent or "", Shelf((), ()))
        for item in tier.annotations:
            target = next((link.id for link in chain_of(item, known) if link.id in talk), None) or above.nearest(item)
            if target is not None and plain(item.value):
                beside.setdefault(target, {}).setdefault(tier.id, []).append(plain(item.value))
    return beside


def _metadata(document: Document, chosen: Chosen) -> dict[str, Any]:
    tiers = [
        {
            "tier": tier.id,
            "type": tier.type,
            "annotations": [
                {"start_s": item.start_s, "end_s": item.end_s, "value": plain(item.value)} for item in tier.annotations if plain(item.value)
            ],
        }
        for tier in chosen.aside
    ]
    return {"elan": {"tiers": tiers}} if tiers else {}


def _aside_notices(document: Document, chosen: Chosen) -> list[Notice]:
    known = document.by_id()
    talk = [known[item.tier] for item in chosen.talk]
    counts: Mapping[str, int] = {
        "dependent": sum(len(tier.annotations) for tier in chosen.dependent),
        "wordless": sum(not has_talk(plain(item.value)) for tier in talk for item in tier.annotations),
    }
    notices = put_aside(counts)
    if chosen.aside:
        params = {"count": len(chosen.aside), "tiers": _listed(tier.id for tier in chosen.aside)}
        notices.append(Notice("oral.elan_tiers_aside", params=params))
    return notices


def _marker_notices(utterances: Sequence[Utterance]) -> list[Notice]:
    markers = [marker for utterance in utterances for marker in utterance.markers]
    if not markers:
        return []
    names = ", ".join(sorted({annotator_of(marker.origin) for marker in markers}))
    return [Notice("oral.elan_labels", params={"count": len(markers), "annotators": names})]


def _listed(names: Iterable[str]) -> str:
    found = [plain(name) for name in names]
    return ", ".join([*found[:MAX_NAMED], "…"] if len(found) > MAX_NAMED else found) or "–"
