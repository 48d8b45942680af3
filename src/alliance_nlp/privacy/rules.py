"""Numbers, addresses and what cues announce: the patterns.  In: a passage.  Out: hits.

Numbers are checked where they carry a key (French social security number, IBAN), so that ordinary digits stay quiet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alliance_nlp.privacy.findings import Hit, Kind, Severity
from alliance_nlp.privacy.passage import Passage

_MONTH = r"(?:janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre)"
_DATE = rf"\d{{1,2}}(?:er)?\s+{_MONTH}\s+(?:19|20)?\d{{2}}|\d{{1,2}}[/.\-]\d{{1,2}}[/.\-](?:19|20)?\d{{2}}"
_STREET = r"(?:rue|avenue|boulevard|impasse|allée|chemin|place|quai|cours|route|square|faubourg)"

PATTERNS: tuple[tuple[Kind, Severity, str, re.Pattern[str]], ...] = (
    (Kind.EMAIL, Severity.HIGH, "email", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")),
    (Kind.EMAIL, Severity.HIGH, "spoken_email", re.compile(r"\b[\w.-]{2,64} arobase [\w-]{2,63}(?: ?(?:point|\.) ?\w{2,6})\b", re.I)),
    (Kind.URL, Severity.MEDIUM, "url", re.compile(r"\b(?:https?://|www\.)[^\s<>«»\"]{3,200}", re.I)),
    (Kind.PHONE, Severity.HIGH, "phone_fr", re.compile(r"(?<![\d.])(?:\+33|0033|0)[ .\-]?[1-9](?:[ .\-\u00a0\u202f]?\d{2}){4}(?![\d])")),
    (Kind.PHONE, Severity.HIGH, "phone_be_ch", re.compile(r"(?<!\d)(?:\+|00)(?:32|41|352)[ .\-]?\d{1,3}(?:[ .\-/]?\d{2,3}){2,4}(?!\d)")),
    (Kind.PHONE, Severity.HIGH, "phone_be", re.compile(r"(?<!\d)04\d{2}[ ./]\d{2}[ .]\d{2}[ .]\d{2}(?!\d)")),
    (Kind.PHONE, Severity.HIGH, "phone_ch", re.compile(r"(?<!\d)07[5-9] \d{3} \d{2} \d{2}(?!\d)")),
    (Kind.PHONE, Severity.HIGH, "phone_qc", re.compile(r"(?<!\d)\(?[2-9]\d{2}\)?[ .\-]\d{3}[.\-]\d{4}(?!\d)")),
    (Kind.PLATE, Severity.HIGH, "plate", re.compile(r"\b[A-HJ-NP-TV-Z]{2}[ -]\d{3}[ -][A-HJ-NP-TV-Z]{2}\b")),
    (Kind.BIRTH_DATE, Severity.HIGH, "birth_date", re.compile(rf"\b(?:née?|naissance|anniversaire)\b[^.!?\n]{{0,25}}?({_DATE})", re.I)),
    (Kind.ADDRESS, Severity.HIGH, "street", re.compile(rf"\b\d{{1,4}}(?: ?(?:bis|ter))?,? {_STREET}\b(?: [\w'’\-]+){{1,5}}", re.I)),
    (Kind.ADDRESS, Severity.HIGH, "postcode", re.compile(r"(?<!\d)\d{5} [A-ZÀ-Þ][\w'’\-]+")),
    (Kind.ADDRESS, Severity.MEDIUM, "street_name", re.compile(r"\b(?:rue|avenue|boulevard|impasse|allée|quai) (?:(?:de|du|des|de la|d'|de l')[ ]?)?[A-ZÀ-Þ][\w'’\-]+")),
    (Kind.ORGANISATION, Severity.MEDIUM, "employer", re.compile(
        r"\b(?:travaill\w+|bosse\w*|embauch\w+|employ\w+|stage|poste|vir\w+)\b(?: \w+){0,2} (?:chez|à la|au|pour) ([A-ZÀ-Þ][\w&'’\-]+(?: [A-ZÀ-Þ][\w&'’\-]+)*)")),
    (Kind.ORGANISATION, Severity.HIGH, "institution", re.compile(
        r"\b(?:[lL]ycée|[cC]ollège|[éÉ]cole|[hH]ôpital|[cC]linique|[uU]niversité|[fF]ac|[mM]aternelle|[eE]hpad|EHPAD|[fF]oyer|CHU|[cC]rèche)"
        r" (?:(?:de|du|des|de la)[ ])?((?!Psychiatrique)[A-ZÀ-Þ][\w'’\-]+(?:[ -][A-ZÀ-Þ][\w'’\-]+)*)")),
)  # fmt: skip
_NIR = re.compile(r"(?<!\d)[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-4]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3}(?: ?(\d{2}))?(?!\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")


def find_patterns(passage: Passage) -> Iterator[Hit]:
    """Yield what the patterns find; a group in a pattern narrows the hit to what identifies."""
    for kind, severity, rule, pattern in PATTERNS:
        for match in pattern.finditer(passage.text):
            group = 1 if match.re.groups else 0
            yield Hit(kind, match.start(group), match.end(group), rule, severity)
    for match in _NIR.finditer(passage.text):
        if has_nir_key(match[0]):
            yield Hit(Kind.OFFICIAL_NUMBER, match.start(), match.end(), "nir", Severity.HIGH)
    for match in _IBAN.finditer(passage.text):
        if has_iban_key(match[0]):
            yield Hit(Kind.IBAN, match.start(), match.end(), "iban", Severity.HIGH)


def has_nir_key(text: str) -> bool:
    """True for a French social security number whose key is right (97 minus the rest modulo 97); Corsica as 19 and 18."""
    digits = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return len(digits) == 15 and digits.isdigit() and 97 - int(digits[:13]) % 97 == int(digits[13:])


def has_iban_key(text: str) -> bool:
    """True for an IBAN whose remainder is 1 (ISO 13616)."""
    plain = text.replace(" ", "")
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1
