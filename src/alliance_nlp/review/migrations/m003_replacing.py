"""What became of decisions that a changed transcript left without a place: placed by hand, or dropped with a reason."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE replacements (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session INTEGER NOT NULL REFERENCES sessions(id),
        revision INTEGER NOT NULL REFERENCES revisions(id), -- the reading on which it was done
        reviewer TEXT NOT NULL,
        item TEXT NOT NULL,   -- which decision without a place (replacing.Waiting.key)
        turn INTEGER,         -- where it was placed; null: dropped
        reason TEXT,
        decision INTEGER REFERENCES decisions(sequence),  -- the first decision made in placing it
        settlement INTEGER REFERENCES settlements(id),    -- or the settlement
        undoes INTEGER REFERENCES replacements(id),
        at TEXT NOT NULL
    )
    """,
    "CREATE INDEX replacements_of_session ON replacements(session, reviewer, id)",
    "CREATE TRIGGER replacements_stay BEFORE UPDATE ON replacements BEGIN SELECT RAISE(ABORT, 'replacements are never changed'); END",
    "CREATE TRIGGER replacements_last BEFORE DELETE ON replacements BEGIN SELECT RAISE(ABORT, 'replacements are never deleted'); END",
)
