"""What a speaker's name says about their role: « Th. », « Patient·e », « TH1 », « Mère », « Mme D. ».

In: the names of one transcript, and the roles already known.  Out: the roles the names say, with the sign that says
it.  A name is read beside the others: « A » is an analyst only beside a patient, « Intervenant 1 » and
« Intervenant 2 » are a service's template, « Mme D. » is a patient only beside somebody named as a therapist.
First names, initials and « SPEAKER_00 » say nothing, and « M. » alone (Monsieur? Marie?) does not either.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from alliance_nlp.transcript import PATIENT_SIDE, Role

GROUP_FROM = 3  # three patients in a room are a group; two are a couple or a family

# Folded (no accent, lower case), masculine and feminine in full; « patient·e » is cut to « patient » before look-up.
WORDS: Mapping[Role, frozenset[str]] = MappingProxyType(
    {
        Role.THERAPIST: frozenset(
            """th ther thera therap therapeute cotherapeute psy psycho psychologue neuropsy neuropsychologue psychiatre
            pedopsychiatre psychotherapeute psychanalyste analyste clinicien clinicienne sexologue praticien praticienne
            intervenant intervenante conseiller conseillere ide infirmier infirmiere inf medecin docteur dr dre
            educateur educatrice educ anim animateur animatrice soignant soignante counselor counsellor therapist
            psychotherapist psychologist psychiatrist clinician nurse doctor""".split()
        ),
        Role.PATIENT: frozenset(
            """pat pt pte patient patiente client cliente usager usagere resident residente participant participante
            sujet enfant ado adolescent adolescente child""".split()
        ),
        Role.PARENT: frozenset(
            """mere pere parent maman papa beaupere bellemere grandmere grandpere mother father""".split()
        ),
        Role.PARTNER: frozenset(
            """conjoint conjointe mari femme compagne compagnon epoux epouse partenaire partner husband wife""".split()
        ),
        Role.OTHER: frozenset("interprete traducteur traductrice stagiaire observateur observatrice".split()),
    }
)
ROLE_OF_WORD: Mapping[str, Role] = MappingProxyType({word: role for role, words in WORDS.items() for word in words})
ROLE_OF_LETTER: Mapping[str, Role] = MappingProxyType({"t": Role.THERAPIST, "p": Role.PATIENT})
ANALYST = "a"
CIVILITIES = frozenset("mme madame mlle mademoiselle monsieur mr".split())
TEMPLATES = frozenset("intervenant intervenante participant participante sujet".split())  # used by services for anybody
ARTICLES = frozenset("le la les l un une".split())

_GENDER = re.compile(r"[·•∙‧.(/-](?:e|ne|ere|le|te|se|trice|rice|euse)s?\)?(?=\s|\d|$)")
_TOKEN = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d{1,3}")
_ABBREVIATED_SIR = re.compile(r"m\. ?\w", re.ASCII)


@dataclass(frozen=True, slots=True)
class NameSign:
    """What one name says: a role, and the sign it was read from (a code, not text)."""

    role: Role
    sign: str


@dataclass(frozen=True, slots=True)
class _Reading:
    word: str  # what the role was read from, folded: « therapeute », « p », « mme »
    kind: str  # word, letter, analyst, civility
    role: Role
    number: int | None


def same_name(first: str, second: str) -> bool:
    """Return whether two names are the same speaker's: case, accents, and a final point or colon do not count."""
    return fold(first) == fold(second)


def fold(name: str) -> str:
    """Return the name in lower case, without accents, outer white space and final points or colons."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("œ", "oe")
    return " ".join(plain.split()).strip(" .:–—-")


def roles_from_names(names: Iterable[str], *, known: Mapping[str, Role] | None = None) -> dict[str, NameSign]:
    """Return what the names say, for those names that say something.

    ``known`` holds the roles already settled (asked or declared), by name.

    >>> {name: sign.role.value for name, sign in roles_from_names(["Th.", "Patient·e"]).items()}
    {'Th.': 'therapist', 'Patient·e': 'patient'}
    """
    names, known = list(names), dict(known or {})
    readings = {name: reading for name in names if (reading := _read(name)) and name not in known}
    readings = _without_templates(names, readings)
    readings = _without_lone_civilities(readings, known, len(names))
    readings = _without_ambiguous_letters(readings, known)
    signs = {name: NameSign(reading.role, f"name_{reading.kind}") for name, reading in readings.items()}
    return _groups(signs, readings)


def _read(name: str) -> _Reading | None:
    folded = _GENDER.sub("", fold(name)).replace("beau-pere", "beaupere").replace("belle-mere", "bellemere")
    folded = folded.replace("grand-mere", "grandmere").replace("grand-pere", "grandpere").replace("co-th", "coth")
    tokens = [token for token in _TOKEN.findall(folded.replace("_", " ")) if token not in ARTICLES]
    number = int(found[0]) if (found := _NUMBER.findall(folded)) else None
    for token in tokens:
        if token in ROLE_OF_WORD:
            return _Reading(token, "word", ROLE_OF_WORD[token], number)
    if len(tokens) == 1 and tokens[0] in ROLE_OF_LETTER:
        return _Reading(tokens[0], "letter", ROLE_OF_LETTER[tokens[0]], number)
    if tokens == [ANALYST] and number is None:
        return _Reading(ANALYST, "analyst", Role.THERAPIST, None)
    if tokens and (tokens[0] in CIVILITIES or _ABBREVIATED_SIR.match(folded)):
        return _Reading(tokens[0], "civility", Role.PATIENT, number)
    return None


def _without_templates(names: list[str], readings: dict[str, _Reading]) -> dict[str, _Reading]:
    """Drop « Intervenant 1 / Intervenant 2 »: the same word for everybody, or a template's word with a number."""
    words = {reading.word for reading in readings.values()}
    if len(readings) > 1 and len(words) == 1 and len(readings) == len(names):
        return {}
    others = {name: r for name, r in readings.items() if not (r.word in TEMPLATES and r.number is not None)}
    return readings if others else {}


def _without_lone_civilities(
    readings: dict[str, _Reading], known: Mapping[str, Role], speakers: int
) -> dict[str, _Reading]:
    """Keep « Mme D. » as a patient only beside a therapist: it may as well be the psychologist's name."""
    sure = [r for r in readings.values() if r.role is Role.THERAPIST and r.kind != "analyst"]
    analyst = any(r.kind == "analyst" for r in readings.values()) and speakers == 2
    if sure or analyst or Role.THERAPIST in known.values():
        return readings
    return {name: r for name, r in readings.items() if r.kind != "civility"}


def _without_ambiguous_letters(readings: dict[str, _Reading], known: Mapping[str, Role]) -> dict[str, _Reading]:
    """Drop « A » unless beside a patient and no other therapist, and « P » (psy?) beside a patient in full."""
    roles = [*known.values(), *(r.role for r in readings.values() if r.kind != "analyst")]
    patient, therapist = any(role in PATIENT_SIDE for role in roles), Role.THERAPIST in roles
    patient_in_full = any(r.role is Role.PATIENT and r.kind in ("word", "civility") for r in readings.values())
    dropped = {"analyst"} if therapist or not patient else set()
    kept = {name: r for name, r in readings.items() if r.kind not in dropped}
    if patient_in_full and Role.THERAPIST not in [*known.values(), *(r.role for r in kept.values())]:
        kept = {name: r for name, r in kept.items() if not (r.kind == "letter" and r.role is Role.PATIENT)}
    return kept


def _groups(signs: dict[str, NameSign], readings: dict[str, _Reading]) -> dict[str, NameSign]:
    """Call three or more patients told apart by a number or a civility the members of a group."""
    members = {
        name
        for name, reading in readings.items()
        if reading.role is Role.PATIENT and (reading.number is not None or reading.kind == "civility")
    }
    if len(members) < GROUP_FROM:
        return signs
    return {name: NameSign(Role.GROUP_MEMBER, "name_group") if name in members else s for name, s in signs.items()}
