"""A whole transcript in one text, with selections that people coded → one draft with markers.

In: the text as the tool holds it and selections in code points of that text.  Out: a :class:`Draft` whose utterances are
the turns that our text reader finds, with markers at the selected words; a selection over several turns marks each of
them, one that holds no speech (only a speaker's name) is counted and left out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft
from alliance_nlp.formats.coding import Code
from alliance_nlp.formats.marks import Aside, Mark, marker_of, touched
from alliance_nlp.formats.text import draft_from_lines
from alliance_nlp.segmentation import Utterance, merge_markers, segment
from alliance_nlp.transcript import Marker, Origin, Span, Turn

MAX_SELECTIONS = 100_000  # a long session coded densely has some thousand


@dataclass(frozen=True, slots=True)
class Selection:
    """``[start, end)`` of the whole text, the code given to it and who gave it."""

    start: int
    end: int
    code: Code
    origin: Origin
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text: its place in the whole, its characters as they stand and in NFC."""

    start: int
    raw: str
    nfc: str

    def place(self, nfc_place: int) -> int:
        """Return the place in the whole text of a place in the NFC line."""
        if self.raw == self.nfc:
            return self.start + nfc_place
        low, high = 0, len(self.raw)
        while low < high:  # the shortest beginning of the line whose NFC reaches it
            middle = (low + high) // 2
            low, high = (middle + 1, high) if len(_nfc(self.raw[:middle])) < nfc_place else (low, middle)
        return self.start + low


def coded_draft(text: str, selections: Sequence[Selection], aside: Aside, name: str) -> Draft:
    """Return the session in ``text`` with its selections as markers; what finds no turn is counted in ``aside``.

    Raises TranscriptFormatError when there are too many selections.
    """
    if len(selections) > MAX_SELECTIONS:
        raise TranscriptFormatError("coding_tools.too_many", file=name, count=len(selections), limit=MAX_SELECTIONS)
    lines = _lines(text)
    draft = draft_from_lines([line.nfc for line in lines])
    pieces = list(_placed(draft.utterances, lines))
    ordered = sorted(selections, key=lambda selection: (selection.start, selection.end))
    tagged: dict[int, list[Marker]] = {}
    lost = _tag(text, pieces, ordered, tagged)
    aside.add("no_words", lost)
    marked = [replace(part, markers=tuple(tagged.get(number, ()))) for number, part in enumerate(draft.utterances)]
    turns = segment(marked)
    return replace(draft, utterances=tuple(_utterance(turn, ordered) for turn in turns))


def _lines(text: str) -> list[Line]:
    """Cut at LF, CRLF and CR, keeping every line's place."""
    found: list[Line] = []
    start = 0
    for piece in text.replace("\r\n", "\n\0").replace("\r", "\n").split("\n"):
        raw = piece.removeprefix("\0")
        start += len(piece) - len(raw)
        found.append(Line(start, raw, _nfc(raw)))
        start += len(raw) + 1
    return found


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _placed(utterances: Sequence[Utterance], lines: Sequence[Line]) -> Iterator[tuple[int, int] | None]:
    """Yield the place of each utterance in the whole text; None for one whose words were changed in reading."""
    cursor = 0
    for number, part in enumerate(utterances):
        line = lines[part.line - 1] if part.line and part.line <= len(lines) else None
        cursor = cursor if number and utterances[number - 1].line == part.line else 0
        is_last = number + 1 == len(utterances) or utterances[number + 1].line != part.line
        place = -1 if line is None else _find(line.nfc, part.text, cursor, is_last=is_last)
        if line is None or place < 0:
            yield None
            continue
        cursor = place + len(part.text)
        yield line.place(place), line.place(cursor)


def _find(line: str, text: str, cursor: int, *, is_last: bool) -> int:
    """Return where ``text`` stands in the line; the last utterance of a line ends it (« P : P » says « P »)."""
    end = len(line.rstrip())
    if is_last and line[:end].endswith(text) and end - len(text) >= cursor:
        return end - len(text)
    return line.find(text, cursor)


def _tag(
    text: str, pieces: Sequence[tuple[int, int] | None], selections: Sequence[Selection], tagged: dict[int, list[Marker]]
) -> int:
    """Put each selection on the utterances it touches, under its own number; return how many touch none."""
    known = [(number, piece) for number, piece in enumerate(pieces) if piece is not None]
    bounds = sorted((piece, number) for number, piece in known)
    lost, first = 0, 0
    for place, selection in enumerate(selections):
        while first < len(bounds) and bounds[first][0][1] <= selection.start:
            first += 1
        last = first
        while last < len(bounds) and bounds[last][0][0] < selection.end:
            last += 1
        near = bounds[first:last]
        hits = list(touched(text, [piece for piece, _ in near], selection.start, selection.end))
        lost += not hits
        for index, span in hits:
            (a, _), number = near[index]
            origin = replace(selection.origin, version=str(place))  # keeps selections apart while turns are joined
            start, end = (len(_nfc(text[a : a + offset])) for offset in (span.start, span.end))
            if start < end:  # else nothing but an accent, which belongs to the letter before it
                tagged.setdefault(number, []).append(marker_of(Mark(0, selection.code, origin, Span(start, end))))
    return lost


def _utterance(turn: Turn, selections: Sequence[Selection]) -> Utterance:
    markers = [_whole(marker, selections[int(marker.origin.version or 0)]) for marker in turn.markers]
    return Utterance(turn.speaker, turn.text, turn.line, turn.start_s, turn.end_s, merge_markers(markers), turn.extra)


def _whole(marker: Marker, selection: Selection) -> Marker:
    """Return a selection's marker on one turn: one span over the lines that were joined."""
    span = Span(min(span.start for span in marker.spans), max(span.end for span in marker.spans))
    return marker_of(Mark(0, selection.code, selection.origin, span, selection.probability))
