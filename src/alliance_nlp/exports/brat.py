"""brat: ``<session>.txt`` and ``<session>.ann`` a session, ``annotation.conf`` and ``visual.conf`` once.

In: transcripts.  Out: files that make a brat collection when they lie in one folder of its data.

The text is a turn a line after the speaker's name.  In the ``.ann`` (offsets are code points):

* ``T`` of type ``speaker`` on every name, with the attribute ``Role``: so turns are found again whatever a line holds;
* ``T`` of type ``goal``, ``task``, ``bond``, ``rupture``, ``repair`` on the evidence of one marker, in pieces
  (``0 5;9 14``) when it has several spans; attributes ``Withdrawal``, ``Confrontation``, ``Origin`` and ``Certainty``
  (the probability to the nearest tenth: brat only knows lists of values);
* ``#`` notes (``AnnotatorNotes``) with the exact marker as JSON: who gave it, its probability, its spans in the turn.  A note
  whose ``T`` still stands as it was written is believed when the file is read again (:mod:`alliance_nlp.formats.brat`);
  the first name's note has the session's id, language and metadata.

brat allows no line end inside a ``T`` and no overlapping pieces: spans are cut at line ends, overlapping ones joined; the
note keeps them apart.  Left out: times and the turns' probabilities.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.exports.layout import Page, PlacedTurn, lay_out
from alliance_nlp.file_names import file_name
from alliance_nlp.formats.brat import NOTES, ROLE, SPEAKER, pieces_of
from alliance_nlp.labels import Label, LabelSet, default_label_set
from alliance_nlp.messages import render
from alliance_nlp.record import to_record
from alliance_nlp.transcript import Marker, OriginKind, Role, Span, Transcript

ORIGIN, CERTAINTY = "Origin", "Certainty"
TENTHS = tuple(f"0.{tenth}" for tenth in range(10)) + ("1.0",)
OVERLAP = "<OVERLAP>\tArg1:<ANY>, Arg2:<ANY>, <OVL-TYPE>:<ANY>"  # two markers' evidence may overlap in every way
SPEAKER_COLOUR = "#E8E8E8"  # a quiet grey: names are no marks



def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield the two files of each session, and at the end the two of the collection."""
    for transcript in transcripts:
        name, page = file_name(transcript.session_id), lay_out(transcript, with_names=True)
        annotations = "".join(line + "\n" for line in _annotations(transcript, page))
        yield ExportedFile(f"{name}.txt", (page.text + "\n").encode("utf-8"))
        yield ExportedFile(f"{name}.ann", annotations.encode("utf-8"))
    label_set = default_label_set()
    yield ExportedFile("annotation.conf", annotation_conf(label_set).encode("utf-8"))
    yield ExportedFile("visual.conf", visual_conf(label_set, options.language).encode("utf-8"))


# ------------------------------------------------------------------------------------------ one session


class _Numbers:
    """Running numbers of brat's ids: T1, T2 …, A1 …, #1 …."""

    def __init__(self) -> None:
        self.last: dict[str, int] = {}

    def next(self, kind: str) -> str:
        self.last[kind] = self.last.get(kind, 0) + 1
        return f"{kind}{self.last[kind]}"


def _annotations(transcript: Transcript, page: Page) -> Iterator[str]:
    numbers = _Numbers()
    records = to_record(transcript)["turns"]
    for placed, record in zip(page.turns, records):
        name = pieces_of([Span(placed.name_start, placed.name_end)], page.text)
        about = None if placed.turn.index else _note(session_note(transcript))
        yield from _mark(numbers, page.text, SPEAKER, name, [(ROLE, transcript.role_of(placed.turn).value)], about)
        for marker, as_json in zip(placed.turn.markers, record["markers"]):
            pieces = _pieces(placed, marker, page.text) or name
            yield from _mark(numbers, page.text, marker.label, pieces, _attributes(marker), _note(as_json))


def _mark(
    numbers: _Numbers, text: str, kind: str, pieces: Sequence[Span], attributes: list[tuple[str, str | None]], note: str | None = None
) -> Iterator[str]:
    mark = numbers.next("T")
    places = ";".join(f"{piece.start} {piece.end}" for piece in pieces)
    yield f"{mark}\t{kind} {places}\t{' '.join(text[piece.start : piece.end] for piece in pieces)}"
    for name, value in attributes:
        yield " ".join(filter(None, (f"{numbers.next('A')}\t{name}", mark, value)))
    if note is not None:
        yield f"{numbers.next('#')}\t{NOTES} {mark}\t{note}"


def _attributes(marker: Marker) -> list[tuple[str, str | None]]:
    flags: list[tuple[str, str | None]] = [(kind.capitalize(), None) for kind in marker.types]
    certainty = [] if marker.probability is None else [(CERTAINTY, TENTHS[round(marker.probability * 10)])]
    return [*flags, (ORIGIN, marker.origin.kind.value), *certainty]


def _note(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=True, separators=(",", ":"))  # one line, whatever the names hold


def session_note(transcript: Transcript) -> dict[str, Any]:
    """Return what the note on the first name says of the session."""
    return {"session_id": transcript.session_id, "language": transcript.language, "metadata": dict(transcript.metadata)}


def _pieces(placed: PlacedTurn, marker: Marker, text: str) -> Sequence[Span]:
    spans = marker.spans or ((Span(0, len(placed.turn.text)),) if placed.turn.text else ())
    return pieces_of([Span(span.start + placed.start, span.end + placed.start) for span in spans], text)


# ------------------------------------------------------------------------------------------ the collection


def annotation_conf(label_set: LabelSet) -> str:
    """Return brat's list of types and attributes."""
    labels = "|".join(label_set.ids)
    lines = ["[entities]", *label_set.ids, SPEAKER, "", "[relations]", OVERLAP, "", "[events]", "", "[attributes]"]
    lines += [f"{kind.id.capitalize()}\tArg:{label.id}" for label in label_set.labels for kind in label.types]
    lines += [f"{ORIGIN}\tArg:{labels}, Value:{'|'.join(kind.value for kind in OriginKind)}"]
    lines += [f"{CERTAINTY}\tArg:{labels}, Value:{'|'.join(TENTHS)}"]
    lines += [f"{ROLE}\tArg:{SPEAKER}, Value:{'|'.join(role.value for role in Role)}"]
    return "\n".join(lines) + "\n"


def visual_conf(label_set: LabelSet, language: str) -> str:
    """Return brat's names and colours, from the label scheme."""
    names = [f"{label.id} | {_name(label, language)} | {_short(label, language)}" for label in label_set.labels]
    names += [f"{kind.id.capitalize()} | {getattr(kind, language)}" for label in label_set.labels for kind in label.types]
    names += [f"{code} | {render(f'exports.brat_{code.lower()}', language)}" for code in (SPEAKER, ROLE, ORIGIN, CERTAINTY)]
    drawn = [f"{label.id}\tbgColor:{label.colour}, fgColor:{_readable(label.colour)}, borderColor:darken" for label in label_set.labels]
    drawn += [f"{SPEAKER}\tbgColor:{SPEAKER_COLOUR}, fgColor:black, borderColor:darken"]
    drawn += [f"{kind.id.capitalize()}\tglyph:{kind.id[0].upper()}" for label in label_set.labels for kind in label.types]
    return "\n".join(["[labels]", *names, "", "[drawing]", *drawn]) + "\n"


def _name(label: Label, language: str) -> str:
    return label.fr if language == "fr" else label.en


def _short(label: Label, language: str) -> str:
    return label.short_fr if language == "fr" else label.short_en


def _readable(colour: str) -> str:
    """Return black or white, whichever has the higher contrast on ``colour`` (WCAG 2.1, relative luminance)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "white"
