"""A turn's text as the rules read it: placeholders masked at equal length, cut into words with what stands before.

In: a turn's text.  Out: a :class:`Passage`.  « [PRÉNOM] », « (rire) », « XXX », « *** » and « <ville> » are no
alarms: every rule sees them as « ¤ » signs, so that offsets stay those of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MASK = "¤"

_PLACEHOLDER = re.compile(
    r"""\[[^\]\n]{0,120}\] | <[^>\n]{0,60}> | \{[^}\n]{0,60}\}
    | \((?:rires?|silence|pause|soupirs?|pleurs?|inaudible|prénom|nom|ville|lieu|adresse|hôpital|école|date)[^)\n]{0,40}\)
    | \b[A-ZÀ-Þ]?[Xx]{2,}\b | \b\w?\*{2,}\w{0,2} | \b\w\*(?!\w) | _{2,}""",
    re.VERBOSE,
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_NEW_SENTENCE = re.compile(r"[.!?…:;«»\"“”(\n–—/¤]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a passage.  ``gap`` is what stands between it and the word before it."""

    text: str
    start: int
    end: int
    gap: str

    @property
    def capital(self) -> bool:
        """True for « Julie » and « DUPONT », not for « Ça » cut to one letter."""
        return len(self.text) > 1 and self.text[0].isupper()

    @property
    def opens_sentence(self) -> bool:
        """True when its capital may be that of a sentence."""
        return bool(_NEW_SENTENCE.search(self.gap)) or self.start == len(self.gap)

    @property
    def follows_closely(self) -> bool:
        """True when only spaces stand before it, as inside « Marie Dupont »."""
        return self.gap.strip() == "" and self.gap != ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A masked text and its words.  ``lower_case``: recognised speech without capitals, read with other rules."""

    text: str
    words: tuple[Word, ...]
    lower_case: bool


def read_passage(text: str, *, lower_case: bool | None = None) -> Passage:
    """Return the passage; without ``lower_case`` the text itself says whether it has capitals."""
    masked = _PLACEHOLDER.sub(lambda match: MASK * len(match[0]), text)
    words, before = [], 0
    for match in _WORD.finditer(masked):
        words.append(Word(match[0], match.start(), match.end(), masked[before : match.start()]))
        before = match.end()
    if lower_case is None:
        lower_case = not any(letter.isupper() for letter in masked)
    return Passage(masked, tuple(words), lower_case)
