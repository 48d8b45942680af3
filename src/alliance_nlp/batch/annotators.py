"""One annotator's reading of sessions that several people annotated: what `convert --annotator` keeps.

In: a session.  Out: who annotated it; the session with one person's marks alone, ready for `agreement`.
"""

from __future__ import annotations

from dataclasses import replace

from alliance_nlp.evaluation.reviewed import REVIEWED_BY, reviewed_by
from alliance_nlp.transcript import OriginKind, Transcript, Turn

PEOPLE = frozenset({OriginKind.HUMAN, OriginKind.ADJUDICATED})


def annotators(transcript: Transcript) -> list[str]:
    """Return the codes of the people who marked or reviewed the session, in order of appearance."""
    found = dict.fromkeys(name for turn in transcript.turns for name in reviewed_by(turn))
    for turn in transcript.turns:
        found |= dict.fromkeys(marker.origin.name for marker in turn.markers if marker.origin.kind in PEOPLE)
    return list(found)


def only_annotator(transcript: Transcript, code: str) -> Transcript:
    """Return the session without the marks of other people; the machine's stay where this one did not review."""
    return replace(transcript, turns=tuple(_only(turn, code) for turn in transcript.turns))


def _only(turn: Turn, code: str) -> Turn:
    kept = tuple(m for m in turn.markers if m.origin.kind not in PEOPLE or m.origin.name == code)
    extra = {key: value for key, value in turn.extra.items() if key != REVIEWED_BY}
    if code in reviewed_by(turn):
        extra[REVIEWED_BY] = [code]
    return replace(turn, markers=kept, extra=extra)
