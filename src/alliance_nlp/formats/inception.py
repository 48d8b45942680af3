"""INCEpTION's exports (UIMA CAS XMI, alone or in a zip) → sessions with people's marks.

In: the bytes of an ``.xmi`` file, of the ``.zip`` of one annotator, or of a whole project's.  Out: one session a document,
with the marks of all its annotators: a :class:`Transcript` where our own export made the document (its turns are kept), a
:class:`Draft` for a plain transcript that was annotated there.  Places are UTF-16 units of the document's text (UIMA
References, « CAS XMI »).

Who annotated: ``DocumentMetaData.documentId`` (INCEpTION writes its user there), else the file's name as the project export
lays it out (``annotation/<document>/<user>.zip``).  ``INITIAL_CAS`` is nobody, ``CURATION_USER`` is settled (adjudicated).
An XMI describes itself: the type system is not needed, and not read, since dkpro-cassis makes Python code from its names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath


from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.archive import MAX_ENTRIES, MAX_TEXT_BYTES, Archive, too_large
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.cas import METADATA, Cas, OwnTurns, own_turns, read_cas
from alliance_nlp.formats.cas_marks import document_marks, own_marks
from alliance_nlp.formats.coded_text import coded_draft
from alliance_nlp.formats.marks import Aside, Mark, person, sourced, with_marks
from alliance_nlp.formats.xml_file import parse_xml
from alliance_nlp.transcript import Notice, Origin, OriginKind, Transcript

NOBODY = "INITIAL_CAS"  # INCEpTION's name for the document before anybody annotated it
CURATOR = "CURATION_USER"  # and for the result of curation
_NO_USER = frozenset({NOBODY, "", "null", "doc", "project"})


@dataclass(frozen=True, slots=True)
class Document:
    """One annotator's copy of a document; ``user`` None for nobody's."""

    title: str
    user: str | None
    cas: Cas


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return the sessions of the file, in its order; TranscriptFormatError when it holds no annotated document."""
    documents = list(_documents(data, name, name))
    if not documents:
        raise TranscriptFormatError("coding_tools.inception_no_cas", file=name)
    groups: dict[tuple[str, str], list[Document]] = {}
    for document in documents:
        groups.setdefault((document.title, document.cas.text), []).append(document)
    titles = [title for title, _ in groups]
    sessions = [_session(group, name, titles.count(group[0].title) > 1) for group in groups.values()]
    return [sourced(session, data, name=name, format="inception") for session in sessions]


# ---------------------------------------------------------------------------------------- files


def _documents(data: bytes, path: str, name: str) -> Iterator[Document]:
    if not data.startswith(b"PK"):
        cas = read_cas(parse_xml(data, name), name)
        yield _document(cas, path)
        return
    budget, count = MAX_TEXT_BYTES, 0
    for part, content in _parts(data, name):
        budget, count = budget - len(content), count + 1
        if budget < 0 or count > MAX_ENTRIES:
            raise too_large(name, MAX_TEXT_BYTES - budget, count)
        yield _document(read_cas(parse_xml(content, name), name), part)


def _parts(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the XMI files of an archive, and of the archives in it (a project's, one an annotator), one level deep."""
    outer = Archive(data, name, lambda part: part.endswith((".xmi", ".zip")))
    for part in outer.names:
        content = outer.read(part)
        if part.endswith(".xmi"):
            yield part, content
        else:
            inner = Archive(content, name, lambda inside: inside.endswith(".xmi"))
            yield from ((part, inner.read(inside)) for inside in inner.names)


def _document(cas: Cas, path: str) -> Document:
    """Return the document with its title and its annotator, from its metadata, else from where it stood."""
    facts = next((item for item in cas.items if item.tag.endswith(METADATA)), None)
    place = PurePosixPath(path)
    laid_out = len(place.parts) > 2 and place.parts[-3] in ("annotation", "curation")
    title = (facts.get("documentTitle") if facts is not None else None) or (place.parts[-2] if laid_out else place.stem)
    user = facts.get("documentId") if facts is not None else None
    user = user if user and user != title else (place.stem if laid_out else NOBODY)
    stem = PurePosixPath(title).stem if PurePosixPath(title).suffix in (".txt", ".xmi", ".tsv", ".json", ".xml", ".docx") else title
    return Document(stem, None if user in _NO_USER else user, cas)


# ---------------------------------------------------------------------------------------- sessions


def _session(group: Sequence[Document], name: str, is_split: bool) -> Draft | Transcript:
    """Return the session of one document; its untouched copy counts only where nobody annotated another."""
    people = [document for document in group if document.user is not None]
    aside = Aside.nothing()
    first = group[0]
    split = (Notice("coding_tools.inception_other_text", params={"document": first.title}),) if is_split else ()
    own = own_turns(first.cas)
    if own is None:
        selections = [found for one in people or group[:1] for found in document_marks(one.cas, _origin(one, name), aside)]
        draft = coded_draft(first.cas.text, list(dict.fromkeys(selections)), aside, name)
        return replace(draft, session_id=draft.session_id or first.title, notices=(*split, *draft.notices, *aside.notices()))
    marks = [mark for one in people or group[:1] for mark in own_marks(one.cas, own.bounds, _origin(one, name), aside)]
    return _exact(own, first, marks, people, (*split, *aside.notices()))


def _exact(own: OwnTurns, first: Document, marks: list[Mark], people: Sequence[Document], notices: tuple[Notice, ...]) -> Transcript:
    reviewers = [document.user for document in people if document.user is not None]
    return Transcript(
        session_id=own.session_id or first.title,
        turns=with_marks(own.turns, dict.fromkeys(marks), list(dict.fromkeys(reviewers))),
        speakers=own.speakers,
        language=own.language,
        metadata=own.metadata,
        warnings=notices,
    )


def _origin(document: Document, name: str) -> Origin:
    """Return whose the new marks of a copy are; the file's name for want of an annotator."""
    if document.user == CURATOR:
        return Origin(OriginKind.ADJUDICATED, CURATOR)
    return person(document.user or PurePosixPath(name).stem)


