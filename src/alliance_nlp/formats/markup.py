"""The authoring markup of the corpus: sessions written with their tags in the text, read and written.

In: ``#meta {json}`` on the first line, then one turn a line (``T: …``) with ``<goal>…</goal>`` tags that
nest or follow, never cross; ``#note`` lines. Out: one :class:`Draft` whose utterances carry markers with
spans into the text without tags; and back, :func:`dumps_markup`. Left out when writing: times,
probabilities and line numbers, which the markup cannot hold.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.encoding import decode_as_typed, split_lines
from alliance_nlp.labels import default_label_set
from alliance_nlp.segmentation import Utterance, merge_markers, span_types
from alliance_nlp.transcript import Marker, Notice, Origin, OriginKind, Role, Span, Transcript, Turn

META = "#meta"
NOTE = "#note"
DEFAULT_WRITER = "corpus"
NOT_METADATA = ("id", "speakers", "language", "origin")  # keys of #meta with a place of their own

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z_][\w-]{0,30})>")


@dataclass(frozen=True, slots=True)
class Meta:
    """What the first line says."""

    session_id: str | None
    roles: Mapping[str, Role]
    language: str
    origin: Origin
    metadata: Mapping[str, Any]


# ---------------------------------------------------------------------------------------- reading


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft]:
    """Return the one session of a marked-up file; TranscriptFormatError naming the line that is wrong."""
    decoded = decode_as_typed(data, name)  # NFC comes after the tags: « > » may melt with what follows it
    return [replace(loads_markup(decoded.text, file=name), encoding=decoded.encoding)]


def loads_markup(text: str, *, file: str | None = None) -> Draft:
    """Return the session in ``text``; TranscriptFormatError naming the line that is wrong.

    >>> draft = loads_markup('#meta {"speakers": {"P": "patient"}}\\nP: <task>Je l\\'ai fait.</task> Bon.')
    >>> draft.utterances[0].text, draft.utterances[0].markers[0].spans
    ("Je l'ai fait. Bon.", (Span(start=0, end=13),))
    """
    lines = split_lines(text.removeprefix("\ufeff"))
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    try:
        meta = _read_meta(lines[first].strip())
        utterances = list(_read_turns(lines, first + 1, meta))
    except AllianceError as error:
        place = error.line if error.line is not None else first + 1
        raise type(error)(error.code, file=file, line=place, **error.params) from error
    return Draft(
        utterances=tuple(utterances),
        roles=meta.roles,
        metadata=meta.metadata,
        session_id=meta.session_id,
        language=meta.language,
        notices=tuple(_wrong_roles(utterances, meta.roles)),
    )


def _read_meta(line: str) -> Meta:
    if not line.startswith(META):
        raise TranscriptFormatError("formats.markup_no_meta")
    try:
        table = json.loads(unicodedata.normalize("NFC", line[len(META) :]))
    except (ValueError, RecursionError) as error:
        raise TranscriptFormatError("formats.markup_bad_meta") from error
    speakers = table.get("speakers") if isinstance(table, dict) else None
    if not isinstance(speakers, dict) or not speakers or not all(_is_label(name) for name in speakers):
        raise TranscriptFormatError("formats.markup_bad_speakers")
    session_id = table.get("id")
    if session_id is not None and not (isinstance(session_id, str) and session_id):
        raise TranscriptFormatError("formats.markup_bad_id")
    return Meta(
        session_id=session_id,
        roles={name: Role.parse(str(role)) for name, role in speakers.items()},
        language=str(table.get("language", "fr")),
        origin=_origin(table),
        metadata={key: value for key, value in table.items() if key not in NOT_METADATA},
    )


def _origin(table: Mapping[str, Any]) -> Origin:
    """Return who gave the tags: ``origin`` when it is said, else the writer of a fictional session."""
    given = table.get("origin")
    if isinstance(given, dict) and given.get("kind") in {kind.value for kind in OriginKind}:
        version = given.get("version")
        return Origin(
            OriginKind(given["kind"]), str(given.get("name")), None if version is None else str(version)
        )
    return Origin(OriginKind.AUTHORED, str(table.get("writer") or DEFAULT_WRITER))


def _read_turns(lines: Sequence[str], first: int, meta: Meta) -> Iterator[Utterance]:
    notes: list[str] = []
    last: Utterance | None = None
    for place in range(first, len(lines)):
        line = lines[place].strip()
        if line.startswith(NOTE):
            notes.append(unicodedata.normalize("NFC", line[len(NOTE) :].strip()))
        elif line:
            if last is not None:
                yield last
            last = _read_turn(line, place + 1, meta, notes)
            notes = []
    if last is not None:
        yield replace(last, extra={**last.extra, "note_after": "\n".join(notes)}) if notes else last


def _read_turn(line: str, number: int, meta: Meta, notes: Sequence[str]) -> Utterance:
    label, colon, text = line.partition(":")
    speaker = unicodedata.normalize("NFC", label.strip())
    if not colon or speaker not in meta.roles:
        # The opening is not repeated: it may be speech.
        raise TranscriptFormatError("formats.markup_no_speaker", line=number, expected=", ".join(meta.roles))
    plain, markers = _read_tags(text, number, meta.origin)
    extra = {"note": "\n".join(notes)} if notes else {}
    return Utterance(speaker, plain, number, markers=markers, extra=extra)


def _read_tags(tagged: str, number: int, origin: Origin) -> tuple[str, tuple[Marker, ...]]:
    """Return the text without its tags, and one marker per label."""
    plain = ""
    open_tags: list[tuple[str, int]] = []
    found: list[tuple[str, int, int]] = []  # tag, start, end, into `plain`
    place = 0
    for match in _TAG.finditer(tagged):
        plain += tagged[place : match.start()]
        place = match.end()
        if match["close"]:
            found.append((match["name"], _close(open_tags, match["name"], number), len(plain)))
        else:
            open_tags.append((_known_tag(match["name"], number), len(plain)))
    if open_tags:
        raise TranscriptFormatError("formats.markup_unclosed", line=number, tag=open_tags[-1][0])
    plain += tagged[place:]
    text = unicodedata.normalize("NFC", plain.strip())
    markers = [
        _marker(tag, span, origin) for (tag, _, _), span in zip(found, _settled_spans(plain, found, number))
    ]
    return text, merge_markers(markers)


def _known_tag(tag: str, number: int) -> str:
    tags = default_label_set().markup_tags
    if tag not in tags:
        raise TranscriptFormatError(
            "formats.markup_unknown_tag", line=number, tag=tag, expected=", ".join(tags)
        )
    return tag


def _close(open_tags: list[tuple[str, int]], tag: str, number: int) -> int:
    """Take the tag that closes off the stack and return where it was opened."""
    _known_tag(tag, number)
    if all(name != tag for name, _ in open_tags):
        raise TranscriptFormatError("formats.markup_not_open", line=number, tag=tag)
    if open_tags[-1][0] != tag:
        raise TranscriptFormatError("formats.markup_crossing", line=number, tag=tag, inner=open_tags[-1][0])
    return open_tags.pop()[1]


def _settled_spans(plain: str, found: Sequence[tuple[str, int, int]], number: int) -> Iterator[Span]:
    """Move spans from the text as typed into the stripped NFC text."""
    stripped = plain.strip()
    lead = len(plain) - len(plain.lstrip())
    is_nfc = unicodedata.is_normalized("NFC", stripped)
    for tag, start, end in found:
        start, end = max(start - lead, 0), min(end - lead, len(stripped))
        if not stripped[start:end].strip():
            raise TranscriptFormatError("formats.markup_empty_tag", line=number, tag=tag)
        if not is_nfc:
            start, end = (len(unicodedata.normalize("NFC", stripped[:place])) for place in (start, end))
        if start == end:  # nothing but an accent, which now belongs to the letter before the tag
            raise TranscriptFormatError("formats.markup_empty_tag", line=number, tag=tag)
        yield Span(start, end)


def _marker(tag: str, span: Span, origin: Origin) -> Marker:
    label_set = default_label_set()
    if tag in label_set.ids:
        return Marker(tag, origin, spans=(span,))
    return Marker(label_set.owner(tag).id, origin, types=(tag,), spans=(span,))


def _wrong_roles(utterances: Sequence[Utterance], roles: Mapping[str, Role]) -> Iterator[Notice]:
    label_set = default_label_set()
    for utterance in utterances:
        role = roles[utterance.speaker] if utterance.speaker is not None else Role.UNKNOWN
        for marker in utterance.markers:
            if role.value not in label_set[marker.label].roles:
                yield Notice(
                    "formats.markup_role", utterance.line, {"label": marker.label, "role": role.value}
                )


def _is_label(name: str) -> bool:
    return bool(name.strip()) and name == name.strip() and not re.search(r"[:<\n\r]|^#", name)


# ---------------------------------------------------------------------------------------- writing


def dumps_markup(transcript: Transcript) -> str:
    """Return the session in the authoring markup; TranscriptFormatError for a turn the markup cannot hold.

    What was read from markup comes back equal.  Of other sessions: crossing spans are cut in two where they
    cross, a marker without a span takes the whole turn, times and probabilities are left out.
    """
    lines = [f"{META} {json.dumps(_meta(transcript), ensure_ascii=False)}"]
    for turn in transcript.turns:
        lines += _note_lines(turn.extra.get("note"))
        lines.append(f"{_speaker(turn)}: {_tagged(turn)}")
        lines += _note_lines(turn.extra.get("note_after"))
    return "\n".join(lines) + "\n"


def _meta(transcript: Transcript) -> dict[str, Any]:
    meta = {"id": transcript.session_id, **transcript.metadata}
    if transcript.language != "fr":
        meta["language"] = transcript.language
    origins = {marker.origin for turn in transcript.turns for marker in turn.markers}
    if len(origins) > 1:
        raise TranscriptFormatError("formats.markup_many_origins", count=len(origins))
    for origin in origins - {_origin(transcript.metadata)}:
        meta["origin"] = {"kind": origin.kind.value, "name": origin.name, "version": origin.version}
    return {**meta, "speakers": {speaker.id: speaker.role.value for speaker in transcript.speakers}}


def _speaker(turn: Turn) -> str:
    if turn.speaker is None or not _is_label(turn.speaker):
        raise TranscriptFormatError("formats.markup_cannot_name", turn=turn.index)
    return turn.speaker


def _note_lines(note: Any) -> list[str]:
    parts = note if isinstance(note, list) else [note]
    return [f"{NOTE} {line}" for part in parts if part for line in split_lines(str(part))]


def _tagged(turn: Turn) -> str:
    """Return the turn's text with its tags, the longest outside."""
    if re.search(r"[\n\r]", turn.text) or _TAG.search(turn.text):
        raise TranscriptFormatError("formats.markup_cannot_hold", turn=turn.index)
    spans = sorted(_tag_spans(turn), key=lambda item: (item[1].start, -item[1].end))
    places = sorted({place for _, span in spans for place in (span.start, span.end)} | {len(turn.text)})
    open_tags: list[tuple[str, Span]] = []
    written: list[str] = []
    before = 0
    for place in places:
        written += [turn.text[before:place], *_closing(open_tags, place)]
        for tag, span in [item for item in spans if item[1].start == place]:
            open_tags.append((tag, span))
            written.append(f"<{tag}>")
        before = place
    return "".join(written)


def _tag_spans(turn: Turn) -> Iterator[tuple[str, Span]]:
    for marker in turn.markers:
        if not marker.spans:
            yield from ((tag, Span(0, len(turn.text))) for tag in marker.types or (marker.label,))
        for span, types in zip(marker.spans, span_types(marker)):
            yield from ((tag, span) for tag in types or (marker.label,))


def _closing(open_tags: list[tuple[str, Span]], place: int) -> list[str]:
    """Close what ends at ``place``; what stands inside it and goes on is closed and opened again."""
    depth = next((d for d, (_, span) in enumerate(open_tags) if span.end == place), len(open_tags))
    inner = open_tags[depth:]
    going_on = [(tag, span) for tag, span in inner if span.end != place]
    open_tags[depth:] = going_on
    return [f"</{tag}>" for tag, _ in reversed(inner)] + [f"<{tag}>" for tag, _ in going_on]
