"""What the type of a Word document says → plain lines that say it in words.

In: paragraphs with their runs.  Out: :class:`TypedLine`: one a line (a soft line break makes a line), where «
**Thérapeute** Bonjour » has become « Thérapeute : Bonjour » and the times of Teams' transcripts stand in
brackets before the name.  Which names are names is decided by :mod:`alliance_nlp.formats.prefixes`, as for
text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from alliance_nlp.formats.clock import seconds
from alliance_nlp.formats.document import Paragraph, Run
from alliance_nlp.formats.line_openings import Form
from alliance_nlp.formats.names import MAX_NAME_CHARS, is_name_like
from alliance_nlp.formats.prefixes import ALL_LINES, openings
from alliance_nlp.formats.timestamps import STAMP
from alliance_nlp.segmentation import is_note
from alliance_nlp.transcript import Notice

ALTERNATING = ("A", "B")  # as in plain text without names
_SENTENCE_END = re.compile(r"[.!?…][»\"”’)\]\s]*$")
_SENTENCES_SHARE = 0.6  # of the bold paragraphs: headings do not end like sentences
_NAMES_SHARE = 0.8  # of the lines all in bold type: with fewer names among them they are speech
_MIN_TEAMS_LINES = 2
_OLD_TIMES = re.compile(r"(\d{1,3}:\d{1,2}:\d{1,2}\.\d{1,6})\s?-->\s?(\d{1,3}:\d{1,2}:\d{1,2}\.\d{1,6})")
_NEW_TIMES = re.compile(
    rf"(?P<name>\S.{{0,{MAX_NAME_CHARS - 1}}}?)\s+(?P<time>(?:\d{{1,2}}:)?\d{{1,2}}:\d\d)"
)
_TEAMS_OWN = re.compile(
    r".{1,80} (?:a (?:démarré|commencé|arrêté) la transcription|(?:started|stopped) transcription)\.?"
)
_BLANKS = " \t\u00a0\u202f"
_SIGNS = _BLANKS + "–—-"  # between a name and the speech


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A line of a document and the number of its paragraph.

    ``before`` is a time stamp in front of ``lead``, the line's first words in bold type; ``rest`` is what
    follows. ``is_named``: the lead is a speaker's name, and ``text`` says so.
    """

    number: int
    text: str
    before: str = ""
    lead: str = ""
    rest: str = ""
    is_named: bool = False

    def marked(self, *, names_alone: bool) -> str:
        """Return the line with its lead marked as Markdown marks bold type, if it may be a name."""
        if not self.lead or (not self.rest and not names_alone):
            return self.text
        return f"{self.before}**{self.lead}** {self.rest}"

    def named(self) -> str:
        """Return the line with its lead written as a name."""
        return f"{self.before}{self.lead} : {self.rest}".strip()


def teams_lines(paragraphs: Sequence[Paragraph]) -> tuple[list[TypedLine], int]:
    """Return the lines of the paragraphs, Teams' own layouts written as « [time] Name : speech ».

    Also returned: how many lines Teams itself wrote (« … a démarré la transcription ») and were left out.
    """
    all_lines = [line for paragraph in _spaced(paragraphs) for line in _lines(paragraph)]
    lines = [line for line in all_lines if not _TEAMS_OWN.fullmatch(line.text)]
    is_old = sum(1 for line in lines if _OLD_TIMES.fullmatch(line.text)) >= _MIN_TEAMS_LINES
    lines = [
        line for line in lines if line.text or not is_old
    ]  # blank ones may part the three lines of a turn
    is_new = sum(1 for a, b in zip(lines, lines[1:]) if _new_time(a, b)) >= _MIN_TEAMS_LINES
    rest = deque(lines)
    written: list[TypedLine] = []
    while rest:
        line = rest.popleft()
        times = _OLD_TIMES.fullmatch(line.text) if is_old else None
        after = _new_time(line, rest[0]) if is_new and rest else None
        if times is not None and len(rest) >= 2:
            name, speech = rest.popleft(), rest.popleft()
            line = TypedLine(
                line.number, f"[{_clock(times[1])} - {_clock(times[2])}] {name.text} : {speech.text}"
            )
        elif after is not None:
            line = TypedLine(
                line.number, f"[{_clock(after['time'])}] {after['name']} : {rest.popleft().text}"
            )
        written.append(line)
    return written, len(all_lines) - len(lines)


def _new_time(line: TypedLine, following: TypedLine) -> re.Match[str] | None:
    """Return the match of « Name   0:03 » when the speech follows after a soft line break, else None."""
    if following.number != line.number or not following.text:
        return None
    return _NEW_TIMES.fullmatch(line.text)


def with_bold_names(lines: Sequence[TypedLine]) -> tuple[list[TypedLine], list[str]]:
    """Return the lines, names that bold type alone sets off written out as « Name : », and those names."""
    alone = [line for line in lines if line.lead and not line.rest]
    names_alone = sum(is_name_like(line.lead) for line in alone) >= _NAMES_SHARE * len(alone)
    marked = [line.marked(names_alone=names_alone) for line in lines]
    found = openings(marked)
    is_name = [line.lead != "" and o is not None and o.form is Form.BOLD for line, o in zip(lines, found)]
    if any(is_name) and _all_lines_open(lines[is_name.index(True) :], marked[is_name.index(True) :]):
        is_name = [line.text != text for line, text in zip(lines, marked)]  # those seen once, too
    elif any(named and not line.rest for line, named in zip(lines, is_name)):
        is_name = [named or _may_stand_alone(line) for line, named in zip(lines, is_name)]
    if not any(is_name):
        return list(lines), []
    names = dict.fromkeys(line.lead for line, named in zip(lines, is_name) if named)
    return _gathered(_written_out(lines, is_name)), list(names)


def _may_stand_alone(line: TypedLine) -> bool:
    return line.lead[:1].isupper() and not line.rest and is_name_like(line.lead)


def _written_out(lines: Sequence[TypedLine], is_name: Sequence[bool]) -> list[TypedLine]:
    return [
        replace(line, text=line.named(), is_named=True) if named else line
        for line, named in zip(lines, is_name)
    ]


def _gathered(lines: Sequence[TypedLine]) -> list[TypedLine]:
    """Join to each line with a name those that go on with it.

    So every line from the first name on opens with one, and names seen once are believed like the others.
    """
    found = openings([line.text for line in lines])
    gathered: list[tuple[TypedLine, list[str]]] = []
    named = False
    for line, opening in zip(lines, found):
        is_start = opening is not None or line.is_named
        if named and not is_start:
            gathered[-1][1].append(line.text)
        else:
            gathered.append((line, [line.text]))
        named = named or is_start
    return [replace(line, text=" ".join(text for text in texts if text)) for line, texts in gathered]


def _all_lines_open(lines: Sequence[TypedLine], marked: Sequence[str]) -> bool:
    spoken = [line.text != text for line, text in zip(lines, marked) if line.text]
    return sum(spoken) >= ALL_LINES * len(spoken)


def alternating_type(
    paragraphs: Sequence[Paragraph], lines: list[TypedLine]
) -> tuple[list[TypedLine], list[Notice]]:
    """Return the lines with « A » and « B » before bold and plain paragraphs, if nothing else names anybody.

    Left as they are when there are names, or when bold type is used for headings.
    """
    spoken = [p for p in paragraphs if p.text.strip() and not is_note(p.text.strip())]
    bold = {p.number: all(run.is_bold for run in p.runs if run.text.strip()) for p in spoken}
    in_bold = [p for p in spoken if bold[p.number]]
    changes = sum(bold[a.number] != bold[b.number] for a, b in zip(spoken, spoken[1:]))
    sentences = [p for p in in_bold if _SENTENCE_END.search(p.text[-20:])]
    is_convention = len(in_bold) >= 2 and changes >= 3 and len(sentences) >= _SENTENCES_SHARE * len(in_bold)
    if not is_convention or any(openings([line.text for line in lines])):
        return lines, []
    first = next(p for p in spoken if _SENTENCE_END.search(p.text[-20:]))  # above it stands the title
    name = {bold[first.number]: ALTERNATING[0], not bold[first.number]: ALTERNATING[1]}
    begun: set[int] = set()
    named = []
    for line in lines:
        if line.number in bold and line.number >= first.number and line.number not in begun:
            begun.add(line.number)
            line = replace(line, text=f"{name[bold[line.number]]} : {line.text}")
        named.append(line)
    return named, [Notice("files.docx_bold_turns", params={"bold": name[True], "plain": name[False]})]


# ---------------------------------------------------------------------------------------- lines


def _spaced(paragraphs: Sequence[Paragraph]) -> Iterator[Paragraph]:
    """Yield the paragraphs, blank ones between if there are none: a soft line break ends no paragraph."""
    filled = [place for place, paragraph in enumerate(paragraphs) if paragraph.text.strip()]
    has_blanks = any(b - a > 1 for a, b in zip(filled, filled[1:]))
    for paragraph in paragraphs:
        yield paragraph
        if not has_blanks:
            yield Paragraph(paragraph.number, ())


def _lines(paragraph: Paragraph) -> Iterator[TypedLine]:
    runs: list[Run] = []
    for run in paragraph.runs:
        first, *others = run.text.split("\n")
        runs.append(replace(run, text=first))
        for text in others:
            yield _typed_line(paragraph.number, runs)
            runs = [replace(run, text=text)]
    yield _typed_line(paragraph.number, runs)


def _typed_line(number: int, runs: Sequence[Run]) -> TypedLine:
    """Return a line with the bold words that open it, unless a colon or a time already sets them off."""
    text = unicodedata.normalize("NFC", "".join(run.text for run in runs)).strip()
    filled = [run for run in runs if run.text.strip(_BLANKS)]
    place = next((place for place, run in enumerate(filled) if run.is_bold), None)
    if place is None:
        return TypedLine(number, text)
    before = "".join(run.text for run in filled[:place]).strip()
    end = next((at for at in range(place, len(filled)) if not filled[at].is_bold), len(filled))
    lead = unicodedata.normalize("NFC", "".join(run.text for run in filled[place:end])).strip()
    rest = unicodedata.normalize("NFC", "".join(run.text for run in filled[end:])).strip()
    is_time = seconds(rest) is not None or STAMP.fullmatch(rest) is not None
    has_sign = lead.endswith(":") or rest.startswith(":") or "*" in lead
    if (before and not STAMP.fullmatch(before)) or has_sign or is_time or len(lead) > MAX_NAME_CHARS:
        return TypedLine(number, text)
    return TypedLine(number, text, f"{before} " if before else "", lead.rstrip(_SIGNS), rest.lstrip(_SIGNS))


def _clock(text: str) -> str:
    milliseconds = round((seconds(text) or 0.0) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
