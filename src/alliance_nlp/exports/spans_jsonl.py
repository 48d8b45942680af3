"""doccano and Prodigy: tasks with the marks so far, to be corrected by people (``.jsonl``, one task a line).

In: transcripts.  Out: one file.  Codes are the scheme's (``goal``, ``rupture/withdrawal``…), offsets code points, as both
tools' Python sides count them.

*doccano* (project « sequence labeling », import format JSONL, columns ``text`` and ``label``): a task is a session, a turn
a line after its speaker's name; ``label`` is a list of ``[start, end, code]``.  Every other key becomes the task's metadata.
Overlapping evidence needs « allow overlapping entities » ticked when the project is made.

*Prodigy* (recipe ``spans.manual``): a task is a turn that somebody may code, amid the turns needed to code it, whose tokens
are ``disabled``.  Tokens are given, cut at white space, at punctuation and at both ends of every evidence, so that spans
are whole tokens and exact; line ends are tokens, as Prodigy shows them; ``spans`` carry the last token, not the one after it, as Prodigy counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.exports.layout import Evidence, Page, PlacedTurn, evidence_of, lay_out
from alliance_nlp.formats.coding import code_name
from alliance_nlp.transcript import Transcript

CONTEXT_TURNS = 5  # the codebook: the session up to the turn and the five turns that follow; as many before, to see whence


def write_doccano(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield one file, one session a line."""
    lines = [_line(_doccano_task(transcript)) for transcript in transcripts]
    yield ExportedFile("doccano.jsonl", "".join(lines).encode("utf-8"))


def write_prodigy(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield one file, one turn a line."""
    lines = [_line(task) for transcript in transcripts for task in _prodigy_tasks(transcript)]
    yield ExportedFile("prodigy.jsonl", "".join(lines).encode("utf-8"))


def _line(task: dict[str, Any]) -> str:
    return json.dumps(task, ensure_ascii=False) + "\n"


def _codes(evidence: Evidence) -> list[str]:
    label = evidence.marker.label
    return [code_name(label, kind) for kind in evidence.types] or [code_name(label)]


def _origin(evidence: Evidence) -> str:
    origin = evidence.marker.origin
    return ":".join(filter(None, (origin.kind.value, origin.name, origin.version)))


# ------------------------------------------------------------------------------------------ doccano


def _doccano_task(transcript: Transcript) -> dict[str, Any]:
    page = lay_out(transcript, with_names=True)
    labels = {
        (placed.start + evidence.span.start, placed.start + evidence.span.end, code): _origin(evidence)
        for placed in page.turns
        for evidence in evidence_of(placed.turn)
        for code in _codes(evidence)
    }  # doccano refuses the same label twice at the same place
    return {
        "text": page.text,
        "label": [list(label) for label in sorted(labels)],
        "session_id": transcript.session_id,
        "roles": {speaker.id: speaker.role.value for speaker in transcript.speakers},
        "turn_starts": [placed.start for placed in page.turns],
        "origins": sorted(set(labels.values())),
    }


# ------------------------------------------------------------------------------------------ Prodigy


def _prodigy_tasks(transcript: Transcript) -> Iterator[dict[str, Any]]:
    page = lay_out(transcript, with_names=True)
    for place, placed in enumerate(page.turns):
        shown = page.turns[max(place - CONTEXT_TURNS, 0) : place + CONTEXT_TURNS + 1]
        if placed.turn.text.strip():
            yield _prodigy_task(transcript, page, placed, shown)


def _prodigy_task(transcript: Transcript, page: Page, placed: PlacedTurn, shown: tuple[PlacedTurn, ...]) -> dict[str, Any]:
    first, text = shown[0].name_start, page.text[shown[0].name_start : shown[-1].end]
    evidences, offset = list(evidence_of(placed.turn)), placed.start - first
    starts, ends = ({getattr(e.span, side) + offset for e in evidences} for side in ("start", "end"))
    bounds = [
        *((start, end, True) for start, end in _lines(text, 0, offset)),
        *((start, end, False) for start, end in _words(text, offset, placed.end - first, starts, ends)),
        *((start, end, True) for start, end in _lines(text, placed.end - first, len(text))),
    ]
    tokens = [_token(text, number, start, end, disabled=disabled) for number, (start, end, disabled) in enumerate(bounds)]
    following = {token["start"] for token in tokens}
    tokens = [token | {"ws": text[token["end"] : token["end"] + 1] == " " and token["end"] not in following} for token in tokens]
    spans = [_span(evidence, code, offset, tokens) for evidence in evidences for code in _codes(evidence)]
    turn = placed.turn
    meta = {"session_id": transcript.session_id, "turn": turn.index, "speaker": turn.speaker, "role": transcript.role_of(turn).value}
    return {"text": text, "tokens": tokens, "spans": spans, "meta": meta, "turn_start": offset}


def _token(text: str, number: int, start: int, end: int, *, disabled: bool) -> dict[str, Any]:
    token = {"text": text[start:end], "start": start, "end": end, "id": number}
    return token | {"disabled": True} if disabled else token


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut context into lines and line ends: nobody selects there, and a line end is seen as a token only."""
    for match in re.finditer(r"\n|[^\n]+", text[start:end]):
        yield start + match.start(), start + match.end()


def _words(text: str, start: int, end: int, starts: set[int], ends: set[int]) -> Iterator[tuple[int, int]]:
    """Cut a turn into words, signs and white space, and at both ends of every evidence.

    A space after a word is no token of its own (Prodigy's ``ws``) unless an evidence begins or ends with it.
    """
    before = start - 1
    for match in re.finditer(r"\w+|[^\w\s]|\s", text[start:end]):
        first, last = start + match.start(), start + match.end()
        if match[0] == " " and before == first and first not in starts and last not in ends:
            continue
        cuts = sorted({first, last, *(cut for cut in starts | ends if first < cut < last)})
        yield from zip(cuts, cuts[1:])
        before = -1 if match[0].isspace() else last


def _span(evidence: Evidence, code: str, offset: int, tokens: list[dict[str, Any]]) -> dict[str, Any]:
    start, end = evidence.span.start + offset, evidence.span.end + offset
    inside = [token["id"] for token in tokens if start <= token["start"] and token["end"] <= end]
    span = {"start": start, "end": end, "token_start": inside[0], "token_end": inside[-1], "label": code}
    probability = evidence.marker.probability
    return {**span, "source": _origin(evidence), **({} if probability is None else {"score": probability})}
