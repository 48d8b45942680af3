"""spaCy ``DocBin`` (``sessions.spacy``): a ``Doc`` a session, ready for ``spacy train`` or for one's own code.

In: transcripts.  Out: one file.  ``doc.text`` is what was said, a turn a line, without names.  ``doc.spans["turns"]`` has a
span a turn (label: the role; ``id_``: its number); ``doc.spans["alliance"]`` a span per evidence (label: goal, task, bond,
rupture or repair; ``id_``: a key of ``doc.user_data["alliance"]["evidence"]``), as the project's spaCy component gives them;
``doc.spans["alliance_types"]`` the same for withdrawal and confrontation.  Spans in spaCy are whole tokens: they are
widened to the tokens they touch, and the exact offsets stand in the user data, with everything a span cannot say.
Left out: turns without text have no span (spaCy knows no empty one).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.exports.layout import Evidence, PlacedTurn, evidence_of, lay_out
from alliance_nlp.record import to_record
from alliance_nlp.transcript import Transcript

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span

TURNS, EVIDENCE, TYPES = "turns", "alliance", "alliance_types"
KEY = "alliance"  # of doc.user_data


def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield one file with every session."""
    import spacy
    from spacy.tokens import DocBin

    nlp = spacy.blank("fr")  # the tokenizer alone: nothing is loaded, nothing is guessed
    docs = DocBin(attrs=["ORTH", "SPACY"], store_user_data=True)
    for transcript in transcripts:
        docs.add(session_doc(transcript, nlp))
    yield ExportedFile("sessions.spacy", docs.to_bytes())


def session_doc(transcript: Transcript, nlp: Language) -> Doc:
    """Return one session as a spaCy document; the module's docstring says what stands where."""
    page = lay_out(transcript, with_names=False)
    nlp.max_length = max(nlp.max_length, len(page.text) + 1)  # the bound is for parsers, and there is none here
    doc = nlp.make_doc(page.text)
    groups: dict[str, list[Span]] = {TURNS: [], EVIDENCE: [], TYPES: []}
    details: dict[str, dict[str, Any]] = {}
    for placed in page.turns:
        role = transcript.role_of(placed.turn).value
        groups[TURNS] += _spans(doc, placed.start, placed.end, role, str(placed.turn.index))
        for number, evidence in enumerate(evidence_of(placed.turn)):
            key, start, end = f"{placed.turn.index}.{number}", placed.start + evidence.span.start, placed.start + evidence.span.end
            groups[EVIDENCE] += _spans(doc, start, end, evidence.marker.label, key)
            for kind in evidence.types:
                groups[TYPES] += _spans(doc, start, end, kind, key)
            details[key] = _detail(placed, evidence)
    for name, spans in groups.items():
        doc.spans[name] = spans
    doc.user_data[KEY] = _session(transcript) | {"evidence": details}
    return doc


def _spans(doc: Doc, start: int, end: int, label: str, key: str) -> list[Span]:
    """Return the span of the tokens that ``[start, end)`` touches, or none for an empty stretch."""
    if start == end:
        return []
    found = doc.char_span(start, end, label=label, alignment_mode="expand", span_id=key)
    if found is not None and len(found):
        return [found]
    # The space after a token is part of no character span: an evidence that is such a space alone takes the token.
    token = next(token for token in doc if token.idx <= start < token.idx + len(token.text_with_ws))
    return [doc.char_span(token.idx, token.idx + len(token.text), label=label, span_id=key)]


def _detail(placed: PlacedTurn, evidence: Evidence) -> dict[str, Any]:
    marker, start = evidence.marker, placed.start
    return {
        "turn": placed.turn.index,
        "marker": evidence.number,
        "label": marker.label,
        "types": list(evidence.types),
        "start": start + evidence.span.start,
        "end": start + evidence.span.end,
        "whole_turn": evidence.is_whole,
        "probability": marker.probability,
        "origin": {"kind": marker.origin.kind.value, "name": marker.origin.name, "version": marker.origin.version},
    }


def _session(transcript: Transcript) -> dict[str, Any]:
    """Return the session's own facts, and each turn's but for its text and markers, as the session record names them."""
    record = to_record(transcript)
    turns = [{key: value for key, value in turn.items() if key not in ("text", "markers")} for turn in record["turns"]]
    return {key: record[key] for key in ("session_id", "language", "metadata", "speakers")} | {"turns": turns}
