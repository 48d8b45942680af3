"""What stands above the talk in a text file: title, date, session number, legend, front matter.

In: the first lines of a file. Out: a :class:`Header`: what they declare (metadata and roles), and how many
lines they are. Their wording is not kept: a header often holds the very names a transcript leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alliance_nlp.formats.names import MAX_NAME_CHARS, declared_role, fold
from alliance_nlp.transcript import Role

MAX_HEADER_CHARS = 200  # a longer line is speech or a note on the session, and declares nothing
MAX_HEADER_LINES = 40

_MONTHS = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split()
_ORDINAL = r"(?:re|er|ere|e|eme|ieme|st|nd|rd|th)"
_MEETING = r"(?:seance|session|entretien|consultation)"
_SESSION = re.compile(
    rf"\b{_MEETING}\s*(?:n\s?[°ºo]?\.?|numero|#|:){{0,2}}\s*(?P<after>\d{{1,4}})"
    rf"(?!\d|[/.:-]\d|\s*(?:h|min|mn|{'|'.join(_MONTHS)})\b)"
    rf"|\b(?P<before>\d{{1,3}})\s?{_ORDINAL}\s+{_MEETING}\b"
)
_DYAD = re.compile(r"\b(?:dyade|dyad|dyad_id)\s*(?:n\s?[°º]|:|=|#)?\s*(?P<id>[\w.-]{1,40})")
_ISO_DATE = re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b")
_DATE = re.compile(r"\b(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>(?:19|20)\d\d)\b")
_WORD_DATE = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:er)?\s+(?P<month>{'|'.join(_MONTHS)})\s+(?P<year>(?:19|20)\d\d)\b"
)
_LEGEND = re.compile(
    rf"(?:^|[,;/|(•·-]|\bet\b|:)\s*[*_\[(]*(?P<name>[^\W_][\w .'’·-]{{0,{MAX_NAME_CHARS}}}?)[*_\])]*\s*"
    r"(?:=|:|→|->)\s*(?P<meaning>[^,;/|=→\n]{1,60})"
)
_HEADING = re.compile(r"#{1,6}\s|[=\-_*~]{3,}\s*$")
_KEY = (
    rf"(?:{_MEETING}|date|titre|title|duree|lieu|code|dyade|dyad|heure|fichier|audio|enregistre\w*|transcri\w*|"
    r"version|projet|etude|langue|presents?|participants|legende|conventions?|contexte|approche|cadre|numero|"
    r"anonymis\w*|relecture|source|theme|objet|verbatim|retranscri\w*|corpus|speakers?|locuteurs?)"
)
_KEY_VALUE = re.compile(
    rf"\W{{0,3}}{_KEY}\b(?:\W*$|[^:=]{{0,40}}[:=].*$|[^:=]{{0,20}}\b\d[\w/. -]{{0,30}}\W{{0,3}}$)"
    rf"|\W{{0,3}}(?:{_MEETING}|transcription|retranscription|verbatim|titre)\b[^:=?!…]{{0,60}}[^.?!…]$"
    rf"|\W{{0,3}}\d{{1,3}}\s?{_ORDINAL}\s+{_MEETING}\b.{{0,40}}$"
)
_FRONT_MATTER_KEYS = {
    "session_number": "session_number",
    "seance": "session_number",
    "session": "session_number",
    "numero": "session_number",
    "dyad": "dyad_id",
    "dyade": "dyad_id",
    "id": "session_id",
}


@dataclass(frozen=True, slots=True)
class Header:
    """What the lines above the talk declare; ``length`` is how many lines they take, blank ones included."""

    length: int = 0
    metadata: Mapping[str, Any] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)


def front_matter(lines: Sequence[str]) -> Header:
    """Read a YAML front matter (``---`` … ``---``): plain ``key: value`` lines, and one level of roles."""
    first = next((place for place, line in enumerate(lines) if line.strip()), len(lines))
    if first == len(lines) or lines[first].strip() != "---":
        return Header()
    last = next((n for n in range(first + 1, len(lines)) if lines[n].strip() in ("---", "...")), None)
    if (
        last is None
        or last > first + MAX_HEADER_LINES
        or not all(_is_yaml(n) for n in lines[first + 1 : last])
    ):
        return Header()
    metadata: dict[str, Any] = {}
    roles: dict[str, Role] = {}
    for line in lines[first + 1 : last]:
        key, _, value = (part.strip().strip("\"'") for part in line.partition(":"))
        role = declared_role(value)
        if role is not None and (line[:1] in " \t-"):
            roles[key.lstrip("- ").strip("\"'")] = role
        elif value:
            name = _FRONT_MATTER_KEYS.get(fold(key), key)
            metadata[name] = int(value) if name == "session_number" and value.isdecimal() else value
    return Header(last + 1, metadata, roles)


def read_header(lines: Sequence[str]) -> Header:
    """Return what the given header lines declare: session number, date, dyad, roles of speakers."""
    metadata: dict[str, Any] = {}
    roles: dict[str, Role] = {}
    for line in lines:
        if len(line) <= MAX_HEADER_CHARS:
            metadata = {**_facts(line), **metadata}  # the first line that says it is right
            roles = {**legend(line), **roles}
    return Header(len(lines), metadata, roles)


def legend(line: str) -> dict[str, Role]:
    """Return the roles a line declares: « T = thérapeute, P : patiente (34 ans) ».

    >>> legend("T = thérapeute ; P = patiente")
    {'T': <Role.THERAPIST: 'therapist'>, 'P': <Role.PATIENT: 'patient'>}
    """
    roles: dict[str, Role] = {}
    for match in _LEGEND.finditer(line[:MAX_HEADER_CHARS]):
        role = declared_role(match["meaning"])
        if role is not None:
            roles[match["name"].strip()] = role
    return roles


def is_legend(line: str) -> bool:
    """True for a line that only declares speakers: « P : patiente (34 ans) », « T = thérapeute »."""
    if len(line) > MAX_HEADER_CHARS or not legend(line):
        return False
    return "=" in line or (len(line) <= 80 and not _is_sentence(line))


def is_heading(line: str) -> bool:
    """True for a Markdown heading or a rule (``## …``, ``=====``), which is never speech."""
    return _HEADING.match(line) is not None


def is_header_line(line: str) -> bool:
    """True for a line that is a heading or declares something, whatever stands below it."""
    return (
        not line.strip()
        or is_heading(line)
        or (
            len(line) <= MAX_HEADER_CHARS
            and _KEY_VALUE.match(fold(line)) is not None
            and not _is_sentence(line)
        )
        or is_legend(line)
    )


def _is_sentence(text: str) -> bool:
    return re.search(r"[?!…]|\.\s*$|\w, \w+ \w+ \w+ \w+", text.strip()) is not None


def _is_yaml(line: str) -> bool:
    return (
        not line.strip()
        or line.lstrip().startswith(("#", "- "))
        or re.match(r"\s*[\w\"' -]{1,63}:", line) is not None
    )


def _facts(line: str) -> dict[str, Any]:
    """Return the session number, the date and the dyad's code that a header line says."""
    plain = fold(line)
    facts: dict[str, Any] = {}
    if session := _SESSION.search(plain):
        facts["session_number"] = int(session["after"] or session["before"])
    if date := _date(plain):
        facts["date"] = date
    if dyad := _DYAD.search(plain):
        start = plain.find(dyad["id"], dyad.start("id"))
        facts["dyad_id"] = (
            line.strip()[start : start + len(dyad["id"])] if len(plain) == len(line.strip()) else dyad["id"]
        )
    return facts


def _date(plain: str) -> str | None:
    """Return the date in ISO 8601 (``2024-03-12``), None when the line says none."""
    match = _ISO_DATE.search(plain) or _DATE.search(plain) or _WORD_DATE.search(plain)
    if match is None:
        return None
    month = _MONTHS.index(match["month"]) + 1 if match["month"] in _MONTHS else int(match["month"])
    day = int(match["day"])
    return f"{match['year']}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else None
