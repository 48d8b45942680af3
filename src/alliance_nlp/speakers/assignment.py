"""The roles of one transcript: asked, declared, read from the names, heard in the talk; and what to tell the user.

In: turns and the roles given.  Out: :class:`RoleAssignment`.  This module holds the order of the sources and the
level below which nothing is said; reading names and listening to talk are elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.speakers.names import GROUP_FROM, roles_from_names, same_name
from alliance_nlp.speakers.talk import Lead, enough_talk, find_lead, logistic
from alliance_nlp.transcript import PATIENT_SIDE, Notice, Role, Speaker, Turn

LEVEL = 0.7  # above every ordinary session of the corpus; below it, the user is asked (benchmarks/roles.py)
NAME_CONFIDENCE = 0.95  # a name is a habit of transcribers, not a proof
ALONE_PRIOR = 2.0  # logit: the one unnamed speaker beside a therapist is the patient, unless the talk says otherwise
SEVERAL_PRIOR = 1.0  # … of two or more, one may be a second therapist


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """The speakers in order of first turn, with their roles, and what the user should know."""

    speakers: tuple[Speaker, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class _Given:
    """A role with its source, confidence and evidence, before it becomes a Speaker."""

    role: Role
    source: str
    confidence: float
    evidence: tuple[Mapping[str, Any], ...] = ()


def assign_roles(
    turns: Sequence[Turn], *, declared: Mapping[str, Role], asked: Mapping[str, Role]
) -> RoleAssignment:
    """Return each speaker's role and where it comes from; turns without a speaker get none.

    ``declared`` are the file's own statements, ``asked`` the user's ``--roles``; names are matched without regard to
    case, accents and final points.  ``Speaker.extra`` holds ``role_source`` (asked, declared, name, talk, unknown),
    ``role_confidence`` and ``role_evidence``.
    """
    names = list(dict.fromkeys(turn.speaker for turn in turns if turn.speaker is not None))
    given = _stated(names, declared, "declared") | _stated(names, asked, "asked")
    signs = roles_from_names(names, known={name: item.role for name, item in given.items()})
    for name, sign in signs.items():
        given[name] = _Given(sign.role, "name", NAME_CONFIDENCE, ({"sign": sign.sign},))
    given |= _heard(turns, names, given)
    speakers = tuple(_speaker(name, given[name]) for name in names)
    return RoleAssignment(speakers, tuple(_notices(turns, speakers, asked)))


def _stated(names: Sequence[str], roles: Mapping[str, Role], source: str) -> dict[str, _Given]:
    stated = {}
    for name in names:
        exact = [role for key, role in roles.items() if key == name]
        alike = exact or [role for key, role in roles.items() if same_name(key, name)]
        if alike and alike[0] is not Role.UNKNOWN:
            stated[name] = _Given(alike[0], source, 1.0)
    return stated


def _speaker(name: str, given: _Given) -> Speaker:
    extra = {
        "role_source": given.source,
        "role_confidence": round(given.confidence, 2),
        "role_evidence": [dict(item) for item in given.evidence],
    }
    return Speaker(name, given.role, extra)


# ------------------------------------------------------------------------------------ from the talk


def _heard(turns: Sequence[Turn], names: Sequence[str], given: Mapping[str, _Given]) -> dict[str, _Given]:
    """Return what the talk says of the speakers who have no role yet, ``unknown`` where it says too little."""
    open_names = [name for name in names if name not in given]
    nothing = {name: _Given(Role.UNKNOWN, "unknown", 0.0) for name in open_names}
    if not open_names or len(names) < 2:
        return nothing
    roles = {item.role for item in given.values()}
    if Role.THERAPIST in roles:
        return nothing | _beside_therapist(turns, open_names, given)
    if not enough_talk(turns):
        return nothing
    lead = find_lead(turns, open_names)
    if roles & PATIENT_SIDE:  # somebody is called a patient: this is a therapy, only its therapist is missing
        lead = Lead(lead.speaker, lead.leads, 1.0, lead.evidence)
    return _from_lead(lead, open_names)


def _from_lead(lead: Lead, open_names: Sequence[str]) -> dict[str, _Given]:
    """Give the leader the therapist's role and the others the patient's side, or nobody anything."""
    sure = lead.probability >= LEVEL
    others = _patient_role(len(open_names) - 1)
    return {
        name: _Given(
            (Role.THERAPIST if name == lead.speaker else others) if sure else Role.UNKNOWN,
            "talk" if sure else "unknown",
            lead.probability,
            lead.evidence if name == lead.speaker else ({"sign": "other_leads", "own": round(lead.leads, 3)},),
        )
        for name in open_names
    }


def _beside_therapist(
    turns: Sequence[Turn], open_names: Sequence[str], given: Mapping[str, _Given]
) -> dict[str, _Given]:
    """Return the patient's side for those who remain beside a known therapist and do not lead like one."""
    therapists = {name for name, item in given.items() if item.role is Role.THERAPIST}
    role = _patient_role(len(open_names))
    heard = {}
    for name in open_names:
        confidence = _not_leading(turns, name, therapists, alone=len(open_names) == 1)
        if confidence >= LEVEL:
            heard[name] = _Given(role, "talk", confidence, ({"sign": "beside_therapist"},))
    return heard


def _not_leading(turns: Sequence[Turn], name: str, therapists: set[str], *, alone: bool) -> float:
    """Return the probability that ``name`` is no second therapist, compared to the known ones alone."""
    prior = ALONE_PRIOR if alone else SEVERAL_PRIOR
    pair = [turn for turn in turns if turn.speaker == name or turn.speaker in therapists]
    if not enough_talk(pair):
        return logistic(prior)
    leads = find_lead(pair, [name]).leads
    return logistic(prior + math.log(max(1 - leads, 1e-6) / max(leads, 1e-6)))


def _patient_role(count: int) -> Role:
    return Role.GROUP_MEMBER if count >= GROUP_FROM else Role.PATIENT


# ------------------------------------------------------------------------------------ what to tell


def _notices(turns: Sequence[Turn], speakers: Sequence[Speaker], asked: Mapping[str, Role]) -> list[Notice]:
    notices = []
    names = [speaker.id for speaker in speakers]
    for absent in (key for key in asked if not any(same_name(key, name) for name in names)):
        notices.append(Notice("speakers.asked_absent", params={"name": absent, "speakers": _listed(names)}))
    if heard := [speaker for speaker in speakers if speaker.extra["role_source"] == "talk"]:
        percent = round(100 * min(speaker.extra["role_confidence"] for speaker in heard))
        roles = _as_option((speaker.id, speaker.role.value) for speaker in heard)
        notices.append(Notice("speakers.heard", params={"roles": roles, "percent": percent}))
    if unknown := [speaker for speaker in speakers if speaker.role is Role.UNKNOWN]:
        notices.append(Notice("speakers.unknown", params=_how_to_say([speaker.id for speaker in unknown])))
    if unnamed := sum(turn.speaker is None for turn in turns):
        code = "speakers.nobody_named" if unnamed == len(turns) else "speakers.turns_without_speaker"
        notices.append(Notice(code, params={"count": unnamed, "total": len(turns)}))
    return notices


def _how_to_say(names: Sequence[str]) -> dict[str, Any]:
    """Return the names and an option that can be copied: the first two as an example of therapist and patient."""
    return {"speakers": _listed(names), "example": _as_option(zip(names, ("therapist", "patient")))}


def _as_option(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the value of ``--roles``, quoted when a shell would cut it."""
    value = ",".join(f"{name}={role}" for name, role in pairs)
    return f"'{value}'" if any(c.isspace() or c in "()&;*?" for c in value) and "'" not in value else value


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:8])
    return ", ".join([*shown, "…"] if len(names) > len(shown) else shown) or "–"
