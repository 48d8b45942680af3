"""Which sessions of a run belong to one dyad: a few numbers a session, so that no text is held for it.

In: each session's :class:`DyadSession`.  Out: those of one dyad, for the contrast in a session's report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from alliance_nlp.evaluation.likeness import is_left_unmarked
from alliance_nlp.file_names import file_name
from alliance_nlp.patterns import DyadSession
from alliance_nlp.transcript import Transcript

Dyads = Mapping[str, Sequence[DyadSession]]


def group_by_dyad(counts: Iterable[DyadSession]) -> dict[str, list[DyadSession]]:
    """Return the sessions of each dyad; a session without one is in none."""
    groups: dict[str, list[DyadSession]] = {}
    for session in counts:
        if session.dyad is not None:
            groups.setdefault(session.dyad, []).append(session)
    return groups


def same_dyad(session: Transcript, dyads: Dyads) -> Sequence[DyadSession]:
    """Return the sessions of the session's dyad, itself among them; none without a dyad or markers to set beside theirs."""
    return dyads.get(session.dyad, ()) if session.dyad and not is_left_unmarked(session) else ()


def page_links(counts: Iterable[DyadSession]) -> dict[str, str]:
    """Return the pages of sessions by id, as seen from another session's page."""
    return {session.session_id: f"{file_name(session.session_id)}.html" for session in counts}
