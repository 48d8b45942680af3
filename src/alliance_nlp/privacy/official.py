"""Numbers that a State or a bank gives: social security (NIR and its neighbours), IBAN, number plates; and birth dates.

In: a passage.  Out: hits.  Keys are checked where the number has one, so that a long price or a reference is no alarm:
NIR (97 − n mod 97), Belgian register (97 − n mod 97), Swiss AHV/AVS (EAN-13), IBAN (ISO 7064, mod 97).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alliance_nlp.privacy.findings import Hit, Kind, Severity
from alliance_nlp.privacy.passage import Passage

_S = r"[ .\-\u00a0\u202f]?"
_NIR = re.compile(
    rf"(?<!\w)(?P<body>[12]{_S}\d\d{_S}(?:0[1-9]|1[0-2]|[2-9]\d){_S}(?:\d\d|2[ABab]){_S}\d{{3}}{_S}\d{{3}})"
    rf"(?:{_S}/?{_S}(?P<key>\d\d))?(?!\w)"
)
_BELGIAN = re.compile(r"(?<!\w)\d\d\.?[01]\d\.?[0-3]\d[ -]?\d{3}[ .]?\d\d(?!\w)")
_SWISS = re.compile(r"(?<!\w)756[. ]?\d{4}[. ]?\d{4}[. ]?\d\d(?!\w)")
_QUEBEC = re.compile(r"(?<!\w)[A-Z]{4} ?\d{4} ?\d{4}(?!\w)")
_NIR_CUE = re.compile(r"\b(?:sécu|sécurité sociale|nir|numéro d['’]assuré|carte vitale|immatriculation)\b", re.I)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d\d(?:[ \u00a0]?[A-Z0-9]{4}){2,7}(?:[ \u00a0]?[A-Z0-9]{1,4})?(?!\w)", re.I)
_PLATES = {
    "plate_france": re.compile(r"(?<!\w)[A-HJ-NP-TV-Z]{2}[ -]\d{3}[ -][A-HJ-NP-TV-Z]{2}(?!\w)"),
    "plate_belgium": re.compile(r"(?<!\w)[1-9]-[A-Z]{3}-\d{3}(?!\w)"),
}
_PLATE_BY_CUE = re.compile(
    r"\b(?:plaque|immatricul\w+)\b[^.!?\n]{0,30}?(?P<plate>(?<!\w)(?:[A-Z]{2}[ ]?\d{3}[ ]?[A-Z]{2}|\d{1,4} ?[A-Z]{2,3} ?\d\d"
    r"|[A-Z]{2} ?\d{3,6}|[A-Z]\d\d ?[A-Z]{3})(?!\w))"
)
_MONTH = r"(?:janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre)"
_DAY = (
    r"(?:\d{1,2}|1er|premier|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize"
    r"|dix[ -]sept|dix[ -]huit|dix[ -]neuf|vingt(?:[ -](?:et[ -]un|deux|trois|quatre|cinq|six|sept|huit|neuf))?|trente(?:[ -]et[ -]un)?)"
)
_SPOKEN_YEAR = r"(?:mille neuf cents?(?: [a-zé\-]+){1,3}|deux mille(?: [a-z\-]+)?)"
_DATE = rf"(?:\d{{1,2}}[/.\-]\d{{1,2}}[/.\-](?:19|20)?\d\d|{_DAY} {_MONTH}(?: (?:(?:19|20)?\d\d\b|{_SPOKEN_YEAR}))?)"
_BIRTH = re.compile(
    rf"\b(?:née? le|naissance\W{{0,4}}(?:c['’]est |est |était |le |du )*|né\(e\) le|anniversaire,? (?:c['’]est |est )?le)"
    rf"\s*(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) )?(?P<date>{_DATE})",
    re.IGNORECASE,
)


def find_official(passage: Passage) -> Iterator[Hit]:
    """Yield social-security numbers, IBANs, plates and birth dates."""
    yield from _social_security(passage.text)
    for match in _IBAN.finditer(passage.text):
        if iban_holds(match[0]):
            yield Hit(Kind.IBAN, match.start(), match.end(), "iban", Severity.HIGH)
    for rule, pattern in _PLATES.items():
        for match in pattern.finditer(passage.text):
            yield Hit(Kind.PLATE, match.start(), match.end(), rule, Severity.HIGH)
    for match in _PLATE_BY_CUE.finditer(passage.text):
        yield Hit(Kind.PLATE, match.start("plate"), match.end("plate"), "plate_cue", Severity.HIGH)
    for match in _BIRTH.finditer(passage.text):
        yield Hit(Kind.BIRTH_DATE, match.start("date"), match.end("date"), "birth_date", Severity.HIGH)


def _social_security(text: str) -> Iterator[Hit]:
    for match in _NIR.finditer(text):
        cue = _NIR_CUE.search(text, max(0, match.start() - 60), match.start())
        if match["key"] and nir_holds(match["body"], match["key"]):
            yield Hit(Kind.OFFICIAL_NUMBER, match.start(), match.end(), "nir", Severity.HIGH)
        elif cue:  # without its key, or mistyped: the words before say what it is
            yield Hit(Kind.OFFICIAL_NUMBER, match.start(), match.end(), "nir_cue", Severity.HIGH)
    for match in _BELGIAN.finditer(text):
        if belgian_holds(match[0]):
            yield Hit(Kind.OFFICIAL_NUMBER, match.start(), match.end(), "belgian_register", Severity.HIGH)
    for match in _SWISS.finditer(text):
        if ean13_holds(match[0]):
            yield Hit(Kind.OFFICIAL_NUMBER, match.start(), match.end(), "swiss_avs", Severity.HIGH)
    for match in _QUEBEC.finditer(text):
        yield Hit(Kind.OFFICIAL_NUMBER, match.start(), match.end(), "quebec_ramq", Severity.HIGH)


def nir_holds(body: str, key: str) -> bool:
    """Return whether the key of a French social-security number is right; Corsica's 2A and 2B count as 19 and 18."""
    plain = re.sub(r"\W", "", body).upper().replace("2A", "19").replace("2B", "18")
    return 97 - int(plain) % 97 == int(key)


def belgian_holds(number: str) -> bool:
    """Return whether the last two digits of a Belgian register number are its key, for births before or since 2000."""
    plain = re.sub(r"\D", "", number)
    return any(97 - int(century + plain[:9]) % 97 == int(plain[9:]) for century in ("", "2"))


def ean13_holds(number: str) -> bool:
    """Return whether the thirteenth digit is the EAN-13 key of the others (Swiss AVS numbers)."""
    digits = [int(digit) for digit in number if digit.isdigit()]
    return (10 - sum(d * (3 if i % 2 else 1) for i, d in enumerate(digits[:12])) % 10) % 10 == digits[12]


def iban_holds(number: str) -> bool:
    """Return whether an IBAN's check digits are right (ISO 13616)."""
    plain = re.sub(r"\W", "", number).upper()
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1
