"""The factors that sessions differ in, from their cards: what scores are broken down by.

In: sessions and cards.  Out: each session's level by factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alliance_nlp.corpus.stats import approach_family, is_ordinary, transcription
from alliance_nlp.transcript import Transcript

PLACES = (  # the first one with a word in the card's setting
    ("at a distance", ("visio", "téléphone", "distance")),
    ("at home", ("domicile",)),
    ("hospital or care", ("hôpital", "hospital", "chevet", "soins", "ehpad", "maternité", "rééducation", "palliatif")),
    ("private practice", ("cabinet", "libéral")),
    ("prison or justice", ("spip", "arrêt", "détention", "obligation", "pji", "pjj")),
)
WAYS = (
    ("French as another language", ("français appris",)),
    (
        "regional or overseas French",
        ("québécois", "belge", "suisse", "marseillais", "breton", "créole", "afrique", "congolais", "nord", "sud-ouest", "maghreb"),
    ),
)  # fmt: skip


def factor_levels(
    sessions: Sequence[Transcript], cards: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, str]]:
    """Return level by session id for each factor: approach, setting, people, transcription, way of talking, arc, style of writing.

    Ordinary talk is left out: scores of marks that are not there say nothing (it has its own count of false marks).
    """
    therapy = {session.session_id: session for session in sessions if not is_ordinary(session)}
    levels: dict[str, dict[str, str]] = {
        name: {} for name in ("approach", "setting", "people", "transcription", "patient's French", "arc", "style")
    }
    for name, session in therapy.items():
        card = cards.get(name, {})
        others = sum(speaker.role.is_patient_side for speaker in session.speakers)
        levels["approach"][name] = approach_family(card) if card.get("approach") else "not said"
        levels["setting"][name] = level(str(card.get("setting", "")), PLACES, "centre or institution")
        levels["people"][name] = "one patient" if others == 1 else "two" if others == 2 else "three and more"
        levels["transcription"][name] = transcription(session)
        levels["patient's French"][name] = level(str(card.get("patient_talk", "")), WAYS, "other ways of talking")
        levels["style"][name] = "plain talk" if card.get("style") == "plain" else "written as a scene"
        levels["arc"][name] = str(card.get("arc", "not said")).partition(":")[0]
    return levels


def level(text: str, table: Sequence[tuple[str, Sequence[str]]], default: str) -> str:
    """Return the first level of ``table`` that has a word in ``text``."""
    return next((name for name, words in table if any(word in text.lower() for word in words)), default)
