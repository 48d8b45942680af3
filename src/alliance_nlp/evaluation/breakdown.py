"""Where a model's errors lie: by factor, by its own certainty, by probability.

In: pairs of reference and hypothesis sessions.  Out: small tables of plain values, ready for ``metrics.json``.  Sources: risk-coverage
(El-Yaniv and Wiener, 2010); reliability with equal-mass bins (Naeini et al., 2015).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.evaluation.metrics import binary_score, equal_groups
from alliance_nlp.evaluation.scores import SessionTable, carried, matched, session_table
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Role, Transcript, Turn

COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)
REST = "other levels"
LEAST_TURNS = 20  # of a point drawn: fewer say nothing of a share
LEAST_SESSIONS = 3  # a level with fewer is counted with the rest


def macro_f1(gold: NDArray[np.bool_], said: NDArray[np.bool_], columns: Sequence[int]) -> float:
    """Return the mean F1 over ``columns`` of (turns, outputs) arrays."""
    return float(np.mean([binary_score(gold[:, c], said[:, c]).f1 for c in columns]))


def mission_columns(names: Sequence[str]) -> list[int]:
    """Return where the mission labels stand in ``names``."""
    return [list(names).index(name) for name in default_label_set().mission]


def by_factor(
    reference: Sequence[Transcript],
    hypothesis: Sequence[Transcript],
    levels: Mapping[str, Mapping[str, str]],
    *,
    least: int = LEAST_SESSIONS,
) -> dict[str, list[dict[str, Any]]]:
    """Return per factor the macro-F1 of each level; ``levels`` gives each session's level by factor and session id.

    The role of who speaks is added as a factor of turns: therapists are scored on the mission labels that they may carry.
    """
    names = default_label_set().outputs
    pairs = matched(reference, hypothesis)
    tables = {gold.session_id: session_table(gold, other, names) for gold, other in pairs}
    result = {}
    for factor, level_of in levels.items():
        groups: dict[str, list[SessionTable]] = defaultdict(list)
        for name, table in tables.items():
            if name in level_of:
                groups[level_of[name]].append(table)
        small = [level for level, members in groups.items() if len(members) < least]
        for level in small:
            groups[REST].extend(groups.pop(level))
        result[factor] = [
            row(level, groups[level], mission_columns(names)) for level in sorted(groups, key=lambda g: (g == REST, -len(groups[g]), g))
        ]
    result["role"] = [
        macro_of_turns(pairs, "therapist", lambda s, turn: s.role_of(turn) is Role.THERAPIST, without=("rupture",)),
        macro_of_turns(pairs, "patient side", lambda s, turn: s.role_of(turn).is_patient_side),
    ]
    return result


def row(level: str, tables: Sequence[SessionTable], columns: Sequence[int]) -> dict[str, Any]:
    """Return one level's line."""
    gold, said = (np.concatenate([getattr(table, name) for table in tables]) for name in ("gold", "predicted"))
    return {"level": level, "sessions": len(tables), "turns": len(gold), "macro_f1": macro_f1(gold, said, columns)}


def macro_of_turns(
    pairs: Sequence[tuple[Transcript, Transcript]],
    level: str,
    wanted: Callable[[Transcript, Turn], bool] = lambda session, turn: True,
    *,
    without: Collection[str] = (),
) -> dict[str, Any]:
    """Return the line of the turns that are ``wanted``; ``without``: labels that these turns cannot carry."""
    names = default_label_set().outputs
    gold_rows, said_rows = [], []
    for gold, other in pairs:
        mine = np.array([wanted(gold, turn) for turn in gold.turns], dtype=bool)
        gold_rows.append(carried(gold, names)[mine])
        said_rows.append(carried(other, names)[mine])
    gold_all, said_all = np.concatenate(gold_rows), np.concatenate(said_rows)
    columns = [c for c in mission_columns(names) if names[c] not in without]
    used = sum(len(rows) > 0 for rows in gold_rows)
    return {"level": level, "sessions": used, "turns": len(gold_all), "macro_f1": macro_f1(gold_all, said_all, columns)}


def risk_coverage(
    reference: Sequence[Transcript], hypothesis: Sequence[Transcript], thresholds: Mapping[str, float]
) -> list[dict[str, float]]:
    """Return macro-F1 when only the surest share of the turns is read by machine.

    A turn is as sure as its least sure mission label: how far the probability lies from the label's threshold, as a share
    of the way to 0 or 1.
    """
    names = default_label_set().outputs
    tables = [session_table(*pair, names) for pair in matched(reference, hypothesis)]
    if any(table.probabilities is None for table in tables):
        return []
    gold, said, p = (np.concatenate([getattr(t, name) for t in tables]) for name in ("gold", "predicted", "probabilities"))
    columns = mission_columns(names)
    cut = np.array([thresholds[names[c]] for c in columns])
    values = p[:, columns]
    margin = np.where(values >= cut, (values - cut) / np.maximum(1 - cut, 1e-9), (cut - values) / np.maximum(cut, 1e-9)).min(axis=1)
    order = np.argsort(-margin, kind="stable")
    wrong = (gold[:, columns] != said[:, columns]).any(axis=1)
    points = []
    for coverage in COVERAGES:
        kept = order[: round(coverage * len(order))]
        points.append(
            {
                "coverage": coverage,
                "macro_f1": macro_f1(gold[kept], said[kept], columns),
                "wrong_turns": float(wrong[kept].mean()) if len(kept) else 0.0,
            }
        )
    return points


Grouping = Callable[[NDArray[np.float64]], Sequence[NDArray[np.int64]]]


def reliability(
    reference: Sequence[Transcript], hypothesis: Sequence[Transcript], grouping: Grouping = equal_groups
) -> dict[str, list[dict[str, float]]]:
    """Return per output, for groups of turns by rising probability, its mean and how often the label was there.

    ``grouping``: :func:`equal_groups` (equally many turns) or :func:`tenths`.
    """
    names = default_label_set().outputs
    tables = [session_table(*pair, names) for pair in matched(reference, hypothesis)]
    if any(table.probabilities is None for table in tables):
        return {}
    gold, p = (np.concatenate([getattr(t, name) for t in tables]) for name in ("gold", "probabilities"))
    result = {}
    for column, name in enumerate(names):
        result[name] = [
            {"turns": len(g), "said": float(p[g, column].mean()), "found": float(gold[g, column].mean())}
            for g in grouping(p[:, column])
        ]
    return result


def tenths(probabilities: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Return the turns of each tenth of the scale from 0 to 1, tenths of fewer than ``LEAST_TURNS`` left out.

    For drawings: of rare labels, nine groups of equally many turns in ten lie near 0.
    """
    tenth = np.minimum((probabilities * 10).astype(np.int64), 9)
    groups = [np.flatnonzero(tenth == place) for place in range(10)]
    return [group for group in groups if len(group) >= LEAST_TURNS]
