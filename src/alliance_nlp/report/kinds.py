"""What kind of transcript this is, as far as the model's card knows such kinds to be read less well.

In: a transcript and the model's facts.  Out: :class:`KindFacts`, one a kind that holds, with what was measured on test
sessions of that kind.  Left out: any guess on kinds that the card does not measure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from alliance_nlp.report.facts import ModelFacts
from alliance_nlp.transcript import Role, Transcript

PUNCTUATION = re.compile(r"[.?!…,;:]")
FEW_SIGNS = 5.0  # per 100 words: the corpus' recogniser-like sessions have 0, all others 18 or more
ENOUGH_WORDS = 50  # below, a transcript is too short to tell


@dataclass(frozen=True, slots=True)
class KindFacts:
    """One kind of transcript and the mean F1 measured on ``sessions`` such test sessions; None where unknown."""

    name: str
    macro_f1: float | None
    sessions: int | None


def kinds_of(transcript: Transcript, facts: ModelFacts) -> tuple[KindFacts, ...]:
    """Return the kinds that hold for a transcript: recogniser-like, roles unknown, two or more on the patient's side."""
    others = sum(speaker.role.is_patient_side for speaker in transcript.speakers)
    holds = {
        "unpunctuated": is_unpunctuated(transcript),
        "unknown_roles": any(transcript.role_of(turn) is Role.UNKNOWN for turn in transcript.turns),
        "two": others == 2,
        "group": others > 2,
    }
    return tuple(KindFacts(name, *facts.kinds.get(name, (None, None))) for name, here in holds.items() if here)


def is_unpunctuated(transcript: Transcript) -> bool:
    """Return True for text without punctuation, as a speech recogniser may give it."""
    words = sum(len(turn.text.split()) for turn in transcript.turns)
    signs = sum(len(PUNCTUATION.findall(turn.text)) for turn in transcript.turns)
    return words >= ENOUGH_WORDS and 100 * signs / words < FEW_SIGNS
