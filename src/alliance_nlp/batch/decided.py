"""What people decided on an earlier run's sessions, kept when `annotate` is run again into the same folder.

In: the folder's ``annotations.jsonl`` and ``decided.jsonl``.  Out: each new session with the decisions of the earlier one of the same
source.  Sessions with decisions that are not in the run any more (a file taken away, or unreadable today) go to ``decided.jsonl``
and come back from there.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from alliance_nlp.batch.outputs import atomic_writer
from alliance_nlp.record import dumps, from_record
from alliance_nlp.review.carry import holds_decisions, keep_human
from alliance_nlp.transcript import Transcript

DECIDED = "decided.jsonl"
SIGNS = ('"human"', '"adjudicated"', '"reviewed_by"', '"unplaced"', '"comments"', '"flagged_by"')  # a record without any holds no decision


class Decided:
    """The sessions of earlier runs that hold decisions of people; each is given to one new session."""

    def __init__(self, folder: Path, annotations: str, *, present: Collection[str] = ()) -> None:
        self.waiting: list[Transcript] = []
        self.present = frozenset(present)  # the ids of this run's sessions
        for path in (folder / annotations, folder / DECIDED):
            self.waiting += [old for old in decided_sessions(path) if old not in self.waiting]

    def put_back(self, session: Transcript) -> Transcript:
        """Return the session with the decisions of the earlier one of the same source, where there is one."""
        old = self.find(session)
        if old is None:
            return session
        self.waiting.remove(old)
        return keep_human(old, session).transcript

    def find(self, session: Transcript) -> Transcript | None:
        """Return the earlier session of the same source: same bytes and id, else same file and id, else the same bytes under an id
        that this run does not have (a file that was renamed)."""
        ranked = [(self.rank(old, session), place, old) for place, old in enumerate(self.waiting)]
        best = min(((rank, place, old) for rank, place, old in ranked if rank is not None), key=lambda item: item[:2], default=None)
        return best[2] if best else None

    def rank(self, old: Transcript, new: Transcript) -> int | None:
        """Return how well an earlier session fits: 0 is best, None not at all."""
        same_bytes = old.source.sha256 is not None and old.source.sha256 == new.source.sha256
        if old.session_id == new.session_id:
            return 0 if same_bytes else 1 if old.source.file == new.source.file else None
        return 2 if same_bytes and old.session_id not in self.present else None

    def set_aside(self, folder: Path) -> None:
        """Before the records are replaced: write the sessions that found no new one beside those that waited already."""
        earlier = list(decided_sessions(folder / DECIDED))
        gone = [old for old in self.waiting if old not in earlier]
        if gone:
            write_sessions(folder / DECIDED, earlier + gone)

    def drop_returned(self, folder: Path) -> None:
        """After the records are replaced: take out what came back.  A run killed in between loses nothing."""
        if self.waiting != list(decided_sessions(folder / DECIDED)):
            write_sessions(folder / DECIDED, self.waiting)


def write_sessions(path: Path, sessions: Sequence[Transcript]) -> None:
    """Write session records whole or not at all; without any, no file."""
    if not sessions:
        path.unlink(missing_ok=True)
        return
    with atomic_writer(path) as stream:
        stream.writelines(dumps(session) + "\n" for session in sessions)


def decided_sessions(path: Path) -> Iterator[Transcript]:
    """Yield the sessions of a file that hold decisions of people; none when there is no such file.

    A line that holds none is not even parsed: most runs have nothing to keep.
    """
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            if any(sign in line for sign in SIGNS):
                session = from_record(json.loads(line))
                if holds_decisions(session):
                    yield session
