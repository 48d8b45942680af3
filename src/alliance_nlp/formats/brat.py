"""brat (``.ann`` beside its ``.txt``, or a ``.zip`` of such pairs) → sessions with their marks.

In: a zip archive with pairs of files of one name; ``pair`` makes it from the path of an ``.ann``.  Out: a transcript for a
pair that the export wrote (it has ``speaker`` marks: turns come back exactly), else what the text reader makes of the
``.txt``, with the marks put where they stand.

``T`` marks whose type is a code of the scheme (:mod:`alliance_nlp.formats.coding`) become markers: those whose note is the
export's and that still stand as it wrote them come back as they were, all others are a person's (origin ``human``, name
``brat``: an ``.ann`` does not say who).  A mark over several turns becomes one marker a turn.  A rupture without a type, other
types, events and relations are put aside and counted.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.formats import text as plain_text
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.coding import code_of
from alliance_nlp.formats.encoding import check_size, decode_as_typed
from alliance_nlp.formats.package import UNREADABLE
from alliance_nlp.labels import default_label_set
from alliance_nlp.record import SCHEMA, from_record
from alliance_nlp.segmentation import Utterance, merge_markers
from alliance_nlp.transcript import Marker, Notice, Origin, OriginKind, Role, Source, Span, Speaker, Transcript, Turn

SUFFIX, TEXT_SUFFIX = ".ann", ".txt"
SPEAKER, ROLE, NOTES, NOBODY, AFTER_NAME = "speaker", "Role", "AnnotatorNotes", "–", ": "  # as the export writes them
ANNOTATOR = Origin(OriginKind.HUMAN, "brat")
_MARK = re.compile(r"T\d+\t(?P<type>\S+) (?P<places>\d{1,9} \d{1,9}(?:;\d{1,9} \d{1,9})*)(?:\t|$)")
_ATTRIBUTE = re.compile(r"[AM]\d+\t(?P<name>\S+) (?P<mark>T\d+)(?: (?P<value>\S+))?\s*$")
_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")  # brat's server cuts an .ann where str.splitlines does
_NOTE = re.compile(r"#\d+\tAnnotatorNotes (?P<mark>T\d+)\t(?P<text>.*)$")


@dataclass(slots=True)
class Mark:
    """A text-bound annotation: its type, its pieces ``[start, end)`` of the text, its attributes and its note."""

    type: str
    pieces: tuple[Span, ...]
    attributes: dict[str, str | None] = field(default_factory=dict)
    note: Any = None


def pair(path: Path) -> bytes:
    """Return the archive of an ``.ann`` and of the ``.txt`` beside it; OSError when either cannot be read."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in (path, path.with_suffix(TEXT_SUFFIX)):
            archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes())  # without its date: equal files, equal bytes
    return buffer.getvalue()


def is_brat(data: bytes, name: str) -> bool:
    """True for an archive that holds an ``.ann`` file, or an ``.ann`` alone."""
    if not data.startswith(b"PK\x03\x04"):
        return name.lower().endswith(SUFFIX) and re.match(rb"(?:\xef\xbb\xbf)?[TERAMN#*]\d*\t", data) is not None
    try:
        return SUFFIX.encode() in data and any(n.endswith(SUFFIX) for n in zipfile.ZipFile(io.BytesIO(data)).namelist())
    except UNREADABLE:
        return False


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return a session a pair; TranscriptFormatError for an ``.ann`` without its text, or a damaged archive."""
    if not data.startswith(b"PK\x03\x04"):
        raise TranscriptFormatError("exports.brat_alone", file=name)
    files = _unpacked(data, name)
    pairs = [(stem, files[stem + TEXT_SUFFIX], files[stem + SUFFIX]) for stem in _stems(files)]
    if not pairs:
        raise TranscriptFormatError("exports.brat_alone", file=name)
    return [_session(stem, text, annotations, data, name, options) for stem, text, annotations in pairs]


def _unpacked(data: bytes, name: str) -> dict[str, bytes]:
    """Return the archive's ``.txt`` and ``.ann`` files by name; bounded in size."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [part for part in archive.infolist() if part.filename.endswith((SUFFIX, TEXT_SUFFIX))]
            check_size(sum(part.file_size for part in parts), name)
            return {part.filename: archive.read(part) for part in parts}
    except UNREADABLE as error:
        raise TranscriptFormatError("exports.brat_damaged", file=name) from error


def _stems(files: Mapping[str, bytes]) -> list[str]:
    stems = [file.removesuffix(SUFFIX) for file in files if file.endswith(SUFFIX)]
    return [stem for stem in stems if stem + TEXT_SUFFIX in files]


def _session(stem: str, text: bytes, annotations: bytes, data: bytes, name: str, options: ReadOptions) -> Draft | Transcript:
    page = decode_as_typed(text, name).text
    marks, others = _marks(annotations, page, name)
    if any(mark.type == SPEAKER for mark in marks):
        source = Source(file=name, format="brat", sha256=hashlib.sha256(data).hexdigest())
        return replace(_exported(page, marks, others, PurePath(stem).name, options), source=source)
    return _typed(text, page, marks, others, PurePath(stem).name, options)


# ------------------------------------------------------------------------------------------ the .ann


def _marks(annotations: bytes, page: str, name: str) -> tuple[list[Mark], int]:
    """Return the text-bound marks with what stands of them, and how many lines are of other kinds."""
    lines = decode_as_typed(annotations, name).text.split("\n") if annotations.strip() else []
    found: dict[str, Mark] = {}
    others = 0
    for line in lines:
        match = _MARK.match(line.rstrip("\r"))
        if match is not None:
            pieces = [tuple(map(int, piece.split(" "))) for piece in match["places"].split(";")]
            spans = tuple(Span(start, end) for start, end in pieces if start < end <= len(page))
            others += not spans
            if spans:
                found[line.partition("\t")[0]] = Mark(match["type"], spans)
        elif line.strip() and line[0] not in "#AM":
            others += 1
    for line in lines:
        _complete(found, line.rstrip("\r"))
    return list(found.values()), others


def _complete(marks: Mapping[str, Mark], line: str) -> None:
    """Put an attribute or a note with its mark."""
    attribute, note = _ATTRIBUTE.match(line), _NOTE.match(line)
    if attribute is not None and attribute["mark"] in marks:
        marks[attribute["mark"]].attributes[attribute["name"]] = attribute["value"]
    if note is not None and note["mark"] in marks:
        try:
            marks[note["mark"]].note = json.loads(note["text"])
        except (ValueError, RecursionError):
            return  # a person's own note: no marker of ours


# ------------------------------------------------------------------------------------------ pairs of the export


def _exported(page: str, marks: list[Mark], others: int, stem: str, options: ReadOptions) -> Transcript:
    names = sorted((mark for mark in marks if mark.type == SPEAKER), key=lambda mark: mark.pieces[0])
    codes = [mark for mark in marks if mark.type != SPEAKER]
    note = names[0].note if isinstance(names[0].note, dict) else {}
    ends = [max(mark.pieces[0].start - 1, 0) for mark in names[1:]] + [len(page.removesuffix("\n"))]
    turns, roles, used = [], {}, set()
    for index, (mark, end) in enumerate(zip(names, ends)):
        name, start = page[mark.pieces[0].start : mark.pieces[-1].end], mark.pieces[-1].end
        start = min(start + len(AFTER_NAME) * page.startswith(AFTER_NAME, start), end)
        here = [(place, found) for place, code in enumerate(codes) if (found := _marker(code, page, start, end, mark)) is not None]
        used |= {place for place, _ in here}
        speaker = None if name == NOBODY else name
        if speaker is not None:
            roles[speaker] = options.roles.get(speaker) or _role(mark)
        turns.append(Turn(index, speaker, page[start:end], markers=tuple(marker for _, marker in here)))
    metadata = note.get("metadata")
    return Transcript(
        session_id=note["session_id"] if isinstance(note.get("session_id"), str) and note["session_id"] else stem,
        turns=tuple(turns),
        speakers=tuple(Speaker(name, role) for name, role in roles.items()),
        language=note["language"] if isinstance(note.get("language"), str) else "fr",
        metadata=metadata if isinstance(metadata, dict) else {},
        warnings=tuple(_aside(others + len(codes) - len(used))),
    )


def _role(mark: Mark) -> Role:
    value = mark.attributes.get(ROLE)
    return Role(value) if value in {role.value for role in Role} else Role.UNKNOWN


def _marker(mark: Mark, page: str, start: int, end: int, name: Mark | None = None) -> Marker | None:
    """Return the marker that ``mark`` puts on the turn ``[start, end)``; None when it puts none there."""
    spans = [Span(max(p.start, start) - start, min(p.end, end) - start) for p in mark.pieces if p.start < end and p.end > start]
    on_name = name is not None and mark.pieces == name.pieces  # a marker of a turn without text
    if not spans and not on_name:
        return None
    written = _written(mark.note, page[start:end])
    if written is not None and _stands(mark, written, spans, page[start:end]):
        return written
    code = code_of(mark.type)
    types = () if code is None else tuple(k for k in default_label_set().type_ids if k == code.type or k.capitalize() in mark.attributes)
    if code is None or not spans:
        return None
    allowed = {kind.id for kind in default_label_set()[code.label].types}
    types = tuple(kind for kind in types if kind in allowed)
    return Marker(code.label, ANNOTATOR, types=types, spans=tuple(spans)) if bool(types) == bool(allowed) else None


def _written(note: Any, text: str) -> Marker | None:
    """Return the marker that a note of the export holds; None for any other note."""
    turn = {"index": 0, "text": text, "markers": [note]}
    try:
        return from_record({"schema": SCHEMA, "session_id": "-", "speakers": [], "turns": [turn]}).turns[0].markers[0]
    except AllianceError:
        return None


def _stands(mark: Mark, written: Marker, spans: list[Span], text: str) -> bool:
    """True when nobody has changed the mark since its note was written."""
    flags = {kind for kind in default_label_set().type_ids if kind.capitalize() in mark.attributes}
    same = (mark.type, flags, mark.attributes.get("Origin")) == (written.label, set(written.types), written.origin.kind.value)
    whole = (Span(0, len(text)),) if text else ()
    return same and tuple(spans) == pieces_of(written.spans or whole, text)


def pieces_of(spans: Iterable[Span], text: str) -> tuple[Span, ...]:
    """Return spans as brat allows them: in order, overlapping ones joined, cut at line ends, none of white space alone.

    >>> pieces_of([Span(4, 9), Span(0, 5)], "Bon.\\nSoit.")
    (Span(start=0, end=4), Span(start=5, end=9))
    """
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start < joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    lines = [(span.start, line) for span in joined for line in _LINE.finditer(text[span.start : span.end])]
    return tuple(Span(start + line.start(), start + line.end()) for start, line in lines if line[0].strip())


# ------------------------------------------------------------------------------------------ other people's pairs


def _typed(text: bytes, page: str, marks: list[Mark], others: int, stem: str, options: ReadOptions) -> Draft:
    (draft,) = plain_text.read(text, stem + TEXT_SUFFIX, options)
    composed = unicodedata.normalize("NFC", page)
    if composed != page:
        marks = [replace(mark, pieces=tuple(_composed(mark.pieces, page))) for mark in marks]
    used: set[int] = set()
    utterances: list[Utterance] = []
    for utterance, start in zip(draft.utterances, _places(draft.utterances, composed)):
        here = [] if start is None else list(_found(marks, composed, start, start + len(utterance.text)))
        used |= {place for place, _ in here}
        utterances.append(replace(utterance, markers=merge_markers([marker for _, marker in here])))
    notices = (*draft.notices, *_aside(others + len(marks) - len(used)))
    return replace(draft, utterances=tuple(utterances), notices=notices, session_id=draft.session_id or stem)


def _composed(pieces: Iterable[Span], page: str) -> Iterator[Span]:
    for piece in pieces:
        start, end = (len(unicodedata.normalize("NFC", page[:place])) for place in (piece.start, piece.end))
        if start < end:
            yield Span(start, end)


def _places(utterances: Iterable[Utterance], page: str) -> Iterator[int | None]:
    """Yield where each utterance's text begins in the page; None for one that the text reader has mended."""
    place = 0
    for utterance in utterances:
        found = page.find(utterance.text, place)
        yield None if found < 0 else found
        place = place if found < 0 else found + len(utterance.text)


def _found(marks: list[Mark], page: str, start: int, end: int) -> Iterator[tuple[int, Marker]]:
    for place, mark in enumerate(marks):
        marker = _marker(mark, page, start, end)
        if marker is not None:
            yield place, marker


def _aside(count: int) -> Iterator[Notice]:
    if count:
        yield Notice("exports.brat_aside", params={"count": count})
