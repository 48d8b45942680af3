"""The database's schema as ordered steps: step *n* brings ``PRAGMA user_version`` from *n* − 1 to *n*; steps are never edited."""

from __future__ import annotations

from alliance_nlp.errors import StoreError
from alliance_nlp.review.migrations import m001_sessions_and_decisions, m002_finishing_and_settling, m003_replacing

APPLICATION_ID = 0x616E6C70  # "anlp": tells our databases from other programs' (PRAGMA application_id)
STEPS = (m001_sessions_and_decisions.STATEMENTS, m002_finishing_and_settling.STATEMENTS, m003_replacing.STATEMENTS)


def steps_from(version: int, *, application: int, tables: int) -> tuple[tuple[str, ...], ...]:
    """Return the steps that a database at ``version`` still needs.

    Raises StoreError for a database of a newer program, and for one that another program made.
    """
    if application != APPLICATION_ID and tables:
        raise StoreError("store.other_database")
    if version > len(STEPS):
        raise StoreError("store.newer_database", found=version, known=len(STEPS))
    return STEPS[version:]
