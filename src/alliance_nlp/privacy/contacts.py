"""Phone numbers, e-mail addresses and links, written with digits or as recognised speech spells them.

In: a passage.  Out: hits.  Phone formats: France, Belgium, Switzerland, Québec.  Emergency and help lines (15, 112,
3114) have too few digits to be taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alliance_nlp.privacy.findings import Hit, Kind, Severity
from alliance_nlp.privacy.passage import Passage

_GAP = r"[ .\-/\u00a0\u202f]?"
_PHONES = {
    "phone_france": rf"(?:(?:\+|00)33{_GAP}(?:\(0\){_GAP})?|0)[1-9](?:{_GAP}\d\d){{4}}",
    "phone_belgium": rf"(?:(?:\+|00)32{_GAP}(?:\(0\){_GAP})?|0)(?:4\d\d(?:{_GAP}\d\d){{3}}"
    rf"|[1-9]{_GAP}\d{{3}}(?:{_GAP}\d\d){{2}}|[1-9]\d(?:{_GAP}\d\d){{3}})",
    "phone_switzerland": rf"(?:(?:\+|00)41{_GAP}(?:\(0\){_GAP})?|0)[1-9]\d{_GAP}\d{{3}}{_GAP}\d\d{_GAP}\d\d",
    "phone_quebec": r"(?:(?:\+?1)[ .\-])?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[ .\-])[2-9]\d\d[ .\-]\d{4}",
}
_PHONE = re.compile(r"(?<![\w+])(?:" + "|".join(f"(?P<{name}>{form})" for name, form in _PHONES.items()) + r")(?![\w])")
_DIGIT = r"(?:zéro|zero|un|une|deux|trois|quatre|cinq|six|sept|huit|neuf)"
_NUMBER = (
    rf"(?:{_DIGIT}|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante|soixante|septante|huitante"
    r"|octante|nonante|quatre[ -]vingts?)"
)
# « zéro six douze trente-quatre… »: a leading zero, then at least four number words.
_SPOKEN_PHONE = re.compile(rf"\b(?:zéro|zero)(?:[ ,-]+(?:et[ -]+)?{_NUMBER}){{5,16}}\b", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4}")
_SPOKEN_EMAIL = re.compile(
    r"\b[\w.\-]{1,40}(?: (?:point|tiret|underscore) [\w\-]{1,40}){0,3} (?:arobase|at|chez) [\w\-]{1,40} point (?:com|fr|be|ch|ca|net|org)\b",
    re.IGNORECASE,
)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>«»()¤]{3,200}", re.IGNORECASE)


def find_contacts(passage: Passage) -> Iterator[Hit]:
    """Yield phone numbers, e-mail addresses and links, all of high severity but the links."""
    text = passage.text
    for match in _PHONE.finditer(text):
        yield Hit(Kind.PHONE, match.start(), match.end(), match.lastgroup or "phone", Severity.HIGH)
    for match in _SPOKEN_PHONE.finditer(text):
        yield Hit(Kind.PHONE, match.start(), match.end(), "phone_spoken", Severity.HIGH)
    for pattern, rule in ((_EMAIL, "email"), (_SPOKEN_EMAIL, "email_spoken")):
        for match in pattern.finditer(text):
            yield Hit(Kind.EMAIL, match.start(), match.end(), rule, Severity.HIGH)
    for match in _URL.finditer(text):
        end = match.start() + len(match[0].rstrip(".,;:!?"))
        yield Hit(Kind.URL, match.start(), end, "url", Severity.MEDIUM)
