"""What a tagger says of a whole session: that it is little like psychotherapy, or unlike it and therefore not marked.

« No marker » in a session left unmarked is no finding: such a session enters no rate, no dyad's course and no plan of checks.
"""

from __future__ import annotations

from alliance_nlp.evaluation.reviewed import known_turns
from alliance_nlp.transcript import Notice, Transcript

NOT_THERAPY = "tagger.not_therapy"  # codes of warnings
MARKED_ON_DEMAND = "tagger.marked_on_demand"
LITTLE_LIKE_THERAPY = "tagger.little_like_therapy"
CODES = (NOT_THERAPY, MARKED_ON_DEMAND, LITTLE_LIKE_THERAPY)


def about_session(transcript: Transcript) -> tuple[Notice, ...]:
    """Return the tagger's warnings about the session as a whole."""
    return tuple(notice for notice in transcript.warnings if notice.code in CODES)


def is_withheld(transcript: Transcript) -> bool:
    """True for a session that the tagger left without markers because it does not sound like psychotherapy."""
    return any(notice.code == NOT_THERAPY for notice in transcript.warnings)


def is_left_unmarked(transcript: Transcript) -> bool:
    """True for such a session unless people read the whole of it since: then « no marker » is their word."""
    return is_withheld(transcript) and len(known_turns(transcript)) < len(transcript.turns)
