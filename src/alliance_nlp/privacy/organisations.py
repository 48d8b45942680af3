"""Employers, schools, hospitals and the like: « je travaille chez X », « lycée X », « hôpital X ».

In: a passage.  Out: hits.  An institution counts with its proper name (a capital): « hôpital de jour » and « le lycée
de mon fils » are no alarms.  Brands are of low severity unless somebody works there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alliance_nlp.privacy.findings import Hit, Kind, Severity
from alliance_nlp.privacy.passage import Passage
from alliance_nlp.privacy.word_lists import fold, is_public, word_list

_UP = r"[A-ZÀ-Þ][\w'’\-&]*[\wÀ-ÿ](?:[ ](?:de |du |des |la |le |et |& |l['’]|d['’])?[A-ZÀ-Þ][\w'’\-&]+){0,4}"
_INSTITUTION = re.compile(
    r"""(?<!\w)(?i:lycée|collège|école(?:\ (?:primaire|maternelle|élémentaire|privée|de\ commerce|d['’]ingénieurs))?|université|fac|faculté|iut
    |maternelle|crèche|cégep|gymnase|internat|hôpital|clinique|chu|chru|chuv|chr|chum|hug|ehpad|maison\ de\ retraite
    |institut|foyer|prison|maison\ d['’]arrêt|centre\ pénitentiaire|centre\ hospitalier|cmp|csapa|entreprise|société|cabinet|mairie
    |paroisse|club|association|pharmacie|boulangerie|restaurant|garage|supermarché|usine|caserne|régiment|résidence)
    \ (?:(?:de|du|des|d['’]|de\ la|de\ l['’]|la|le|les|l['’])\ ?)?"""
    + f"(?P<name>{_UP})",
    re.VERBOSE,
)
_WORK = re.compile(
    r"""\b(?i:travaill\w+|bosse\w*|boulot|embauchée?|engagée?|stage|alternance|apprentissage|cdi|cdd|poste|salariée?|employée?|ingénieure?
    |infirmi[èe]re?|vendeuse|vendeur|caissi[èe]re?|chauffeur|ouvri[èe]re?|cadre|comptable|magasinier|directeur|directrice|licenciée?|virée?)
    (?:\ [\w'’\-]+){0,3}?\ (?:chez|à\ la|à\ l['’]|au|aux|pour|à)\ ?"""
    + f"(?P<name>{_UP})",
    re.VERBOSE,
)
_WORK_LOWER = re.compile(r"\b(?:travaill\w+|bosse\w*|embauchée?|stage|vendeuse|vendeur|caissi[èe]re?|ingénieure?) (?:en \w+ )?chez (?P<name>[\w'’\-]{3,})")


def find_organisations(passage: Passage) -> Iterator[Hit]:
    """Yield named institutions and employers."""
    if passage.lower_case:
        yield from _employers_heard(passage)
        return
    for match in _INSTITUTION.finditer(passage.text):
        large = fold(match["name"]) in word_list("large_towns") or is_public(match["name"])
        yield Hit(Kind.ORGANISATION, match.start(), match.end(), "institution", Severity.LOW if large else Severity.MEDIUM)
    for match in _WORK.finditer(passage.text):
        town = fold(match["name"]) in word_list("towns") and " chez " not in match[0]
        if not town:
            yield Hit(Kind.ORGANISATION, match.start("name"), match.end("name"), "employer", Severity.MEDIUM)


def _employers_heard(passage: Passage) -> Iterator[Hit]:
    """Without capitals only brands of the list are told from « chez moi », « chez des gens »."""
    for match in _WORK_LOWER.finditer(passage.text):
        if is_public(match["name"]):
            yield Hit(Kind.ORGANISATION, match.start("name"), match.end("name"), "employer", Severity.MEDIUM)
