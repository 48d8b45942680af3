"""Transcriber files (``.trs``) → one draft: who says what between two synchronisation points.

In: the bytes of a file (ISO-8859-1, UTF-8…; its DOCTYPE is passed over).  Out: an utterance for each stretch by one
speaker; where a turn names two (``speaker="spk1 spk2"``), ``<Who nb="1"/>`` says which.  Events that a person would type
become notes (« [rire] »); those of pronunciation, vocabulary and language, comments and backgrounds are kept aside.
Source: Transcriber's ``trans-14.dtd``.  The audio file's and the transcriber's name are never kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.oral import are_measures, event_note, has_talk, language_of, plain, put_aside, shared_names, speaker_names, time_s
from alliance_nlp.formats.xml_file import encoding_of, parse_xml
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Notice, Transcript

ROOT = "Trans"


@dataclass(slots=True)
class _Stretch:
    """What one speaker says from one synchronisation point on; ``speaker`` is an id."""

    speaker: str | None
    start_s: float | None
    end_s: float | None
    line: int
    text: list[str] = field(default_factory=list)
    aside: dict[str, list[str]] = field(default_factory=dict)


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one session of the file; TranscriptFormatError when it is no Transcriber file."""
    root = parse_xml(data, name)
    if root.tag != ROOT:
        raise TranscriptFormatError("oral.other_xml", file=name, expected="Transcriber", root=ROOT)
    stretches = [stretch for turn in root.iter("Turn") for stretch in _stretches(turn)]
    measured = _measured(stretches)
    spoken = [item for item in stretches if item.speaker not in measured]
    names, shared = _names(root, spoken)
    utterances = tuple(_utterance(item, names) for item in spoken if has_talk(plain(" ".join(item.text))))
    return [
        Draft(
            utterances,
            metadata=_metadata(root, [item for item in stretches if item.speaker in measured]),
            encoding=encoding_of(root),
            language=language_of(root.get("{http://www.w3.org/XML/1998/namespace}lang")),
            notices=(*shared_names(shared), *_notices(root, stretches, measured)),
        )
    ]


def _names(root: etree._Element, stretches: Sequence[_Stretch]) -> tuple[dict[str, str], list[str]]:
    """Return the name of each speaker id that speaks."""
    given = {item.get("id", ""): plain(item.get("name")) or None for item in root.iter("Speaker")}
    talking = dict.fromkeys(item.speaker for item in stretches if item.speaker and has_talk(plain(" ".join(item.text))))
    return speaker_names({key: given.get(key) for key in talking})


def _measured(stretches: Sequence[_Stretch]) -> set[str]:
    """Return the speaker ids that only hold measured silences (« 0.643 »)."""
    texts: dict[str, list[str]] = {}
    for item in stretches:
        if item.speaker is not None:
            texts.setdefault(item.speaker, []).append(plain(" ".join(item.text)))
    return {speaker for speaker, said in texts.items() if are_measures(said)}


def _utterance(item: _Stretch, names: dict[str, str]) -> Utterance:
    speaker = None if item.speaker is None else names.get(item.speaker, item.speaker)
    extra = {"transcriber": item.aside} if item.aside else {}
    return Utterance(speaker, plain(" ".join(item.text)), item.line, item.start_s, item.end_s, extra=extra)


# ---------------------------------------------------------------------------------------- one turn


def _stretches(turn: etree._Element) -> Iterator[_Stretch]:
    """Yield what is said in a turn, cut at synchronisation points and changes of speaker."""
    speakers = (turn.get("speaker") or "").split()
    start_s, end_s = time_s(turn.get("startTime")), time_s(turn.get("endTime"))
    syncs = [time_s(item.get("time")) for item in turn.findall("Sync")]
    ends = iter([*syncs[1:], end_s])
    now = _Stretch(speakers[0] if speakers else None, start_s, syncs[0] if syncs else end_s, turn.sourceline or 1, [turn.text or ""])
    for item in turn:
        if item.tag == "Sync":
            yield now
            now = _Stretch(now.speaker, time_s(item.get("time")), next(ends), item.sourceline or now.line)
        elif item.tag == "Who":
            yield now
            now = _Stretch(_who(item, speakers), now.start_s, now.end_s, item.sourceline or now.line)
        else:
            _take_event(item, now)
        now.text.append(item.tail or "")
    yield now


def _who(item: etree._Element, speakers: Sequence[str]) -> str | None:
    number = item.get("nb", "")
    place = int(number) - 1 if number.isascii() and number.isdigit() and len(number) < 4 else 0
    return speakers[place] if 0 <= place < len(speakers) else next(iter(speakers), None)


def _take_event(item: etree._Element, now: _Stretch) -> None:
    """Put an event into the text as a note, or aside with its kind."""
    desc, kind = plain(item.get("desc")), item.get("type", "noise")
    typed = event_note(desc, kind=kind, extent=item.get("extent")) if item.tag == "Event" else None
    if typed is not None:
        now.text.append(f" {typed} ")
    elif desc:
        now.aside.setdefault(kind if item.tag == "Event" else "comment", []).append(desc)


# ---------------------------------------------------------------------------------------- kept aside


def _metadata(root: etree._Element, measured: Sequence[_Stretch]) -> dict[str, Any]:
    episode = root.find("Episode")
    topics = {item.get("id"): plain(item.get("desc")) for item in root.iter("Topic")}
    sections = [
        {"type": item.get("type"), "topic": topics.get(item.get("topic")), "start_s": time_s(item.get("startTime")), "end_s": time_s(item.get("endTime"))}
        for item in root.iter("Section")
    ]
    kept = {
        "version_date": root.get("version_date"),
        "air_date": episode.get("air_date") if episode is not None else None,
        "sections": sections if len(sections) > 1 else None,
        "backgrounds": [{key: item.get(key) for key in ("time", "type", "level")} for item in root.iter("Background")],
        "pauses": [{"start_s": item.start_s, "value": text} for item in measured if (text := plain(" ".join(item.text)))],
    }
    kept = {key: value for key, value in kept.items() if value}
    return {"transcriber": kept} if kept else {}


def _notices(root: etree._Element, stretches: Sequence[_Stretch], measured: set[str]) -> list[Notice]:
    kinds: Counter[str] = Counter()
    for item in stretches:
        for kind, found in item.aside.items():
            kinds["comments" if kind == "comment" else "events" if kind == "noise" else "annotations"] += len(found)
        kinds["pauses"] += item.speaker in measured and bool(plain(" ".join(item.text)))
    kinds["backgrounds"] = sum(1 for _ in root.iter("Background"))
    raw = [item.get(key) for item in root.iter("Turn", "Sync") for key in ("startTime", "endTime", "time")]
    bad = sum(value is not None and time_s(value) is None for value in raw)
    return [*put_aside(kinds), *([Notice("oral.bad_times", params={"count": bad})] if bad else [])]
