"""What one TEI utterance says, as a person would type it.

In: a ``u`` element with whatever stands in it.  Out: stretches of text with times, cut at anchors.  Words (``w``, ``pc``) are
joined into French typing; of a correction the corrected form is taken, of an expansion the expanded one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from alliance_nlp.formats.oral import event_note, note, pause_note, plain, time_s
from alliance_nlp.formats.tei_timeline import Timeline
from alliance_nlp.formats.words import join_words

_UNREAD = frozenset({"spanGrp", "note", "fs", "desc", "respStmt", "shift", "figure", "index", "certainty"})
# Of the two readings in a ``choice``, the one that people would type.
_LESSER = frozenset({"sic", "orig", "abbr"})
_WORDS = frozenset({"w", "pc"})


@dataclass(slots=True)
class Stretch:
    """What is said from one anchor to the next."""

    line: int
    start_s: float | None
    end_s: float | None
    parts: list[str] = field(default_factory=list)
    is_words: bool = False

    @property
    def text(self) -> str:
        """The text: words joined into typing, anything else as it stands."""
        return join_words(part for part in self.parts if part.strip()) if self.is_words else "".join(self.parts)


def local(element: etree._Element) -> str:
    """Return the element's name without its namespace."""
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def stretches(u: etree._Element, timeline: Timeline, start_s: float | None, end_s: float | None) -> Iterator[Stretch]:
    """Yield the stretches of an utterance that lasts from ``start_s`` to ``end_s``.

    An anchor before any word moves the beginning; the one behind the last word is its end.
    """
    is_words = next(u.iter("{*}w"), None) is not None
    now = Stretch(u.sourceline or 1, start_s, end_s, is_words=is_words)
    for item in _flat(u, timeline):
        if isinstance(item, str):
            now.parts.append(item)
            continue
        time = timeline.at(item.get("synch"))
        if time is None:
            continue
        if plain(now.text):
            yield Stretch(now.line, now.start_s, time, now.parts, is_words)
            now = Stretch(item.sourceline or now.line, time, end_s, is_words=is_words)
        else:
            now = Stretch(item.sourceline or now.line, time, end_s, now.parts, is_words)
    yield now


def _flat(element: etree._Element, timeline: Timeline) -> Iterator[str | etree._Element]:
    """Yield the texts, notes and anchors of an element in order (depth is bounded by the parser)."""
    if element.text:
        yield element.text
    lesser = local(element) == "choice" and any(local(child) not in _LESSER for child in element)
    for child in element:
        name = local(child)
        if name == "anchor":
            yield child
        elif name in _WORDS:
            yield "".join(child.itertext())
        elif (typed := note_of(child, timeline)) is not None:
            yield f" {typed} " if typed else ""
        elif name and name not in _UNREAD and not (lesser and name in _LESSER):
            yield from _flat(child, timeline)
        if child.tail:
            yield child.tail


def note_of(element: etree._Element, timeline: Timeline) -> str | None:
    """Return the note typed for a pause, a sound, an incident or a gesture; "" for what nobody types, None for other elements."""
    name = local(element)
    if name == "pause":
        return _pause(element, timeline)
    if name == "gap":
        return "[inaudible]"
    if name not in ("vocal", "incident", "kinesic"):
        return None
    desc = next((plain("".join(found.itertext())) for found in element if local(found) == "desc"), None) or element.get("desc")
    if name == "incident" and element.get("type") in ("noise", "pronounce", "lexical", "language", "entities"):
        return event_note(desc, kind=element.get("type"), extent=element.get("subtype")) or ""  # Transcriber's events, by TEICORPO
    if name == "vocal":
        return event_note(desc) or ""
    return note(desc) or ""


def _pause(element: etree._Element, timeline: Timeline) -> str:
    length = (element.get("dur") or "").removeprefix("PT").rstrip("Ss ")
    start_s, end_s = timeline.at(element.get("start")), timeline.at(element.get("end"))
    between = end_s - start_s if start_s is not None and end_s is not None else None
    own = time_s(length) if length else between
    if own is None and element.get("type") == "long":
        return "[silence]"
    return pause_note(own)
