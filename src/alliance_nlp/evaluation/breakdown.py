"""Where a model's errors lie: by factor, by its own certainty, by probability.

In: pairs of reference and hypothesis sessions.  Out: small tables of plain values, ready for ``metrics.json``.  Sources: risk-coverage
(El-Yaniv and Wiener, 2010); reliability with equal-mass bins (Naeini et al., 2015).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.evaluation.metrics import CALIBRATION_BINS, binary_score, equal_groups
from alliance_nlp.evaluation.scores import SessionTable, carried, matched, session_table
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Role, Transcript

COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)
REST = "other levels"
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
    result["role"] = [by_role(pairs, names, group) for group in ("therapist", "patient side")]
    return result


def row(level: str, tables: Sequence[SessionTable], columns: Sequence[int]) -> dict[str, Any]:
    """Return one level's line."""
    gold, said = (np.concatenate([getattr(table, name) for table in tables]) for name in ("gold", "predicted"))
    return {"level": level, "sessions": len(tables), "turns": len(gold), "macro_f1": macro_f1(gold, said, columns)}


def by_role(pairs: Sequence[tuple[Transcript, Transcript]], names: tuple[str, ...], group: str) -> dict[str, Any]:
    """Return the line of all turns spoken by one side."""
    gold_rows, said_rows = [], []
    for gold, other in pairs:
        roles = [gold.role_of(turn) for turn in gold.turns]
        mine = np.array([r is Role.THERAPIST if group == "therapist" else r.is_patient_side for r in roles], dtype=bool)
        gold_rows.append(carried(gold, names)[mine])
        said_rows.append(carried(other, names)[mine])
    gold_all, said_all = np.concatenate(gold_rows), np.concatenate(said_rows)
    columns = [c for c in mission_columns(names) if group != "therapist" or names[c] != "rupture"]
    used = sum(len(rows) > 0 for rows in gold_rows)
    return {"level": group, "sessions": used, "turns": len(gold_all), "macro_f1": macro_f1(gold_all, said_all, columns)}


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


def reliability(
    reference: Sequence[Transcript], hypothesis: Sequence[Transcript], bins: int = CALIBRATION_BINS
) -> dict[str, list[dict[str, float]]]:
    """Return per output, for groups of equally many turns by rising probability, its mean and how often the label was there."""
    names = default_label_set().outputs
    tables = [session_table(*pair, names) for pair in matched(reference, hypothesis)]
    if any(table.probabilities is None for table in tables):
        return {}
    gold, p = (np.concatenate([getattr(t, name) for t in tables]) for name in ("gold", "probabilities"))
    result = {}
    for column, name in enumerate(names):
        result[name] = [
            {"turns": len(g), "said": float(p[g, column].mean()), "found": float(gold[g, column].mean())}
            for g in equal_groups(p[:, column], bins)
        ]
    return result
