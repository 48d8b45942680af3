"""REFI-QDA projects (``.qdpx`` of MAXQDA, NVivo, ATLAS.ti, QualCoder) → sessions with people's marks.

In: the bytes of a project.  Out: one session a text source: a :class:`Transcript` where our own export made it and its text
is unchanged, else a :class:`Draft` that our text reader cuts into turns.  Codings of codes that name a label of the scheme
become markers of their user; others are counted.  Positions are code points, end excluded (REFI-QDA 1.5, 10.2).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from lxml import etree

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.archive import Archive
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.coded_text import MAX_SELECTIONS, Selection, coded_draft
from alliance_nlp.formats.coding import Code, code_of
from alliance_nlp.formats.marks import (
    Aside,
    Mark,
    given_as,
    is_whole,
    object_of,
    origin_text,
    parse_origin,
    person,
    probability_of,
    sourced,
    text_of,
    touched,
    with_marks,
)
from alliance_nlp.formats.refi_text import SIGNATURE, Noted, SourceText, lines_of_one, noted, source_text
from alliance_nlp.formats.xml_file import parse_xml
from alliance_nlp.transcript import Notice, Origin, OriginKind, Transcript

NOBODY = "refi-qda"  # whose the codings are that name no user
_OTHERS = ("PictureSource", "PDFSource", "AudioSource", "VideoSource")
_NOTE = re.compile(rf"{SIGNATURE} (?P<given>\S+)(?: p=(?P<probability>[0-9.eE-]{{1,30}}))?(?P<turn> turn)?")


@dataclass(frozen=True, slots=True)
class Project:
    """A project's users and codes by guid, its texts by file name, and which tool wrote it."""

    users: Mapping[str, Origin]
    codes: Mapping[str, str]
    archive: Archive
    tool: str
    file: str


@dataclass(frozen=True, slots=True)
class Coded:
    """One coding of one selection.  ``kept``: a mark as our export handed it over; ``on_turn``: on the turn as a whole."""

    selection: Selection
    kept: bool
    on_turn: bool


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return one session a text source; TranscriptFormatError for a codebook, or a project without texts."""
    if not data.startswith(b"PK"):
        root = parse_xml(data, name)
        code = "qda_codebook" if etree.QName(root).localname == "CodeBook" else "qda_no_project"
        raise TranscriptFormatError(f"coding_tools.{code}", file=name)
    archive = Archive(data, name, lambda part: part.lower().endswith((".qde", ".txt")))
    root = _project_element(archive, name)
    project = Project(dict(_users(root)), dict(_codes(root)), archive, root.get("origin") or "", name)
    sources = [item for item in _all(root, "TextSource") if _local(item.getparent()) == "Sources"]
    others = sum(_local(item) in _OTHERS for item in root.iter() if _local(item.getparent()) == "Sources")
    if not sources:
        raise TranscriptFormatError("coding_tools.qda_no_text", file=name, other=others)
    found = [_session(item, project, number) for number, item in enumerate(sources, start=1)]
    return [sourced(one, data, name=name, format="refi-qda") for one in (_noticed(found[0], others), *found[1:])]


def _noticed(session: Draft | Transcript, others: int) -> Draft | Transcript:
    notices = (Notice("coding_tools.qda_other_sources", params={"count": others}),) if others else ()
    if isinstance(session, Draft):
        return replace(session, notices=(*notices, *session.notices))
    return replace(session, warnings=(*notices, *session.warnings))


def _project_element(archive: Archive, name: str) -> etree._Element:
    parts = sorted((part for part in archive.names if part.lower().endswith(".qde")), key=len)
    if not parts:
        raise TranscriptFormatError("coding_tools.qda_no_project", file=name)
    root = parse_xml(archive.read(parts[0]), name)
    if _local(root) != "Project":
        raise TranscriptFormatError("coding_tools.qda_no_project", file=name)
    return root


# ---------------------------------------------------------------------------------------- users and codes


def _users(root: etree._Element) -> Iterator[tuple[str, Origin]]:
    """Yield each user as an origin: one of ours by what it says, any other is a person, named as in the project."""
    for item in _all(root, "User"):
        name, own = text_of(item.get("name")), text_of(item.get("id"))
        ours = parse_origin(own)
        if ours is not None and name not in (None, ours.name, origin_text(ours)):
            ours = None  # the tool gave the id a meaning of its own
        named = parse_origin(name)
        yield _guid(item.get("guid")), ours or named or person(name or own or NOBODY)


def _codes(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield each code's guid with its name below its owners': « rupture/retrait »."""
    for item in _all(root, "Code"):
        names = [item.get("name") or ""]
        owner = item.getparent()
        while owner is not None and _local(owner) == "Code":
            names.append(owner.get("name") or "")
            owner = owner.getparent()
        yield _guid(item.get("guid")), "/".join(reversed(names))


def _meaning(name: str) -> Code | None:
    """Return what a code stands for: by its own name, else with the name of the code above it."""
    parts = [part.strip() for part in name.split("/") if len(part) <= 100][-2:]
    found = code_of(parts[-1]) if parts else None
    return found or (code_of("/".join(parts)) if len(parts) == 2 else None)


def _guid(text: str | None) -> str:
    return (text or "").strip().strip("{}").lower()


# ---------------------------------------------------------------------------------------- one source


def _session(item: etree._Element, project: Project, number: int) -> Draft | Transcript:
    aside = Aside.nothing()
    source = _text(item, project, number)
    own = noted(_child_text(item, "Description"), source)
    coded = list(_codings(item, project, source, aside, is_moved=own is not None and own.turns is None))
    aside.add("qda_whole_documents", sum(_local(child) == "Coding" for child in item))
    if len(coded) > MAX_SELECTIONS:
        raise TranscriptFormatError("coding_tools.too_many", file=project.file, count=len(coded), limit=MAX_SELECTIONS)
    if own is not None and own.turns is not None:
        return _exact(own, coded, source, aside, project)
    changed = (Notice("coding_tools.qda_text_changed"),) if own is not None else ()
    draft = coded_draft(source.text, [one.selection for one in coded], aside, project.file)
    metadata = object_of(own.facts.get("metadata")) if own is not None else {}
    session_id = (text_of(own.facts.get("session_id")) if own is not None else None) or draft.session_id or text_of(item.get("name"))
    notices = (*changed, *draft.notices, *aside.notices())
    return replace(draft, session_id=session_id, metadata={**draft.metadata, **metadata}, notices=notices)


def _exact(own: Noted, coded: Sequence[Coded], source: SourceText, aside: Aside, project: Project) -> Transcript:
    marks: list[Mark] = []
    bounds = list(own.bounds)
    for one in coded:
        found = list(_marks(one, source.text, bounds))
        aside.add("no_words", not found)
        marks += found
    people = [one.selection.origin.name for one in coded if not one.kept and one.selection.origin.kind is OriginKind.HUMAN]
    return Transcript(
        session_id=text_of(own.facts.get("session_id")) or "seance",
        turns=with_marks(own.turns or (), dict.fromkeys(marks), list(dict.fromkeys(people))),
        speakers=own.speakers,
        language=text_of(own.facts.get("language")) or "fr",
        metadata=dict(object_of(own.facts.get("metadata"))),
        warnings=aside.notices(),
    )


def _marks(one: Coded, text: str, bounds: list[tuple[int, int]]) -> Iterator[Mark]:
    selection = one.selection
    place = (selection.start, selection.end)
    turn = bisect_left(bounds, place)
    if one.on_turn and bounds[turn : turn + 1] == [place]:
        yield Mark(turn, selection.code, selection.origin, None, selection.probability)
        return
    for turn, span in touched(text, bounds, *place):
        yield Mark(turn, selection.code, selection.origin, span, selection.probability)


def _text(item: etree._Element, project: Project, number: int) -> SourceText:
    """Return the text of a source, from the archive or from the project file itself."""
    counts_two = "ATLAS" not in project.tool.upper()
    inline = _child_text(item, "PlainTextContent")
    if inline is not None:
        return lines_of_one(inline, counts_two=counts_two)
    place = item.get("plainTextPath") or ""
    wanted = PurePosixPath(re.split(r"[/\\]", place)[-1]).name.lower()
    part = next((part for part in project.archive.names if wanted and PurePosixPath(part).name.lower() == wanted), None)
    if part is None:
        raise TranscriptFormatError("coding_tools.qda_missing_source", file=project.file, number=number)
    return source_text(project.archive.read(part), project.file, counts_two=counts_two)


# ---------------------------------------------------------------------------------------- codings


def _codings(item: etree._Element, project: Project, source: SourceText, aside: Aside, *, is_moved: bool) -> Iterator[Coded]:
    for selection in _children(item, "PlainTextSelection"):
        start, end = (_number(selection.get(key)) for key in ("startPosition", "endPosition"))
        for coding in _children(selection, "Coding"):
            code = _meaning(project.codes.get(_guid(_reference(coding)), ""))
            if code is None or not is_whole(code):
                aside.add("other_codes" if code is None else "no_type")
            elif start is None or end is None:
                aside.add("no_words")
            else:
                yield _coded(selection, coding, project, code, (source.place(start), source.place(end)), is_moved=is_moved)


def _coded(
    selection: etree._Element, coding: etree._Element, project: Project, code: Code, place: tuple[int, int], *, is_moved: bool
) -> Coded:
    user = _user(project, coding.get("creatingUser") or selection.get("creatingUser"))
    note = _NOTE.fullmatch((_child_text(selection, "Description") or "").strip())
    kept = note is not None and _is_as_given(note["given"], code, place, is_moved=is_moved)
    if not kept and user.kind is OriginKind.MODEL:  # somebody moved the machine's mark
        by = _user(project, selection.get("modifyingUser"))
        user = by if by.kind is not OriginKind.MODEL else person(NOBODY)
    probability = probability_of(note["probability"]) if note is not None and kept and user.kind is OriginKind.MODEL else None
    on_turn = note is not None and kept and note["turn"] is not None
    return Coded(Selection(*place, code, user, probability), kept, on_turn)


def _is_as_given(given: str, code: Code, place: tuple[int, int], *, is_moved: bool) -> bool:
    """True for a mark that is as it was handed over; where the text was changed its length is compared, not its place."""
    if not is_moved:
        return given == given_as(code, *place)
    match = re.fullmatch(r"(\S+)@(\d{1,9})-(\d{1,9})", given)
    if match is None:
        return False
    start, end = int(match[2]), int(match[3])
    return given_as(code, start, end) == given and end - start == place[1] - place[0]


def _user(project: Project, guid: str | None) -> Origin:
    return project.users.get(_guid(guid), person(NOBODY))


def _reference(coding: etree._Element) -> str | None:
    return next((child.get("targetGUID") for child in _children(coding, "CodeRef")), None)


# ---------------------------------------------------------------------------------------- XML


def _local(item: etree._Element | None) -> str:
    return etree.QName(item).localname if item is not None and isinstance(item.tag, str) else ""


def _all(root: etree._Element, name: str) -> list[etree._Element]:
    return [item for item in root.iter() if _local(item) == name]


def _children(item: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in item if _local(child) == name]


def _child_text(item: etree._Element, name: str) -> str | None:
    return next((child.text or "" for child in _children(item, name)), None)


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
