"""Two readings of the same sessions against one reference: which is better, and by how much.

In: reference and two hypotheses.  Out: per output the difference of F1 (second minus first) with a 95 % interval by paired
bootstrap over sessions and a p-value by permutation: under the hypothesis of no difference, whose reading of a session is
whose is a toss of a coin (Noreen, 1989; Yeh, 2000).  Sessions, not turns, are drawn and swapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.evaluation.metrics import Interval
from alliance_nlp.evaluation.scores import matched, session_table
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Transcript

DRAWS = 10_000
MACRO = "macro_f1"
Counts = NDArray[np.int64]  # (sessions, outputs, 3): turns tagged by both, by the hypothesis alone, by the reference alone


@dataclass(frozen=True, slots=True)
class Difference:
    """F1 of both hypotheses on one output (``macro_f1``: mean of the mission labels), and what lies between them."""

    name: str
    first: float
    second: float
    difference: Interval  # second - first
    p: float  # two-sided


def versus(
    reference: Sequence[Transcript],
    first: Sequence[Transcript],
    second: Sequence[Transcript],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[Difference, ...]:
    """Return the differences, macro-F1 first, then each output.

    Raises ConfigError when a session is missing or its turns differ in number.
    """
    names = default_label_set().outputs
    a, b = (reading_counts(reference, other, names) for other in (first, second))
    rng = np.random.default_rng(seed)
    picks = rng.multinomial(len(a), np.full(len(a), 1 / len(a)), size=draws)  # how often each session is drawn
    swaps = rng.integers(0, 2, size=(draws, len(a)))
    own_a, own_b = (with_macro(c.sum(axis=0), names) for c in (a, b))
    drawn = with_macro(summed(picks, b), names) - with_macro(summed(picks, a), names)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    moved = summed(swaps, a - b)  # what the second gains when sessions are swapped
    chance = with_macro(b.sum(axis=0) + moved, names) - with_macro(a.sum(axis=0) - moved, names)
    found = own_b - own_a
    p = (1 + (np.abs(chance) >= np.abs(found) - 1e-12).sum(axis=0)) / (1 + draws)
    return tuple(
        Difference(
            name,
            float(own_a[c]),
            float(own_b[c]),
            Interval(float(found[c]), float(low[c]), float(high[c])),
            float(p[c]),
        )
        for c, name in enumerate((MACRO, *names))
    )


def reading_counts(reference: Sequence[Transcript], hypothesis: Sequence[Transcript], names: tuple[str, ...]) -> Counts:
    """Return one hypothesis' counts per session and output."""
    rows = []
    for pair in matched(reference, hypothesis):
        table = session_table(*pair, names)
        gold, said = table.gold, table.predicted
        rows.append(np.stack([(gold & said).sum(0), (~gold & said).sum(0), (gold & ~said).sum(0)], axis=1))
    return np.array(rows, dtype=np.int64).reshape(-1, len(names), 3)


def summed(weights: NDArray[np.int64], counts: Counts) -> NDArray[np.int64]:
    """(draws, sessions) weights → (draws, outputs, 3) counts."""
    return np.tensordot(weights, counts, axes=1)


def with_macro(counts: NDArray[np.int64], names: tuple[str, ...]) -> NDArray[np.float64]:
    """(…, outputs, 3) counts → (…, 1 + outputs) F1, the mean of the mission labels first; F1 is 1 where nothing was there
    and nothing was tagged."""
    wrong = counts[..., 1] + counts[..., 2]
    total = 2 * counts[..., 0] + wrong
    f1 = np.where(total == 0, 1.0, 2 * counts[..., 0] / np.maximum(total, 1))
    mission = [names.index(name) for name in default_label_set().mission]
    return np.concatenate([f1[..., mission].mean(axis=-1, keepdims=True), f1], axis=-1)


def as_dict(differences: Sequence[Difference]) -> list[dict[str, Any]]:
    """Return the differences as JSON-ready values."""
    return [asdict(difference) for difference in differences]


def render_versus(differences: Sequence[Difference], first: str, second: str) -> str:
    """Return the differences as an aligned table for a terminal; ``first`` and ``second`` say what was compared."""
    lines = [f"A = {first}", f"B = {second}", "", f"{'F1':14}{'A':>8}{'B':>8}{'B - A':>8}  {'95 %':16}{'p':>8}"]
    for d in differences:
        low, high = d.difference.low, d.difference.high
        lines.append(
            f"{d.name:14}{d.first:8.3f}{d.second:8.3f}{d.difference.value:+8.3f}  {f'{low:+.3f} – {high:+.3f}':16}{d.p:8.4f}"
        )
    lines.append("(paired over sessions; p by permutation, not corrected for the number of rows)")
    return "\n".join(lines)
