"""Names of persons and places, by lists and by what stands before them.  In: a passage.  Out: hits.

With capitals: a first name or surname of the lists, unless it is an ordinary word too or only opens a sentence
without being surely a name; two capitalised words of which one is a listed name; any capitalised word after a cue
(« je m'appelle », « monsieur »).  In lower-case recognised speech: listed first names after a cue only.
"""

from __future__ import annotations

from collections.abc import Iterator

from alliance_nlp.privacy.findings import Hit, Kind, Severity
from alliance_nlp.privacy.passage import Passage, Word
from alliance_nlp.privacy.word_lists import fold, is_also_a_word, is_first_name, is_public, is_surname, word_list

CALLED = frozenset("appelle appelles appelait prenom prenommee".split())
TITLES = frozenset("monsieur madame mademoiselle docteur docteure professeur maitre mme dr pr mlle".split())
KIN = frozenset(
    "fils fille frere soeur mari femme copain copine compagnon compagne pere mere cousin cousine oncle tante ami amie "
    "petit-fils petite-fille neveu niece voisin voisine collegue ex".split()
)
PLACE_CUES = frozenset("a de vers sur habite depuis pres entre rentre vit ville".split())


def find_names(passage: Passage) -> Iterator[Hit]:
    """Yield persons and places; runs of capitalised words are taken together."""
    words, place = passage.words, 0
    while place < len(words):
        run = run_at(words, place)
        hit = judge(passage, run, words[place - 1] if place else None)
        if hit is not None:
            yield hit
        place += len(run) if hit is not None else 1


def run_at(words: tuple[Word, ...], place: int) -> tuple[Word, ...]:
    """Return the words from ``place`` that belong together: capitals with only spaces between them."""
    run = [words[place]]
    for word in words[place + 1 : place + 4]:
        if not (run[-1].capital and word.capital and word.follows_closely):
            break
        run.append(word)
    return tuple(run)


def judge(passage: Passage, run: tuple[Word, ...], before: Word | None) -> Hit | None:
    """Return what a run of words is, None for ordinary words."""
    start, end = run[0].start, run[-1].end
    cue = "" if before is None or not run[0].follows_closely else fold(before.text)
    if passage.lower_case:
        if is_first_name(run[0].text) and (cue in CALLED or cue in KIN or cue in TITLES) and len(run[0].text) > 2:
            if not is_also_a_word(run[0].text):
                return Hit(Kind.PERSON, start, end, "cued_lower_case", Severity.MEDIUM)
        return None
    if not run[0].capital:
        return None
    person = judge_person(run, cue, start, end)
    return person if person is not None else judge_place(run, cue, start, end)


def judge_person(run: tuple[Word, ...], cue: str, start: int, end: int) -> Hit | None:
    """Return a person's hit."""
    head = run[0]
    if is_public(head.text) or is_public(" ".join(word.text for word in run)):
        return None
    listed = [w for w in run if is_first_name(w.text) or is_surname(w.text)]
    if cue in CALLED or (cue in TITLES and len(head.text) > 2):
        return Hit(Kind.PERSON, start, end, "cued", Severity.HIGH)
    if len(run) >= 2 and listed and not head.opens_sentence:
        return Hit(Kind.PERSON, start, end, "full_name", Severity.HIGH)
    if len(run) >= 2 and is_first_name(head.text) and not is_also_a_word(head.text):
        return Hit(Kind.PERSON, start, end, "full_name", Severity.HIGH)
    if is_first_name(head.text) and not is_also_a_word(head.text):
        return Hit(Kind.PERSON, start, head.end, "first_name", Severity.MEDIUM)
    if listed and cue in KIN:
        return Hit(Kind.PERSON, start, end, "cued", Severity.MEDIUM)
    return None


def judge_place(run: tuple[Word, ...], cue: str, start: int, end: int) -> Hit | None:
    """Return a place's hit; the largest towns say little."""
    name = " ".join(word.text for word in run)
    for text, last in ((name, end), (run[0].text, run[0].end)):
        if fold(text) in word_list("large_towns"):
            return Hit(Kind.PLACE, start, last, "large_town", Severity.LOW)
        if fold(text) in word_list("towns") and (not is_also_a_word(text) or cue in PLACE_CUES):
            return Hit(Kind.PLACE, start, last, "town", Severity.MEDIUM)
    return None
