"""Annotations of a UIMA CAS → marks: those of our own layer, and of any layer whose tags name the scheme's codes.

In: a CAS.  Out: marks on turns, or selections of the document's text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from lxml import etree

from alliance_nlp.formats.cas import MARKER, NAMESPACE, TURN, Cas, Place
from alliance_nlp.formats.coded_text import Selection
from alliance_nlp.formats.coding import Code, code_of
from alliance_nlp.formats.marks import Aside, Mark, given_as, is_whole, parse_origin, probability_of, touched
from alliance_nlp.transcript import Origin, OriginKind, Span

_OURS = f"{{{NAMESPACE}}}{MARKER}"
_TURNS = f"{{{NAMESPACE}}}{TURN}"
_LINGUISTIC = ("http:///de/tudarmstadt/", "http:///uima/", "http:///org/dkpro/")  # tokens, sentences, metadata
_NO_TAGS = frozenset({"sofa", "begin", "end", "{http://www.omg.org/XMI}id"})
_OWN_NOTES = frozenset({"origin", "given", "scope", "probability", "accepted"})  # features of ours that name no code


def own_marks(cas: Cas, bounds: Sequence[tuple[int, int]], annotator: Origin, aside: Aside) -> Iterator[Mark]:
    """Yield the marks of one annotator's copy of a document that our export made."""
    for place, code in _coded(cas, aside):
        element = place.element
        origin = _kept(element, code, place)
        hits = _hits(cas.text, bounds, place)
        aside.add("no_words", not hits)
        for turn, span in hits:
            first, last = bounds[turn]
            is_whole_turn = (place.start, place.end) == (first, last) and element.get("scope") == "turn"
            probability = probability_of(element.get("probability")) if origin is not None else None
            yield Mark(turn, code, origin or annotator, None if is_whole_turn else span, probability)


def document_marks(cas: Cas, annotator: Origin, aside: Aside) -> Iterator[Selection]:
    """Yield the marks of one annotator's copy of a plain transcript."""
    for place, code in _coded(cas, aside):
        yield Selection(place.start, place.end, code, _kept(place.element, code, place) or annotator)


def _hits(text: str, bounds: Sequence[tuple[int, int]], place: Place) -> list[tuple[int, Span | None]]:
    """Return the turns that a mark touches; one without characters is on the empty turn where it stands."""
    if place.start == place.end:
        index = bisect_left(bounds, (place.start, place.end))
        return [(index, None)] if index < len(bounds) and bounds[index] == (place.start, place.end) else []
    return list(touched(text, bounds, place.start, place.end))


def _kept(element: etree._Element, code: Code, place: Place) -> Origin | None:
    """Return the origin of a mark as it was handed over, when it was neither moved, named anew nor accepted."""
    origin = parse_origin(element.get("origin"))
    unchanged = element.get("given") == given_as(code, place.start, place.end)
    accepted = element.get("accepted") == "true" and origin is not None and origin.kind is OriginKind.MODEL
    return origin if unchanged and not accepted else None


def _coded(cas: Cas, aside: Aside) -> Iterator[tuple[Place, Code]]:
    for place in cas.placed():
        namespace = etree.QName(place.element).namespace or ""
        if namespace.startswith(_LINGUISTIC) or place.element.tag == _TURNS:
            continue
        code = _code(place.element)
        if code is None:
            aside.add("other_codes")
        elif not is_whole(code):
            aside.add("no_type")
        else:
            yield place, code


def _code(element: etree._Element) -> Code | None:
    """Return what an annotation's tags stand for: the fullest code that they, or the layer's name, give."""
    values = [str(value) for key, value in element.attrib.items() if key not in _NO_TAGS | _OWN_NOTES]
    values += [child.text for child in element if isinstance(child.tag, str) and child.text]
    layer = [] if element.tag == _OURS else [etree.QName(element).localname]
    codes = [code for value in (*values, *layer) if len(value) <= 100 and (code := code_of(value)) is not None]
    if not codes:
        return None
    typed = [code for code in codes if code.label == codes[0].label and code.type]
    return (typed or codes)[0]
