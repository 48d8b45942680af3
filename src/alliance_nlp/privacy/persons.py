"""Surnames and first names, from what stands around them and from the name lists.

In: a passage.  Out: hits.  A name that is also a word (« Rose », « Petit ») is believed only with a cue or inside a
sentence with its capital.  Recognised speech without capitals needs a cue: « je m'appelle », « mon fils », « madame ».
« Mme D. », « M. B. » and masked placeholders are no names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from alliance_nlp.privacy.findings import Hit, Kind, Severity
from alliance_nlp.privacy.passage import Passage, Word
from alliance_nlp.privacy.word_lists import fold, is_also_a_word, is_first_name, is_public, is_surname

CIVILITIES = frozenset("mme madame mlle mademoiselle monsieur mr dr docteur docteure maitre pr professeur professeure".split())
ABBREVIATED = frozenset({"dr", "pr", "mr"})
SHORT_CIVILITIES = frozenset({"m", "me"})  # only with their point: « M. Dupont »
PARTICLES = frozenset("de du des le la da di van von den der ben bel el al d l o n dos".split())
KIN = frozenset(
    """fils fille frere soeur mari femme copain copine ami amie pote cousin cousine oncle tante tata tonton neveu niece
    collegue chef cheffe patron patronne ex conjoint conjointe compagnon compagne voisin voisine bebe petit-fils
    petite-fille beau-frere belle-soeur beau-pere belle-mere parrain marraine filleul filleule jumeau jumelle cadet
    cadette aine ainee infirmiere psy prenomme nomme prenommee nommee surnommee surnomme""".split()
)
FAMILY = frozenset("famille consorts epoux freres soeurs".split())
DETERMINERS = frozenset("le la les l un une des du au aux ce cet cette ces mon ma mes ton ta tes son sa ses nos vos leurs".split())
NOT_A_NAME_BEFORE = frozenset("saint sainte st ste rue avenue boulevard place lycee college ecole hopital clinique syndrome maladie".split())
_SELF = re.compile(
    r"\b(?:je m['’]appelle|je me nomme|(?:il|elle|on|tu|vous|qui|fille|fils|nom|mari|femme|frère|sœur) (?:s|t|vous )?['’ ]?(?:appelle|appelles|appelez|appelait|nomme)"
    r"|mon (?:pré)?nom,? c['’]est|(?:pré)?nom (?:de famille|de jeune fille|complet)?\s?(?::|,? ?c['’]est|est)|moi c['’]est|ici)\s+$",
    re.IGNORECASE,
)
_SELF_SPAN = 45  # characters before a name in which its cue stands


def find_persons(passage: Passage) -> Iterator[Hit]:
    """Yield names of persons: high with a civility, a cue or as a full name, medium alone, low when public."""
    words = passage.words
    for place, word in enumerate(words):
        if (hit := _after_civility(passage, place)) or (hit := _after_cue(passage, place)):
            yield hit
        elif word.capital and not passage.lower_case:
            if hit := _full_name(words, place) or _alone(words, place):
                yield hit


def _after_civility(passage: Passage, place: int) -> Hit | None:
    """« madame Kowalczyk », « M. Le Goff », « docteur petit » in recognised speech."""
    words, word = passage.words, passage.words[place]
    if place == 0 or not _is_civility(words[place - 1], word) or not _may_be_name(passage, place):
        return None
    if fold(word.text) in CIVILITIES | {"juge", "maire", "president", "presidente"}:
        return None
    if not word.capital and not _listed(word.text):
        return None
    end = _end_of_name(passage, place)
    severity = Severity.LOW if is_public(word.text) else Severity.HIGH
    return Hit(Kind.PERSON, word.start, end, "name_after_civility", severity)


def _is_civility(before: Word, word: Word) -> bool:
    title = fold(before.text)
    if title in SHORT_CIVILITIES:
        return before.text[0].isupper() and word.gap.strip(" \u00a0\u202f") == "."
    pointed = ("", ".") if title in ABBREVIATED else ("",)  # « Bonjour Madame. Asseyez-vous. » names nobody
    return title in CIVILITIES and word.gap.strip(" \u00a0\u202f") in pointed and word.gap != ""


def _after_cue(passage: Passage, place: int) -> Hit | None:
    """« je m'appelle Élodie », « mon fils kevin », « la famille Petit »."""
    word = passage.words[place]
    if not _may_be_name(passage, place):
        return None
    named = _SELF.search(passage.text[max(0, word.start - _SELF_SPAN) : word.start])
    before = passage.words[place - 1] if place else None
    kin = before is not None and fold(before.text) in KIN | FAMILY and word.gap.strip(" ,") == ""
    listed = is_first_name(word.text) if kin and not word.capital else _listed(word.text)
    if (named and (listed or word.capital)) or (kin and (listed or _capital_inside(word))):
        return Hit(Kind.PERSON, word.start, _end_of_name(passage, place), "name_after_cue", Severity.HIGH)
    return None


def _capital_inside(word: Word) -> bool:
    return word.capital and not word.opens_sentence and not is_public(word.text)


def _full_name(words: Sequence[Word], place: int) -> Hit | None:
    """« Marie Dupont », « J. Dupont », « Dupont Marie »."""
    word = words[place]
    following = words[place + 1] if place + 1 < len(words) else None
    if following is None or not following.capital or not following.follows_closely:
        return None
    if is_public(f"{word.text} {following.text}"):
        return Hit(Kind.PERSON, word.start, following.end, "public_name", Severity.LOW)
    first_then_last = is_first_name(word.text) and not is_public(following.text)
    last_then_first = is_surname(word.text) and is_first_name(following.text)
    if not (first_then_last or last_then_first) or _blocked(words, place):
        return None
    return Hit(Kind.PERSON, word.start, _end_of_words(words, place), "full_name", Severity.HIGH)


def _alone(words: Sequence[Word], place: int) -> Hit | None:
    """A first name or surname by itself, with its capital."""
    word = words[place]
    first, last = is_first_name(word.text), is_surname(word.text)
    if not (first or last) or _blocked(words, place):
        return None
    initial = place > 0 and len(words[place - 1].text) == 1 and words[place - 1].text.isupper() and word.gap.startswith(".")
    if initial and last:
        return Hit(Kind.PERSON, words[place - 1].start, word.end, "full_name", Severity.HIGH)
    if is_public(word.text):
        return Hit(Kind.PERSON, word.start, word.end, "public_name", Severity.LOW)
    after_determiner = place > 0 and fold(words[place - 1].text) in DETERMINERS and word.gap.strip("'’ ") == ""
    if is_also_a_word(word.text) and (word.opens_sentence or after_determiner or not first):
        return None
    return Hit(Kind.PERSON, word.start, word.end, "first_name" if first else "surname", Severity.MEDIUM)


def _blocked(words: Sequence[Word], place: int) -> bool:
    """True inside another name: « Saint Martin », « rue Pasteur », « maladie de Charcot »."""
    before = [fold(word.text) for word in words[max(0, place - 2) : place]]
    return bool(before) and (before[-1] in NOT_A_NAME_BEFORE or (before[-1] in ("de", "du", "d") and before[0] in NOT_A_NAME_BEFORE))


def _may_be_name(passage: Passage, place: int) -> bool:
    """Refuse initials and abbreviations (« Mme D. », « Mme Du. »), particles, and capitals that only open a sentence."""
    word = passage.words[place]
    if len(word.text) < 2 or (len(word.text) <= 2 and passage.text[word.end : word.end + 1] == "."):
        return False
    return fold(word.text) not in PARTICLES or _particle_leads(passage.words, place)


def _particle_leads(words: Sequence[Word], place: int) -> bool:
    following = words[place + 1] if place + 1 < len(words) else None
    return words[place].capital and following is not None and following.capital and following.follows_closely


def _listed(text: str) -> bool:
    return is_first_name(text) or is_surname(text)


def _end_of_name(passage: Passage, place: int) -> int:
    """Return where a name ends that begins at ``place``; in lower case, words of the lists only."""
    if passage.words[place].capital:
        return _end_of_words(passage.words, place)
    following = passage.words[place + 1] if place + 1 < len(passage.words) else None
    goes_on = following is not None and following.follows_closely and is_surname(following.text)
    return following.end if goes_on and following and not is_also_a_word(following.text) else passage.words[place].end


def _end_of_words(words: Sequence[Word], place: int) -> int:
    """Return the end of a run of capitals, with the particles inside: « Jean de La Tour »."""
    end = words[place].end
    for ahead in range(place + 1, min(place + 5, len(words))):
        word = words[ahead]
        joined = word.follows_closely or word.gap in ("'", "’")
        if not joined or not (word.capital or fold(word.text) in PARTICLES or len(word.text) == 1):
            break
        if word.capital and not is_public(word.text):
            end = word.end
    return end
