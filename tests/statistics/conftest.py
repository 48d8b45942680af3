"""Small sessions in which anyone can count: one letter a turn."""

import pytest

from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Speaker, Transcript, Turn

MODEL, HUMAN, JUDGE = Origin(OriginKind.MODEL, "m", "1"), Origin(OriginKind.HUMAN, "AB"), Origin(OriginKind.ADJUDICATED, "CD")
LETTERS = {"g": "goal", "t": "task", "b": "bond", "w": "rupture", "r": "repair"}
SPEAKERS = (Speaker("T", Role.THERAPIST), Speaker("P", Role.PATIENT), Speaker("X", Role.UNKNOWN))


def marker(letter: str, origin: Origin = MODEL) -> Marker:
    return Marker(LETTERS[letter], origin, types=("withdrawal",) if letter == "w" else ())


@pytest.fixture
def talk():
    """Return a builder: ``talk("s1", "T. Pw Tr")`` is three turns, speaker then marks (« . » for none); keywords are metadata.

    A capital G, T… is not needed: marks after « / » are people's, before it the model's.
    """

    def build(session_id: str, said: str, *, people: OriginKind = OriginKind.HUMAN, probabilities=None, **metadata) -> Transcript:
        turns = []
        for index, word in enumerate(said.split()):
            model, _, person = word[1:].replace(".", "").partition("/")
            origin = HUMAN if people is OriginKind.HUMAN else JUDGE
            markers = tuple(marker(m) for m in model) + tuple(marker(m, origin) for m in person)
            given = None if probabilities is None else probabilities[index]
            turns.append(Turn(index, None if word[0] == "?" else word[0], "Oui.", markers=markers, probabilities=given))
        return Transcript(session_id, tuple(turns), SPEAKERS, metadata=metadata)

    return build
