"""Which turns people reviewed: on the others « no marker » is no reading, and counts neither for nor against anybody.

A reviewed session (`review export`) names in each turn's ``extra["reviewed_by"]`` who read it.  Sessions without that key anywhere
were read whole (the corpus, other tools' annotations).  On a reviewed turn people's markers stand alone; what the machine had
marked there is set aside in ``extra["machine_markers"]``, so that its reading can still be measured, until a model reads the turn anew.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from alliance_nlp.record import from_record, to_record
from alliance_nlp.transcript import Marker, OriginKind, Transcript, Turn

REVIEWED_BY = "reviewed_by"
MACHINE_MARKERS = "machine_markers"  # key of a turn's extra: what the machine marked on a turn that people reviewed
OWN_NUMBER = "turn_of_session"  # key of a cut session's turns: their number in the whole session


def reviewed_by(turn: Turn) -> tuple[str, ...]:
    """Return the codes of those who reviewed the turn."""
    given = turn.extra.get(REVIEWED_BY)
    return tuple(str(code) for code in given) if isinstance(given, list) else ()


def is_reviewed(session: Transcript) -> bool:
    """True for a session that says which of its turns were reviewed."""
    return any(reviewed_by(turn) for turn in session.turns)


def known_turns(session: Transcript) -> frozenset[int]:
    """Return the turns of which « no marker » is a person's word, for those who learn from them.

    The reviewed ones; in a session without that key all of them (read whole), unless a machine's marker stands in it undecided: then a
    review was begun, and none.
    """
    if is_reviewed(session):
        return frozenset(turn.index for turn in session.turns if reviewed_by(turn))
    undecided = any(marker.origin.kind is OriginKind.MODEL for turn in session.turns for marker in turn.markers)
    return frozenset() if undecided or not any(turn.markers for turn in session.turns) else frozenset(range(len(session.turns)))


def people_markers(turn: Turn) -> tuple[Marker, ...]:
    """Return the turn's markers without the machine's."""
    return tuple(marker for marker in turn.markers if marker.origin.kind is not OriginKind.MODEL)


def only_reviewed(line: Sequence[Transcript], *, by: Sequence[Transcript]) -> tuple[Transcript, ...]:
    """Return readings of one session cut down to the turns that every reviewed session of ``by`` says were reviewed."""
    judges = [session for session in by if is_reviewed(session)]
    if not judges:
        return tuple(line)
    kept = [turn.index for turn in line[0].turns if all(reviewed_by(judge.turns[turn.index]) for judge in judges)]
    return tuple(cut(session, kept) for session in line)


def cut(session: Transcript, kept: Sequence[int]) -> Transcript:
    """Return the session's given turns alone, numbered anew."""
    turns = [
        dataclasses.replace(session.turns[k], index=place, extra=dict(session.turns[k].extra) | {OWN_NUMBER: k})
        for place, k in enumerate(kept)
    ]
    return dataclasses.replace(session, turns=tuple(turns))


def own_number(turn: Turn) -> int:
    """Return the turn's number in the whole session."""
    return int(turn.extra.get(OWN_NUMBER, turn.index))


def set_aside(turn: Turn, markers: Sequence[Marker]) -> Turn:
    """Return the turn with people's markers of ``markers`` alone, and what the machine had marked on it in its extra."""
    whole: list[Marker] = []
    for marker in machine_markers(turn):
        whole += [] if marker in whole else [marker]
    people = people_markers(dataclasses.replace(turn, markers=tuple(markers)))
    if not whole:
        return dataclasses.replace(turn, markers=people)
    bare = Turn(0, None, turn.text, markers=tuple(whole))
    records = to_record(Transcript("-", turns=(bare,)))["turns"][0]["markers"]
    return dataclasses.replace(turn, markers=people, extra=dict(turn.extra) | {MACHINE_MARKERS: records})


def machine_markers(turn: Turn) -> tuple[Marker, ...]:
    """Return what the machine marked on the turn, set aside or not."""
    standing = tuple(marker for marker in turn.markers if marker.origin.kind is OriginKind.MODEL)
    records = turn.extra.get(MACHINE_MARKERS)
    if not isinstance(records, list):
        return standing
    whole = to_record(Transcript("-", turns=(Turn(0, None, turn.text),)))
    whole["turns"][0]["markers"] = records
    return standing + from_record(whole).turns[0].markers


def read_anew(turn: Turn) -> Turn:
    """Return the turn without an earlier machine's markers set aside."""
    if MACHINE_MARKERS not in turn.extra:
        return turn
    return dataclasses.replace(turn, extra={key: value for key, value in turn.extra.items() if key != MACHINE_MARKERS})
