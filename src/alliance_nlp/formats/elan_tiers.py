"""Which tiers of an ELAN file hold the talk, and who speaks in them.

In: a :class:`Document`.  Out: :class:`Talk`, one a speaker's tier, and the tiers put aside with the reason.

Talk is in top tiers (no parent) whose type carries no controlled vocabulary, whose name says nothing else (noise,
comments, gestures…) and whose values are not measures, codes or names of tiers.  Where types are named after
transcription (« orthography », « transcription »), tiers of other types are analyses.  Where a top tier holds only
ids (« ref@SP1 »: 001, 002…), the talk is in its child.  The speaker is the PARTICIPANT, else the TIER_ID.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from alliance_nlp.formats.coding import code_of
from alliance_nlp.formats.elan_document import DATA_TYPE, NOTE_TYPE, TURN_TYPE, Annotation, Document, Tier
from alliance_nlp.formats.names import fold
from alliance_nlp.formats.oral import are_measures, has_talk, plain, speaker_names

_TALK_WORDS = re.compile(
    r"orthograph|transcri|utteranc|enonc|parole|\btalk|speech|tours?\b|\bturns?\b|^tx$|^txt$|^text[eo]?s?$|^ortho?$|^orth?t$|phrase|verbatim"
)
_OTHER_WORDS = re.compile(
    r"nois|bruit|silent|comment|remarqu|\bnotes?\b|\bcod(?:e|es|age|ing)\b|^code|context|glos|translat|traduc|gest[eu]|regard|gaze|\bhands?\b|"
    r"\bmains?\b|\bhead\b|\btete\b|posture|mimi|facial|eyebrow|sourcil|lemm|\bpos\b|morph|phon|prosod|intonation|\bmots\b|\bwords?\b|"
    r"token|silence|pauses?\b|section|topic|theme|episode|musi|emotion|stance|activit"
)
_ID = re.compile(r"(?=\S*\d)[\w.@:/-]{1,60}")
_EMPTY_TYPES = frozenset({"default-lt", "default", ""})


@dataclass(frozen=True, slots=True)
class Talk:
    """A tier of talk: its id, its speaker, and its annotations with the text said in each."""

    tier: str
    speaker: str
    said: tuple[tuple[Annotation, str], ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tiers of talk, the tiers that depend on them, the tiers put aside, the labels, and shared names."""

    talk: tuple[Talk, ...]
    labels: tuple[Tier, ...]
    dependent: tuple[Tier, ...]
    aside: tuple[Tier, ...]
    shared: tuple[str, ...]


def is_label_tier(tier: Tier) -> bool:
    """True for a tier named after a label or a type of the scheme, with or without « @speaker »."""
    return tier.type not in (TURN_TYPE, DATA_TYPE, NOTE_TYPE) and code_of(tier.id.split("@")[0]) is not None


@dataclass(frozen=True, slots=True)
class _Around:
    """What a tier is read beside: all tiers by id, the children of each, the names that tiers and participants bear."""

    tiers: Mapping[str, Tier]
    children: Mapping[str, Sequence[Tier]]
    owners: frozenset[str]


def choose_tiers(document: Document) -> Chosen:
    """Return which tiers hold the talk; the others by what they are."""
    around = _around(document)
    filled = [tier for tier in document.tiers if tier.annotations and tier.type not in (DATA_TYPE, NOTE_TYPE)]
    labels = [tier for tier in filled if is_label_tier(tier)]
    marked = {tier.id for tier in labels}
    candidates = [tier for tier in filled if tier.parent is None and tier.id not in marked and not _is_other(tier, around)]
    read = [found for tier in _of_talk_types(candidates) if (found := _told(tier, around)) is not None]
    names, shared = speaker_names({tier.id: _participant(tier, around) for tier, _ in read})
    used = {tier.id for tier, _ in read} | {tier.parent for tier, _ in read}
    rest = [tier for tier in filled if tier.id not in used | marked]
    return Chosen(
        talk=tuple(Talk(tier.id, names[tier.id], tuple(said)) for tier, said in read),
        labels=tuple(labels),
        dependent=tuple(tier for tier in rest if tier.parent is not None),
        aside=tuple(tier for tier in rest if tier.parent is None),
        shared=tuple(shared),
    )


def _around(document: Document) -> _Around:
    children: dict[str, list[Tier]] = {}
    for tier in document.tiers:
        if tier.parent is not None and tier.annotations and tier.type != DATA_TYPE:
            children.setdefault(tier.parent, []).append(tier)
    owners = frozenset(name for tier in document.tiers for name in (tier.id, tier.participant) if name)
    return _Around(document.by_id(), children, owners)


def _is_other(tier: Tier, around: _Around) -> bool:
    """True when the tier's vocabulary, name or values show that it is no talk."""
    values = [plain(item.value) for item in tier.annotations]
    named = fold(f"{tier.id.replace('_', ' ')} | {tier.type.replace('_', ' ')}")
    if tier.has_vocabulary or sum(item.is_coded for item in tier.annotations) > len(values) / 2:
        return True
    if any(_OTHER_WORDS.search(part.strip()) for part in named.split("|")):
        return True
    told = [value for value in values if value]
    return are_measures(values) or (bool(told) and all(value in around.owners for value in told))


def _of_talk_types(tiers: list[Tier]) -> list[Tier]:
    """Keep the tiers of types named after transcription, where there are any, and those of types without a meaning."""
    named = {tier.id for tier in tiers if _TALK_WORDS.search(fold(tier.type.replace("_", " ")))}
    if not named:
        return tiers
    return [tier for tier in tiers if tier.id in named or tier.type.casefold() in _EMPTY_TYPES or tier.type == tier.id]


def _participant(tier: Tier, around: _Around) -> str | None:
    """Return who speaks: the tier's participant, or that of the tier above it, or what stands behind its « @ »."""
    if tier.participant or tier.parent is None:
        return tier.participant
    above = around.tiers.get(tier.parent)
    return (above.participant if above else None) or tier.id.partition("@")[2] or (above.id if above else None)


# ---------------------------------------------------------------------------------------- what is said


def _told(tier: Tier, around: _Around) -> tuple[Tier, list[tuple[Annotation, str]]] | None:
    """Return the tier that holds the words, and what it says; None when neither it nor a child does."""
    said = [(item, text) for item in tier.annotations if has_talk(text := plain(item.value))]
    if not _holds_ids([plain(item.value) for item in tier.annotations]):
        return (tier, said) if said else None
    child = _child_with_talk(tier, around)
    joined = list(_joined(tier, child)) if child is not None else []
    if child is not None and joined:
        return child, joined
    return (tier, said) if said else None


def _holds_ids(values: Sequence[str]) -> bool:
    told = [value for value in values if value]
    return len(set(told)) == len(told) and all(_ID.fullmatch(value) for value in told)


def _child_with_talk(tier: Tier, around: _Around) -> Tier | None:
    """Return the child that holds the words: named after transcription, else the first that is no analysis."""
    children = [item for item in around.children.get(tier.id, ()) if not is_label_tier(item)]
    children = [item for item in children if not item.has_vocabulary and not _holds_ids([plain(a.value) for a in item.annotations])]
    named = [item for item in children if _TALK_WORDS.search(fold(item.type)) or _TALK_WORDS.search(fold(item.id.split("@")[0]))]
    plausible = [item for item in children if not _OTHER_WORDS.search(fold(f"{item.id.split('@')[0]} {item.type}"))]
    return next(iter([*named, *plausible, *children]), None)


def _joined(tier: Tier, child: Tier) -> Iterator[tuple[Annotation, str]]:
    """Yield each annotation of the tier with the words that hang on it, in their order."""
    above = {item.id: item for item in tier.annotations}
    if any(item.parent not in above for item in child.annotations):
        yield from ((item, text) for item in child.annotations if has_talk(text := plain(item.value)))
        return
    for parent, items in groupby(child.annotations, key=lambda item: item.parent or ""):
        text = plain(" ".join(item.value for item in items))
        if has_talk(text):
            yield above[parent], text
