"""Towns and postal addresses.

In: a passage.  Out: hits.  A small town points at somebody more than a large one, and « j'habite à » more than a bare
mention; countries, regions and what everybody knows are of low severity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alliance_nlp.privacy.findings import Hit, Kind, Severity
from alliance_nlp.privacy.passage import Passage
from alliance_nlp.privacy.word_lists import fold, is_also_a_word, is_first_name, is_public, is_surname, word_list

_STREET = (
    r"(?:rue|avenue|av\.|boulevard|bd\.?|place|chemin|impasse|allée|allées|quai|route|cours|square|sentier|lotissement"
    r"|résidence|hameau|chaussée|rang|montée|faubourg|ruelle|passage|villa|cité|clos|esplanade)"
)
_NAME = r"(?:(?:de|du|des|la|le|les|l['’]|d['’]|à|aux|au|en|et|sur)[ ]?){0,4}"
_NUMBER = r"(?:\d{1,4}(?: ?(?:bis|ter|quater|[A-Da-d]))?)"
_WORD_NUMBER = r"(?:(?:cent |quatre[ -]vingts?[ -]|soixante[ -]|cinquante[ -]|quarante[ -]|trente[ -]|vingt[ -])*(?:et[ -])?(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante|soixante|cent))"
_UP = r"[A-ZÀ-Þ][\w'’\-]+(?:[ -](?:de |du |des |la |le |l['’]|d['’])?[A-ZÀ-Þ][\w'’\-]+){0,3}"
_LOW = r"[\w'’\-]{3,30}"
_NUMBERED = re.compile(
    rf"(?<!\w)(?:{_NUMBER},? ?(?i:{_STREET}) (?i:{_NAME})(?:{_UP}|{_LOW}(?: {_UP})?)|(?i:{_WORD_NUMBER}) (?:rue|avenue|boulevard|impasse|allée|chemin|chaussée|quai) {_NAME}{_LOW})"
    rf"(?:,? ?\d{{5}}(?: {_UP})?)?"
)
_NAMED_STREET = re.compile(rf"(?<!\w)(?i:rue|avenue|boulevard|impasse|allée|chemin|quai|chaussée|square|faubourg|place) {_NAME}{_UP}")
_POSTCODE = re.compile(rf"(?<!\d)(?:\d{{5}} {_UP}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?!\w)")
_HYPHENATED = re.compile(
    r"(?<![\w-])(?:(?:Saint|Sainte|St|Ste)-[A-ZÀ-Þ][\w'’]+(?:-[\w'’]+)*|[A-ZÀ-Þ][\w'’]+(?:-[A-ZÀ-Þ][\w'’]+)*"
    r"-(?:sur|sous|lès|lez|les|en|le|la|aux|du|de|des|d['’]|l['’])-?[A-ZÀ-Þ][\w'’]+(?:-[\w'’]+)*)"
)
_FEASTS = frozenset("valentin sylvestre nicolas patrick catherine glinglin esprit honore pere michel".split())
_LIVING = re.compile(
    r"\b(?:j['’]?|je |tu |il |elle |on |nous |vous |ils |elles |qui |t['’])?(?:habit\w+|vi[st]|vivais|vivait|vivons|vivez|logeais?|loge|résid\w+|domicilié\w*"
    r"|déménag\w+|install\w+|grandi|né|née|nés|enterrée?|originaires?|emménag\w+|maison|appartement|vien[st]|venons|travaille|travaillait)"
    r"(?:\s+[\w'’\-]+){0,3}?\s+(?:à côté de|près de|à|au|aux|en|sur|vers|de|d['’]|du)\s*$",
    re.IGNORECASE,
)
_LIVING_NARROW = re.compile(
    r"\b(?:habit(?:e|es|ent|ait|ais|ez|ons|aient|er|é)|domicilié\w*|emménag\w+|déménagé|originaires?)\s+(?:à côté de|près de|à|de|vers)\s*$", re.I
)
_PREPOSITION = re.compile(r"\b(?:à|de|d['’]|vers|sur|près de|pour)\s*$", re.IGNORECASE)
_BEFORE = 60  # characters in which the cue of a place stands


def find_places(passage: Passage) -> Iterator[Hit]:
    """Yield addresses (high; medium without a number) and towns."""
    yield from _addresses(passage)
    yield from _towns(passage)
    if not passage.lower_case:
        yield from _hyphenated(passage)
        yield from _unlisted_home(passage)


def _addresses(passage: Passage) -> Iterator[Hit]:
    for pattern, rule, severity in (
        (_NUMBERED, "address", Severity.HIGH),
        (_POSTCODE, "postcode", Severity.HIGH),
        (_NAMED_STREET, "street", Severity.MEDIUM),
    ):
        for match in pattern.finditer(passage.text):
            yield Hit(Kind.ADDRESS, match.start(), match.end(), rule, severity)


def _towns(passage: Passage) -> Iterator[Hit]:
    """Yield towns of the list, of up to four words."""
    towns, words = word_list("towns"), passage.words
    place = 0
    while place < len(words):
        for length in (4, 3, 2, 1):
            run = words[place : place + length]
            name = passage.text[run[0].start : run[-1].end]
            if len(run) == length and fold(name) in towns and (hit := _town(passage, run[0].start, run[-1].end)):
                yield hit
                place += length - 1
                break
        else:
            name = words[place].text
            if is_public(name) and words[place].capital and not passage.lower_case and not is_first_name(name):
                yield Hit(Kind.PLACE, words[place].start, words[place].end, "public_name", Severity.LOW)
        place += 1


def _town(passage: Passage, start: int, end: int) -> Hit | None:
    name, before = passage.text[start:end], passage.text[max(0, start - _BEFORE) : start]
    lives = bool(_LIVING.search(before))
    if passage.lower_case:
        # Without capitals « tours » and « die » are words: only a plain « j'habite à » makes them towns.
        believed = bool(_LIVING_NARROW.search(before)) if is_also_a_word(name) else lives
    else:
        word = any(is_also_a_word(part) for part in (name, name.split()[0])) or is_first_name(name) or is_surname(name)
        believed = name[0].isupper() and (not word or (lives or bool(_PREPOSITION.search(before))))
    if not believed:
        return None
    if fold(name) in word_list("large_towns"):
        return Hit(Kind.PLACE, start, end, "large_town", Severity.MEDIUM if lives else Severity.LOW)
    return Hit(Kind.PLACE, start, end, "town", Severity.HIGH if lives else Severity.MEDIUM)


def _hyphenated(passage: Passage) -> Iterator[Hit]:
    """Yield « Saint-Priest », « Villers-sous-Bois »: the form says a village, whatever the list holds."""
    for match in _HYPHENATED.finditer(passage.text):
        last = fold(match[0]).split()[-1]
        article = passage.text[: match.start()].rstrip().lower().endswith((" la", " à la", " le"))
        if last in _FEASTS or is_public(match[0]) or is_first_name(match[0]) or fold(match[0]) in word_list("large_towns"):
            continue
        if article and match[0].lower().startswith("saint"):
            continue  # « la Saint-Jean » is a feast
        lives = bool(_LIVING.search(passage.text[max(0, match.start() - _BEFORE) : match.start()]))
        yield Hit(Kind.PLACE, match.start(), match.end(), "town_form", Severity.HIGH if lives else Severity.MEDIUM)


def _unlisted_home(passage: Passage) -> Iterator[Hit]:
    """Yield « j'habite à Plougasnou »: whatever has a capital after a word of living there."""
    for word in passage.words:
        before = passage.text[max(0, word.start - _BEFORE) : word.start]
        if word.capital and not word.opens_sentence and not is_public(word.text) and _LIVING_NARROW.search(before):
            yield Hit(Kind.PLACE, word.start, word.end, "home", Severity.HIGH)
