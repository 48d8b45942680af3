"""Which tiers of a TextGrid are talk, and which are words, sounds, speakers or remarks.

In: a :class:`~alliance_nlp.formats.textgrid_file.Grid`.  Out: :class:`Sorted`.  A name that says what a tier is is
believed; else its content decides: aligned words or sounds are single tokens that touch each other, which talk never
is over a whole tier.  Numbers alone (« 1 » where somebody speaks) are no talk.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from alliance_nlp.formats.names import fold
from alliance_nlp.formats.textgrid_file import Grid, Interval, Tier

MIN_TOKENS = 10  # fewer single words may be all that somebody says
TOKEN_SHARE = 0.95  # of a word tier's entries: a few compounds hold a space
TOUCHING_SHARE = 0.5  # of a word tier's entries begin where the one before ended
SILENCES = frozenset({"", "_", "#", "*", "-", "sil", "sp", "<sil>", "<sp>", "<p:>", "silence", "pause", "<p>", "$"})

_WORDS = re.compile(r"\b(?:words?|mots?|tokens?|tokensalign|tok_min|token(?:align)?|formes?)\b")
_SOUNDS = re.compile(
    r"\b(?:phones?|phonemes?|phon|phonalign|segments?|syll?(?:able)?s?|syllabes?|mau|kan|ort-mau|sampa|api|ipa|f0|pitch|"
    r"tones?|tobi|intsint|momel|pos|postag|tags?|lemm[ae]s?|lemmes?|gloss?|glose|traductions?|translations?)\b"
)
_REMARKS = re.compile(
    r"\b(?:comments?|commentaires?|notes?|remarks?|remarques?|events?|evenements?|noise|bruits?|turns?|tours?|sections?|"
    r"themes?|topics?|codes?|codage|vad|xds|activity|background|gestes?|gestures?|regards?)\b"
)
_SPEAKERS = re.compile(r"(?:spk|speakers?|locuteurs?|loc|spk id|who|qui)")


@dataclass(frozen=True, slots=True)
class Sorted:
    """The tiers by what they hold: talk (or, for want of it, words), who speaks when, and the rest."""

    talk: tuple[Tier, ...]
    words: tuple[Tier, ...]
    speakers: Tier | None
    aside: tuple[Tier, ...]


def sort_tiers(grid: Grid) -> Sorted:
    """Return the tiers sorted; ``words`` hold the tiers to read when there is no talk."""
    filled = [tier for tier in grid.tiers if tier.filled]
    speakers = next((tier for tier in filled if _is_speaker_tier(tier)), None)
    kinds = {id(tier): _kind(tier) for tier in filled}
    talk = tuple(tier for tier in filled if tier is not speakers and kinds[id(tier)] == "talk")
    words = () if talk else tuple(tier for tier in filled if tier is not speakers and kinds[id(tier)] == "words")
    aside = tuple(tier for tier in filled if tier not in talk and tier not in words and tier is not speakers)
    return Sorted(talk, words, speakers, aside)


def owner(tier: Tier) -> str:
    """Return who a tier is of: « P - words » and « words [P] » are P's.

    >>> owner(Tier("Mme D. - words", ()))
    'Mme D.'
    """
    rest = re.sub(r"(?i)[\[\](){}]", " ", tier.name)
    kept = [part for part in re.split(r"\s+-\s+|[_:/|@]|\s{2,}", rest) if part.strip() and not _WORDS.fullmatch(fold(part))]
    return " ".join(" ".join(kept).split()) or tier.name


def is_silence(text: str) -> bool:
    """True for the labels that aligners write where nobody speaks."""
    return text.strip().lower() in SILENCES


def _kind(tier: Tier) -> str:
    said = [interval for interval in tier.filled if not is_silence(interval.text)]
    if tier.points or not said or all(re.fullmatch(r"[\d.,]{1,12}", interval.text) for interval in said):
        return "aside"
    name = re.sub(r"[_-]", " ", fold(tier.name))
    if _SOUNDS.search(name) or _REMARKS.search(name):
        return "aside"
    if _WORDS.search(name):
        return "words"
    if not _are_tokens(tier.filled):
        return "talk"
    return "words" if sum(len(interval.text) for interval in said) >= 3 * len(said) else "aside"  # sounds are shorter


def _are_tokens(intervals: Sequence[Interval]) -> bool:
    """Return whether nearly all entries are single tokens that touch each other, as an aligner cuts them."""
    if len(intervals) < MIN_TOKENS:
        return False
    single = sum(len(interval.text.split()) == 1 for interval in intervals)
    touching = sum(
        before.end_s is not None and before.end_s == after.start_s for before, after in zip(intervals, intervals[1:])
    )
    return single >= TOKEN_SHARE * len(intervals) and touching >= TOUCHING_SHARE * len(intervals)


def _is_speaker_tier(tier: Tier) -> bool:
    """True for a tier that says who speaks when: named so, or few short labels that come back."""
    if tier.points or not _SPEAKERS.fullmatch(re.sub(r"[_-]", " ", fold(tier.name))):
        return False
    labels = {interval.text for interval in tier.filled}
    return len(labels) <= max(3, len(tier.filled) // 2) and all(len(label.split()) <= 3 for label in labels)
