"""Reviewers finish a session (and may open it again); an arbiter settles its turns."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE finishings (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session INTEGER NOT NULL REFERENCES sessions(id),
        reviewer TEXT NOT NULL,
        finished INTEGER NOT NULL, -- 1 finished, 0 opened again; the last row counts
        at TEXT NOT NULL
    )
    """,
    "CREATE INDEX finishings_of_session ON finishings(session, id)",
    """
    CREATE TABLE settlements (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session INTEGER NOT NULL REFERENCES sessions(id),
        revision INTEGER NOT NULL REFERENCES revisions(id),
        turn INTEGER NOT NULL,
        arbiter TEXT NOT NULL,
        markers TEXT NOT NULL,
        reason TEXT,
        at TEXT NOT NULL,
        carried_from INTEGER REFERENCES settlements(id) -- null: made by a person on this very revision
    )
    """,
    "CREATE INDEX settlements_of_session ON settlements(session, id)",
    "CREATE INDEX decisions_of_session ON decisions(session, reviewer, sequence)",
    "CREATE TRIGGER settlements_stay BEFORE UPDATE ON settlements BEGIN SELECT RAISE(ABORT, 'settlements are never changed'); END",
    "CREATE TRIGGER settlements_last BEFORE DELETE ON settlements BEGIN SELECT RAISE(ABORT, 'settlements are never deleted'); END",
)
