"""EXMARaLDA basic transcriptions (``.exb``) → one draft.

In: the bytes of a file.  Out: an utterance for each chain of events of a tier of talk (type ``t``) that follow one another
without a gap: EXMARaLDA cuts them, even within words, where somebody else begins.  Descriptions (type ``d``) become notes,
annotations (type ``a``) go to the utterance's ``extra``.  Source: the format's ``basic-transcription.dtd`` (Schmidt 2001 ff.).
The names of recordings are never kept.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.oral import are_measures, filled, has_talk, language_of, note, pause_note, plain, put_aside, shared_names, speaker_names, time_s
from alliance_nlp.formats.words import join_words
from alliance_nlp.formats.xml_file import encoding_of, parse_xml
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Notice, Transcript

ROOT = "basic-transcription"
OTHER_ROOTS = frozenset({"segmented-transcription", "list-transcription"})

_NON_VERBAL = re.compile(r"\(\(([^()]{1,70})\)\)")  # HIAT: ((rire)), ((1,3s))
_LENGTH = re.compile(r"(\d{1,3}(?:[.,]\d{1,3})?) ?s(?:ec)?\.?")


@dataclass(frozen=True, slots=True)
class _Point:
    """A point of the common time line: its place in order and its time, if it has one."""

    place: int
    order: float
    time_s: float | None


@dataclass(frozen=True, slots=True)
class _Event:
    """Text of a tier between two points."""

    start: _Point
    end: _Point
    text: str
    line: int


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one session of the file; TranscriptFormatError when it is no basic transcription or nobody speaks."""
    root = parse_xml(data, name)
    if root.tag in OTHER_ROOTS:
        raise TranscriptFormatError("oral.exmaralda_segmented", file=name)
    if root.tag != ROOT:
        raise TranscriptFormatError("oral.other_xml", file=name, expected="EXMARaLDA", root=ROOT)
    points = _points(root)
    tiers = [(tier, _events(tier, points)) for tier in root.iter("tier")]
    talk = [(tier, events) for tier, events in tiers if tier.get("type") == "t" and any(has_talk(plain(e.text)) for e in events)]
    talk = [(tier, events) for tier, events in talk if not are_measures(plain(event.text) for event in events)]
    if not talk:
        raise TranscriptFormatError("oral.exmaralda_no_talk", file=name)
    names, shared = _names(root, [tier for tier, _ in talk])
    annotations = [(tier, events) for tier, events in tiers if tier.get("type") == "a"]
    found = [pair for tier, events in talk for pair in _utterances(tier, events, names, annotations)]
    found += [pair for tier, events in tiers if tier.get("type") == "d" for pair in _notes(tier, events, names)]
    found.sort(key=lambda pair: pair[0])
    return [
        Draft(
            tuple(utterance for _, utterance in found),
            metadata=_metadata(root),
            encoding=encoding_of(root),
            language=_language(root),
            notices=(*shared_names(shared), *_notices(root, annotations)),
        )
    ]


def _points(root: etree._Element) -> dict[str, _Point]:
    items = list(root.iter("tli"))
    times = [time_s(item.get("time")) for item in items]
    return {item.get("id", ""): _Point(place, order, time) for place, (item, order, time) in enumerate(zip(items, filled(times), times))}


def _events(tier: etree._Element, points: Mapping[str, _Point]) -> list[_Event]:
    """Return the tier's events in the order of the time line; those that name no point of it are left out."""
    found = [
        _Event(points[item.get("start", "")], points[item.get("end", "")], "".join(item.itertext()), item.sourceline or 1)
        for item in tier.iter("event")
        if item.get("start") in points and item.get("end") in points
    ]
    return sorted(found, key=lambda event: event.start.place)


def _names(root: etree._Element, tiers: Sequence[etree._Element]) -> tuple[dict[str, str], list[str]]:
    """Return the name of each speaker id that has a tier of talk."""
    given = {item.get("id", ""): plain(item.findtext("abbreviation")) or None for item in root.iter("speaker")}
    return speaker_names({key: given.get(key) for key in dict.fromkeys(tier.get("speaker") for tier in tiers) if key})


# ---------------------------------------------------------------------------------------- talk


def _utterances(
    tier: etree._Element, events: Sequence[_Event], names: Mapping[str, str], annotations: Sequence[tuple[etree._Element, list[_Event]]]
) -> Iterator[tuple[tuple[float, int], Utterance]]:
    """Yield the chains of a tier of talk, each with its place in order."""
    code = tier.get("speaker") or ""
    own = [(other, found) for other, found in annotations if other.get("speaker") == tier.get("speaker")]
    spaced = any(event.text[:1].isspace() or event.text[-1:].isspace() for event in events)
    for chain in _chains(events):
        first, last = chain[0], chain[-1]
        whole = "".join(event.text for event in chain) if spaced else join_words(event.text for event in chain)
        text = plain(_NON_VERBAL.sub(_as_note, whole))
        if has_talk(text):
            extra = _annotated(own, first.start.place, last.end.place)
            utterance = Utterance(names.get(code), text, first.line, first.start.time_s, last.end.time_s, extra=extra)
            yield (first.start.order, first.start.place), utterance


def _chains(events: Sequence[_Event]) -> list[list[_Event]]:
    chains: list[list[_Event]] = []
    for event in events:
        if chains and chains[-1][-1].end.place == event.start.place:
            chains[-1].append(event)
        else:
            chains.append([event])
    return chains


def _as_note(match: re.Match[str]) -> str:
    """Return a non-verbal stretch as it is typed: « [rire] », « … », « [silence 3 s] »."""
    inner = plain(match[1])
    length = _LENGTH.fullmatch(inner)
    return f" {pause_note(time_s(length[1])) if length else note(inner) or ''} "


def _annotated(tiers: Sequence[tuple[etree._Element, list[_Event]]], start: int, end: int) -> dict[str, Any]:
    kept = {}
    for tier, events in tiers:
        first, last = (bisect_left(events, place, key=lambda event: event.start.place) for place in (start, end))
        if last > first:
            kept[tier.get("category") or tier.get("id", "")] = [plain(event.text) for event in events[first:last]]
    return {"exmaralda": kept} if kept else {}


def _notes(tier: etree._Element, events: Sequence[_Event], names: Mapping[str, str]) -> Iterator[tuple[tuple[float, int], Utterance]]:
    """Yield the descriptions of a tier as notes; one without a speaker goes to the talk around it."""
    for event in events:
        typed = note(event.text)
        if typed is not None:
            speaker = names.get(tier.get("speaker") or "")
            yield (event.start.order, event.start.place), Utterance(speaker, typed, event.line, event.start.time_s, event.end.time_s)


# ---------------------------------------------------------------------------------------- kept aside


def _language(root: etree._Element) -> str:
    found = {language_of(item.get("lang")) for used in root.iter("languages-used") for item in used.iter("language")}
    return found.pop() if len(found) == 1 else "fr"


def _metadata(root: etree._Element) -> dict[str, Any]:
    speakers = [
        {"id": item.get("id"), "name": plain(item.findtext("abbreviation")), "sex": (item.find("sex").get("value") if item.find("sex") is not None else None)}
        for item in root.iter("speaker")
    ]
    convention = plain(root.findtext("head/meta-information/transcription-convention"))
    kept = {"speakers": speakers, "convention": convention}
    return {"exmaralda": {key: value for key, value in kept.items() if value}}


def _notices(root: etree._Element, annotations: Sequence[tuple[etree._Element, list[_Event]]]) -> list[Notice]:
    kinds: Counter[str] = Counter(annotations=sum(len(events) for _, events in annotations))
    bad = sum(item.get("time") is not None and time_s(item.get("time")) is None for item in root.iter("tli"))
    return [*put_aside(kinds), *([Notice("oral.bad_times", params={"count": bad})] if bad else [])]
