"""Sessions for the report's tests: inline marks turned into a model's markers with probabilities."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import pytest

from alliance_nlp.transcript import Marker, Origin, OriginKind, Transcript, Turn

MODEL = Origin(OriginKind.MODEL, "modele-essai", "1.0")
FACTS = {
    "name": "modele-essai",
    "version": "1.0",
    "macro_f1": 0.58,
    "per_label": {"task": {"precision": 0.72, "recall": 0.66}, "rupture": {"precision": 0.6, "recall": 0.5}},
}
LINES = (
    "T: Bonjour, on en était à votre semaine.",
    "P: Ben, comme d'habitude. Le chien, le travail, la pluie.",
    "T: <task>On regarde le carnet ensemble, ou vous préférez commencer autrement ?</task>",
    "P: <confrontation>Le carnet, le carnet… ça m'a servi à quoi, jusqu'ici ?</confrontation>",
    "T: <repair>J'ai l'impression d'insister. Qu'est-ce qui vous pèse, là ?</repair>",
    "P: <repair>J'ai peur de mal faire.</repair> <bond>À vous, j'ose le dire.</bond>",
    "T: Hm hm.",
    "P: [silence 4 s] Voilà.",
    "T: Et le soir ?",
    "P: <task>D'accord, je note le soir seulement.</task>",
)


@pytest.fixture
def read_by_model() -> Callable[..., Transcript]:
    """Return a function: a written session → the same one as a model would have marked it.

    ``probabilities`` gives those of turns by index (0.9 elsewhere), ``doubtful`` the turns the model
    hesitates on.
    """

    def build(
        transcript: Transcript,
        *,
        probabilities: Mapping[int, float] | None = None,
        doubtful: tuple[int, ...] = (),
    ) -> Transcript:
        def read(turn: Turn) -> Turn:
            p = (probabilities or {}).get(turn.index, 0.9)
            markers: tuple[Marker, ...] = tuple(
                dataclasses.replace(marker, origin=MODEL, probability=p) for marker in turn.markers
            )
            scores = {"goal": 0.02, "task": 0.03, "bond": 0.01, "rupture": 0.04, "repair": 0.01}
            scores |= {marker.label: p for marker in markers}
            doubt = turn.index in doubtful
            return dataclasses.replace(turn, markers=markers, probabilities=scores, needs_review=doubt)

        return dataclasses.replace(transcript, turns=tuple(read(turn) for turn in transcript.turns))

    return build


@pytest.fixture
def session(session_of, read_by_model) -> Transcript:
    """Return one short session with all that a page shows; the model doubts turns 4 and 9."""
    transcript = session_of(*LINES, session_id="seance-7")
    transcript = dataclasses.replace(transcript, metadata={"session_number": 7, "date": "2024-03-05"})
    return read_by_model(transcript, probabilities={3: 0.55}, doubtful=(3, 8))
