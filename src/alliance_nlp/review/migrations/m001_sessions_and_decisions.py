"""Sessions with their revisions, and the decisions of reviewers."""

from __future__ import annotations

STATEMENTS = (
    f"PRAGMA application_id = {0x616E6C70}",
    """
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        session_id TEXT NOT NULL UNIQUE
    )
    """,
    # One row a reading of a session: another text or other machine markers make another revision.
    """
    CREATE TABLE revisions (
        id INTEGER PRIMARY KEY,
        session INTEGER NOT NULL REFERENCES sessions(id),
        head TEXT NOT NULL,          -- the session record without its turns
        record_sha256 TEXT NOT NULL, -- of the whole record: adding it again does nothing
        source_sha256 TEXT,
        added_at TEXT NOT NULL
    )
    """,
    "CREATE INDEX revisions_of_session ON revisions(session, id)",
    # A table of turns, not one long record: a decision on a session of 5,000 turns reads one turn.
    """
    CREATE TABLE turns (
        revision INTEGER NOT NULL REFERENCES revisions(id),
        turn INTEGER NOT NULL,
        record TEXT NOT NULL,
        doubt REAL NOT NULL,
        needs_review INTEGER NOT NULL,
        labels TEXT NOT NULL, -- of the machine's markers, separated by spaces
        PRIMARY KEY (revision, turn)
    ) WITHOUT ROWID
    """,
    # AUTOINCREMENT: the order of decisions is that of the sequence, whatever the clock says, and no number comes twice.
    """
    CREATE TABLE decisions (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        session INTEGER NOT NULL REFERENCES sessions(id),
        revision INTEGER NOT NULL REFERENCES revisions(id), -- the reading that the reviewer had before them
        turn INTEGER NOT NULL,
        reviewer TEXT NOT NULL,
        action TEXT NOT NULL,
        marker TEXT,
        result TEXT,  -- the marker as the decision leaves it: label, types, spans
        comment TEXT,
        blind INTEGER NOT NULL,
        seen INTEGER NOT NULL,
        undoes INTEGER REFERENCES decisions(sequence),
        bulk INTEGER, -- the first decision of the group
        at TEXT NOT NULL
    )
    """,
    # Where a decision stands on a reading: its own, and each later one it was carried to.  No turn: it could not be placed.
    """
    CREATE TABLE placements (
        revision INTEGER NOT NULL REFERENCES revisions(id),
        sequence INTEGER NOT NULL REFERENCES decisions(sequence),
        turn INTEGER,
        spans TEXT,
        lost_spans INTEGER NOT NULL,
        PRIMARY KEY (revision, sequence)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX placements_by_turn ON placements(revision, turn)",
    "CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END",
    "CREATE TRIGGER decisions_last BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END",
)
