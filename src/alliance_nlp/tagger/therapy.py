"""Does a conversation sound like psychotherapy at all?  One judgement a session; what sounds otherwise carries no marker.

In: the contexts of a session's turns.  Out: a log-odds, and what follows from it.  Turn by turn « on fait ça ? – d'accord » looks
the same everywhere; over a whole session it does not.  Numpy only; the weights lie beside the model's (``training.therapy`` fits them).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.errors import ModelError
from alliance_nlp.evaluation.likeness import LITTLE_LIKE_THERAPY, MARKED_ON_DEMAND, NOT_THERAPY
from alliance_nlp.tagger.architecture import CONFIG_FILE
from alliance_nlp.tagger.network import Floats
from alliance_nlp.transcript import Notice

THERAPY_FILE = "therapy.json"
LEAST_TURNS = 60  # of a session that is judged: shorter passages of real therapies are too often unlike the rest (benchmarks/therapy.py)


class Likeness(Enum):
    """How much a session is like the psychotherapy that the model learnt from."""

    UNJUDGED = "unjudged"  # too short, or a model without this judgement
    LIKE = "like"
    LITTLE = "little"  # marked, with a caution
    UNLIKE = "unlike"  # not marked


@dataclass(frozen=True, slots=True)
class TherapyCheck:
    """A linear judgement of the mean context: log-odds = ``weights`` · mean + ``bias``; ``weights`` is (hidden,).

    Under ``unlike_below`` a session is not marked, from there to 0 it is marked with a caution.
    """

    weights: NDArray[np.float64]
    bias: float
    unlike_below: float

    def log_odds(self, context: Floats) -> float:
        """(turns, hidden) → log-odds of psychotherapy against other talk, both equally frequent."""
        return float(context.mean(axis=0, dtype=np.float64) @ self.weights + self.bias)

    def judge(self, context: Floats) -> Likeness:
        """(turns, hidden) → how much the session sounds like psychotherapy."""
        if len(context) < LEAST_TURNS:
            return Likeness.UNJUDGED
        found = self.log_odds(context)
        if found < self.unlike_below:
            return Likeness.UNLIKE
        return Likeness.LITTLE if found < 0 else Likeness.LIKE

    def save(self, folder: Path) -> None:
        """Write ``therapy.json``."""
        table = {"unlike_below": self.unlike_below, "bias": self.bias, "weights": self.weights.tolist()}
        (folder / THERAPY_FILE).write_text(json.dumps(table) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> TherapyCheck | None:
        """Read ``therapy.json``; None when the model has none; ModelError when it cannot be read or is another model's."""
        if not (folder / THERAPY_FILE).exists():
            return None
        try:
            table = json.loads((folder / THERAPY_FILE).read_text(encoding="utf-8"))
            hidden = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))["hidden_size"]
            weights = np.array(table["weights"], dtype=np.float64)
            bias, limit = float(table["bias"]), float(table["unlike_below"])
            if weights.shape != (hidden,) or not np.isfinite([*weights, bias, limit]).all():
                raise ValueError(THERAPY_FILE)
            return cls(weights, bias, limit)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError("tagger.bad_therapy_check", file=str(folder)) from error


def notices(likeness: Likeness, *, withheld: bool) -> tuple[Notice, ...]:
    """Return what the reader of a session must know of this judgement."""
    if likeness is Likeness.UNLIKE:
        return (Notice(NOT_THERAPY if withheld else MARKED_ON_DEMAND),)
    return (Notice(LITTLE_LIKE_THERAPY),) if likeness is Likeness.LITTLE else ()
