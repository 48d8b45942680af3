"""What people decided in the review, as sessions to learn from.

In: session records (`review export`, or another tool's annotations).  Out: transcripts that hold people's markers alone, in which a
turn that nobody reviewed says so (``UNREAD``).  On a reviewed turn « no marker » is a decision, learnt as one; on an unread turn
only a marker that a person gave or accepted is known, the rest is masked (``examples.known_targets``): the machine's own
marks teach nothing, neither as marks nor by being absent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from alliance_nlp.corpus.folder import SPLITS, load_sessions, read_splits
from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.reviewed import known_turns, people_markers, reviewed_by
from alliance_nlp.formats import read_sessions
from alliance_nlp.transcript import OriginKind, Transcript, Turn

UNREAD = "unread"  # key of a turn's extra: nobody reviewed it
TRAIN = SPLITS[0]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The sessions to learn from; ``turns``: reviewed ones, ``markers``: people's, ``people``: how many codes stand behind them."""

    sessions: tuple[Transcript, ...] = ()
    turns: int = 0
    markers: int = 0
    people: int = 0

    def facts(self) -> dict[str, int]:
        """Return the counts, for the record of a run."""
        return {"sessions": len(self.sessions), "turns": self.turns, "markers": self.markers, "people": self.people}


def is_unread(turn: Turn) -> bool:
    """True for a turn of a reviewed session that nobody reviewed."""
    return bool(turn.extra.get(UNREAD))


def load_reviewed(files: Sequence[str], corpus: str) -> Reviewed:
    """Read the sessions of the files that people decided on.

    Raises ConfigError for a session of the corpus' validation or test split (by its name or by its words: the model would be measured
    on what it learnt), one that comes twice, and files in which nobody decided anything.
    """
    if not files:
        return Reviewed()
    found: dict[str, Transcript] = {}
    held = held_out(corpus)
    for file in files:
        for session in read_sessions(Path(file)):
            refuse_held_out(session, held, file)
            if session.session_id in found:
                raise ConfigError("training.reviewed_twice", session=session.session_id, file=Path(file).name)
            found[session.session_id] = session
    taught = {name: teaching(session) for name, session in found.items()}
    kept = tuple(session for session in taught.values() if any(turn.markers or not is_unread(turn) for turn in session.turns))
    if not kept:
        raise ConfigError("training.nothing_reviewed", file=", ".join(Path(file).name for file in files))
    read = [turn for session in kept for turn in session.turns if not is_unread(turn)]
    markers = sum(len(turn.markers) for session in kept for turn in session.turns)
    return Reviewed(kept, len(read), markers, len(people_of(kept)))


def teaching(session: Transcript) -> Transcript:
    """Return the session with people's markers alone, and each turn that nobody read marked as such."""
    known = known_turns(session)
    turns = tuple(
        dataclasses.replace(
            turn, markers=people_markers(turn), extra=dict(turn.extra) | ({} if turn.index in known else {UNREAD: True})
        )
        for turn in session.turns
    )
    return dataclasses.replace(session, turns=turns)


def people_of(sessions: Iterable[Transcript]) -> frozenset[str]:
    """Return the codes of those who read or marked; « A+B » (who agreed) counts as two."""
    turns = [turn for session in sessions for turn in session.turns]
    marked = [marker.origin for turn in turns for marker in turn.markers if marker.origin.kind is not OriginKind.AUTHORED]
    return frozenset(code for turn in turns for code in reviewed_by(turn)) | {code for one in marked for code in one.name.split("+")}


def held_out(corpus: str) -> Mapping[str, str]:
    """Return the split of each session that a model is measured on, by its name and by its words."""
    splits = {name: split for split, names in read_splits(corpus).items() if split != TRAIN for name in names}
    words = {words_of(session): split for split in SPLITS if split != TRAIN for session in load_sessions(split, corpus)}
    return splits | words


def refuse_held_out(session: Transcript, held: Mapping[str, str], file: str) -> None:
    """Raise ConfigError for a session of the validation or test split."""
    split = held.get(session.session_id) or held.get(words_of(session))
    if split:
        raise ConfigError("training.reviewed_held_out", session=session.session_id, split=split, file=Path(file).name)


def words_of(session: Transcript) -> str:
    """Return all that was said, by which a renamed session is known again."""
    return "\n" + " ".join(word for turn in session.turns for word in turn.text.split())  # a line break: no name has one


def with_reviewed(train: Sequence[Transcript], reviewed: Reviewed) -> list[Transcript]:
    """Return the sessions to learn from; a training session of the corpus that people reviewed gives way to their reading."""
    names = {session.session_id for session in reviewed.sessions}
    return [*(session for session in train if session.session_id not in names), *reviewed.sessions]
