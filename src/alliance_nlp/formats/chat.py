"""CHAT transcripts of CLAN (``.cha``) → one draft: who says what, with its times.

In: the bytes of a file.  Out: an utterance for each timed stretch of a main line (its time marks stand after it, in
milliseconds), the speaker being the three-letter code; ``line`` is where the main line begins.  What the codes inside
a line become is listed in :mod:`alliance_nlp.formats.chat_text`.  Kept aside: the line as written and its dependent
tiers (``Utterance.extra["chat"]``), what ``@ID`` says of each person (role, age, sex, group) and the headers about the
situation (``metadata["chat"]``).  Not kept, with a notice: names, places, recordings and free remarks of the headers:
they often hold the very names that a transcript leaves out, and no search for such names looks at them.

Roles: those of the file that mean one thing in a therapy (Therapist, Patient, Mother…).  A Target_Child beside a
Therapist is the patient; else it, an Investigator or a Participant may be anybody, and is left to the talk.

Source: MacWhinney, *Tools for Analyzing Talk, Part 1: The CHAT Transcription Format*, « File Headers » (roles of
``@Participants``), « Linking to Media » (time marks).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.chat_file import ChatFile, MainLine, Participant, parse_chat, participants
from alliance_nlp.formats.chat_text import Writing, clean
from alliance_nlp.formats.encoding import check_size, decode, probe_text
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Notice, Role, Transcript

CONTROLS = "\x01\x02\x03\x04\x05\x06\x07\x08\x15"  # CLAN's: underlining (\x02) and time marks (\x15)
MAX_LINES = 50_000  # a child recorded all day says some 15,000
MAX_TALK = 3 * 1024 * 1024  # characters of main lines: a whole day of talk takes some 700,000
MAX_MS = 10**12  # thirty years: beyond, it is no time of a recording

_BULLET = re.compile(r"[\x15•]([^\x15•]{1,260})[\x15•]")
_INSIDE = re.compile(r"(?:^|[\":_\s])(\d{1,15})_(\d{1,15})\D{0,20}$")  # old marks name the recording first
_HEAD = re.compile(r"\ufeff?\s*@", re.ASCII)
_OPENS = re.compile(r"^@(?:UTF8|Begin|Participants)\b", re.MULTILINE)
_SPEECH = re.compile(r"^\*[^\s:*]{1,40}:[ \t]", re.MULTILINE)

_ROLES = {
    Role.THERAPIST: "therapist clinician doctor nurse psychologist psychiatrist counselor",
    Role.PATIENT: "patient client",
    Role.PARENT: "mother father grandmother grandfather stepmother stepfather",
    Role.PARTNER: "husband wife spouse",
    Role.OTHER: "brother sister sibling observer camera_operator cousin aunt uncle teacher interpreter",
}
_ROLE_OF = {word: role for role, words in _ROLES.items() for word in words.split()}
_TARGETS = frozenset({"target_child", "target_adult"})
_LANGUAGES = {"fra": "fr", "fre": "fr", "eng": "en", "deu": "de", "ger": "de", "spa": "es", "ita": "it", "nld": "nl",
              "por": "pt", "cat": "ca"}  # fmt: skip
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_DATE = re.compile(r"(\d{1,2})-([A-Z]{3})-((?:19|20)\d\d)")
_KEPT = frozenset("Types Situation Activities G Bg Eg Number Design Options".split()) | {"New Episode", "Time Duration"}
# Read elsewhere, or settings of the screen: nothing that anybody would miss.
_READ = frozenset("UTF8 Begin End Window Font PID Participants ID Languages Date Options Media".split()) | {"Color words"}


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A piece of a main line and its times in seconds."""

    text: str
    start_s: float | None = None
    end_s: float | None = None


def is_chat(data: bytes, name: str) -> bool:
    """True for a file that opens with CHAT's headers, or whose suffix is ``.cha`` and that has main lines."""
    head = probe_text(data).replace("\r", "\n")
    if name.lower().endswith(".cha"):
        return _HEAD.match(head) is not None or _SPEECH.search(head) is not None
    return _HEAD.match(head) is not None and _OPENS.search(head) is not None


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the one draft of the file; TranscriptFormatError when nobody speaks in it."""
    decoded = decode(data, name, controls=CONTROLS)
    file = parse_chat(decoded.text)
    if not file.lines:
        raise TranscriptFormatError("talk_files.chat_no_line", file=name)
    if len(file.lines) > MAX_LINES:
        raise TranscriptFormatError("talk_files.too_many", file=name, count=len(file.lines), limit=MAX_LINES)
    check_size(sum(len(line.text) for line in file.lines), name, limit=MAX_TALK)
    language = _language(file)
    writing = Writing(french=language == "fr", ca="CA" in file.first("Options").split())
    utterances = tuple(item for line in file.lines for item in _utterances(line, writing))
    if not any(utterance.text for utterance in utterances):
        raise TranscriptFormatError("talk_files.chat_no_word", file=name, count=len(file.lines))
    people = participants(file)
    return [
        Draft(
            utterances=utterances,
            roles=_roles(people),
            metadata=_metadata(file, people),
            language=language,
            notices=tuple(_notices(file, utterances)),
            encoding=decoded.encoding,
        )
    ]


# ---------------------------------------------------------------------------------------- utterances


def _utterances(line: MainLine, writing: Writing) -> Iterator[Utterance]:
    """Yield the stretches of a main line, then what others slipped in; a pause alone belongs to nobody."""
    extra: Mapping[str, Any] = {"chat": _kept(line)}
    inserted: list[tuple[str, str]] = []
    start_s: float | None = None
    for stretch in _stretches(line.text):
        said = clean(stretch.text, writing)
        inserted += said.inserted
        start_s = stretch.start_s if stretch.start_s is not None else start_s
        if said.text:
            speaker = None if said.silent else line.speaker
            yield Utterance(speaker, said.text, line.line, stretch.start_s, stretch.end_s, extra=extra)
            extra = {}
    for speaker, text in inserted:
        yield Utterance(speaker, text, line.line, start_s)


def _kept(line: MainLine) -> dict[str, Any]:
    written = _BULLET.sub("", line.text).strip()
    return {"line": written, "tiers": dict(line.tiers)} if line.tiers else {"line": written}


def _stretches(text: str) -> list[_Stretch]:
    """Cut a main line at its time marks; what follows the last one belongs to the stretch before."""
    stretches: list[_Stretch] = []
    place = 0
    for mark in _BULLET.finditer(text):
        inside = _INSIDE.search(mark[1][-60:])
        if inside is not None:
            stretches.append(_Stretch(text[place : mark.start()], *_times(inside)))
            place = mark.end()
    rest = text[place:].strip()
    if not stretches:
        return [_Stretch(rest)]
    last = stretches[-1]
    stretches[-1] = _Stretch(f"{last.text} {rest}", last.start_s, last.end_s)
    return stretches


def _times(mark: re.Match[str]) -> tuple[float | None, float | None]:
    start, end = int(mark[1]), int(mark[2])
    if start > MAX_MS:
        return None, None
    return start / 1000, end / 1000 if start <= end <= MAX_MS else None


# ---------------------------------------------------------------------------------------- headers


def _language(file: ChatFile) -> str:
    """Return the first language that the file names, French when it names none."""
    codes = [code.strip().lower() for code in file.first("Languages").split(",")]
    known = [code for code in codes if re.fullmatch(r"[a-z]{2,3}", code)]
    return _LANGUAGES.get(known[0], known[0]) if known else "fr"


def _roles(people: Mapping[str, Participant]) -> dict[str, Role]:
    """Return the roles that the file declares and that mean one thing in a therapy."""
    words = {code: person.role.lower() for code, person in people.items()}
    roles = {code: _ROLE_OF[word] for code, word in words.items() if word in _ROLE_OF}
    if Role.THERAPIST in roles.values():
        roles |= {code: Role.PATIENT for code, word in words.items() if word in _TARGETS}
    return roles


def _metadata(file: ChatFile, people: Mapping[str, Participant]) -> dict[str, Any]:
    kept = [header for header in file.headers if header.text and header.key in _KEPT]
    aside: dict[str, Any] = {"participants": {code: person.facts() for code, person in people.items()}}
    if kept:
        aside["headers"] = [{"name": h.key, "text": h.text, "line": h.line} for h in kept]
    date = _date(file.first("Date"))
    return {"chat": aside} if date is None else {"date": date, "chat": aside}


def _date(text: str) -> str | None:
    match = _DATE.search(text.upper())
    if match is None or match[2] not in _MONTHS or not 1 <= int(match[1]) <= 31:
        return None
    return f"{match[3]}-{_MONTHS.index(match[2]) + 1:02d}-{int(match[1]):02d}"


def _notices(file: ChatFile, utterances: Sequence[Utterance]) -> Iterator[Notice]:
    tiers = sorted({f"%{code}" for line in file.lines for code in line.tiers})
    count = sum(len(line.tiers) for line in file.lines)
    if tiers:
        yield Notice("talk_files.chat_tiers_aside", params={"count": count, "tiers": ", ".join(tiers)})
    left = {header.key for header in file.headers if header.text} - _KEPT - _READ
    if left:
        names = ", ".join(f"@{key}" for key in sorted(left) if re.fullmatch(r"[A-Za-z ]{1,20}", key))
        yield Notice("talk_files.chat_headers_left", params={"count": len(left), "names": names or "@…"})
    spoken = {utterance.line for utterance in utterances}
    mute = [line.line for line in file.lines if line.line not in spoken]
    if mute:
        yield Notice("talk_files.chat_mute_lines", line=mute[0], params={"count": len(mute)})
