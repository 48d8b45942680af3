"""How doubtful the machine is of a turn: how close its probabilities come to the thresholds it tags by.

The thresholds are read off the sessions themselves (a record does not name them): for each label, half-way between the highest
probability without the marker and the lowest with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alliance_nlp.evaluation.likeness import is_withheld
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import OriginKind, Transcript, Turn

NO_EVIDENCE = 0.5  # the threshold of a label that no session of the batch carries, and of a model without calibration


def thresholds(sessions: Iterable[Transcript]) -> dict[str, float]:
    """Return each label's threshold as the sessions show it."""
    names = default_label_set().ids
    lowest, highest = dict.fromkeys(names, 1.0), dict.fromkeys(names, 0.0)
    tagged: set[str] = set()
    marked = (session for session in sessions if not is_withheld(session))  # elsewhere no threshold was applied
    for turn in (turn for session in marked for turn in session.turns if turn.probabilities):
        labels = machine_labels(turn)
        for name, value in turn.probabilities.items():
            if name in labels:
                tagged.add(name)
                lowest[name] = min(lowest[name], value)
            elif name in highest:
                highest[name] = max(highest[name], value)
    return {name: (min(highest[name], lowest[name]) + lowest[name]) / 2 if name in tagged else NO_EVIDENCE for name in names}


def label_doubts(turn: Turn, cuts: Mapping[str, float]) -> dict[str, float]:
    """Return each label's doubt in [0, 1]: 1 at the threshold, falling linearly to 0 where the machine is certain (p = 0 or 1)."""
    found = {}
    for name, cut in cuts.items():
        value = (turn.probabilities or {}).get(name)
        if value is not None:
            room = cut if value < cut else 1 - cut
            found[name] = 1 - abs(value - cut) / room if room else 1.0
    return found


def turn_doubt(turn: Turn, cuts: Mapping[str, float]) -> float:
    """Return the doubt of the turn's most doubtful label; 0 without probabilities."""
    return max(label_doubts(turn, cuts).values(), default=0.0)


def machine_labels(turn: Turn) -> tuple[str, ...]:
    """Return the labels that a machine gave the turn, in the scheme's order."""
    given = {marker.label for marker in turn.markers if marker.origin.kind is OriginKind.MODEL}
    return tuple(name for name in default_label_set().ids if name in given)
