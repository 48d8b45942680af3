"""The lines of a CHAT file (``.cha``) → headers and main lines, each with its dependent tiers.

In: decoded text.  Out: :class:`ChatFile`.  A line begins with ``@`` (header), ``*`` (somebody speaks) or ``%``
(a dependent tier: morphology, comments…); any other line goes on with the one before it.  What the codes inside a
main line mean is left to :mod:`alliance_nlp.formats.chat_text`.

Source: MacWhinney, *Tools for Analyzing Talk, Part 1: The CHAT Transcription Format*, « The Main Line », « File
Headers », « Dependent Tiers ».
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from alliance_nlp.formats.encoding import split_lines

_MAIN = re.compile(r"\*\s*(?P<code>[^\s:*]{1,40})\s*:[ \t]*(?P<rest>.*)", re.DOTALL)
_TIER = re.compile(r"%(?P<code>[^\s:]{1,40})\s*:?[ \t]*(?P<rest>.*)", re.DOTALL)
_HEADER = re.compile(r"@(?P<key>[^:\n]{1,60})(?::[ \t]*(?P<rest>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Header:
    """A header line: its name (« Participants »), its text, its 1-based line."""

    key: str
    text: str
    line: int


@dataclass(slots=True)
class MainLine:
    """One main line: who speaks (a code), the text as typed, the tiers below it by code."""

    line: int
    speaker: str
    text: str
    tiers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChatFile:
    """Everything a CHAT file holds, in file order."""

    headers: tuple[Header, ...]
    lines: tuple[MainLine, ...]

    def first(self, key: str) -> str:
        """Return the text of the first header called ``key``, empty when there is none."""
        return next((header.text for header in self.headers if header.key == key), "")


def parse_chat(text: str) -> ChatFile:
    """Return the headers and main lines of a file; a line that fits nothing goes on with the one before."""
    headers: list[Header] = []
    lines: list[MainLine] = []
    for number, row in _rows(text):
        main, tier, header = _MAIN.match(row), _TIER.match(row), _HEADER.match(row)
        if main is not None:
            lines.append(MainLine(number, main["code"], main["rest"].strip()))
        elif tier is not None and lines:
            _add_tier(lines[-1].tiers, tier["code"], tier["rest"].strip())
        elif header is not None:
            headers.append(Header(header["key"].strip(), (header["rest"] or "").strip(), number))
    return ChatFile(tuple(headers), tuple(lines))


def _rows(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with what continues it, joined by one space, and its 1-based number."""
    first, parts = 0, list[str]()
    for number, line in enumerate(split_lines(text.removeprefix("\ufeff")), start=1):
        opens = line.startswith(("@", "%")) or _MAIN.match(line) is not None
        if opens and parts:
            yield first, " ".join(parts)
            parts = []
        if line.strip():
            first = first if parts else number
            parts.append(line.strip())
    if parts:
        yield first, " ".join(parts)


def _add_tier(tiers: dict[str, str], code: str, text: str) -> None:
    tiers[code] = f"{tiers[code]} {text}" if code in tiers else text


# ---------------------------------------------------------------------------------------- who takes part


@dataclass(frozen=True, slots=True)
class Participant:
    """One person of ``@Participants`` and ``@ID``: code, role in CHAT's words, age and sex as written."""

    code: str
    role: str = ""
    age: str = ""
    sex: str = ""
    group: str = ""

    def facts(self) -> dict[str, str]:
        """Return what is known, as JSON-ready values; a name is not kept: it may be a real one."""
        known = {"role": self.role, "age": self.age, "sex": self.sex, "group": self.group}
        return {key: value for key, value in known.items() if value}


def participants(file: ChatFile) -> dict[str, Participant]:
    """Return the people of the file by their code."""
    roles = _roles(file.first("Participants"))
    ids = _ids([header.text for header in file.headers if header.key == "ID"])
    return {
        code: Participant(code, **{"role": roles.get(code, ""), **{k: v for k, v in ids.get(code, {}).items() if v}})
        for code in dict.fromkeys([*roles, *ids])
    }


def _roles(text: str) -> dict[str, str]:
    """Read « CHI Lily Target_Child, MOT Mother »: the role is the last word."""
    words = [entry.split() for entry in text.split(",")]
    return {entry[0]: entry[-1] if len(entry) > 1 else "" for entry in words if entry}


def _ids(lines: Sequence[str]) -> Mapping[str, dict[str, str]]:
    """Read ``language|corpus|code|age|sex|group|ses|role|education|custom|``."""
    found: dict[str, dict[str, str]] = {}
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")] + [""] * 8
        if cells[2]:
            found[cells[2]] = {"age": cells[3], "sex": cells[4], "group": cells[5], "role": cells[7]}
    return found
