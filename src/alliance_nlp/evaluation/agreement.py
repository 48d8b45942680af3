"""Annotators' sessions → how far they agree, label by label, and where they differ.

The unit is the turn; rupture types count as labels of their own.  Whose markers count: people's where there are any, else
the model's (so that a model can be compared with a person).  Only sessions that every annotator read are counted; the
others are named.  Of a session that says which turns were reviewed (``reviewed``), those turns alone are counted.  Turns of one session are not independent: intervals come from a bootstrap over sessions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.coefficients import COEFFICIENTS, Counts, bootstrap_intervals, pair_counts
from alliance_nlp.evaluation.reviewed import is_reviewed, only_reviewed, own_number
from alliance_nlp.evaluation.scores import carried, evidence_f1, is_models, keep_markers
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Transcript

NOTHING = "none"  # the row and column of the confusion table for « no label »
MIN_TRUSTED_SESSIONS = 10  # below it a bootstrap over sessions says little (few distinct draws)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient with its 95 % interval; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """One row of the table: ``name`` is a label, a session or a pair of annotators; ``tagged`` counts turns by annotator."""

    name: str
    tagged: tuple[int, ...]
    coefficients: Mapping[str, Coefficient]


@dataclass(frozen=True, slots=True)
class Difference:
    """A turn on which the annotators differ: ``labels`` is what each gave, in their order."""

    session_id: str
    turn: int
    speaker: str | None
    labels: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The whole comparison.  ``confusion[a][b]``: turns where one annotator of a pair gave ``a`` and the other ``b``."""

    annotators: tuple[str, ...]
    sessions: int
    turns: int
    left_out: tuple[str, ...]  # sessions that not everybody read
    by_label: tuple[LabelAgreement, ...]
    by_session: tuple[LabelAgreement, ...]  # all labels together
    by_pair: tuple[LabelAgreement, ...]  # all labels together
    confusion: Mapping[str, Mapping[str, int]]
    evidence_f1: float  # characters, on turns that both of a pair give the label; mean over pairs
    differences: tuple[Difference, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON-ready values."""
        return asdict(self)


def measure_agreement(readings: Mapping[str, Sequence[Transcript]], *, draws: int = 1000) -> Agreement:
    """Return the agreement of two or more annotators' readings of the same sessions.

    Raises ConfigError with fewer than two annotators, no session in common, or another number of turns.
    """
    if len(readings) < 2:
        raise ConfigError("evaluation.one_annotator")
    common, left_out = shared_sessions(readings)
    names = default_label_set().outputs
    tables = [np.stack([carried(session, names) for session in session_row]) for session_row in common]
    counts = np.stack([label_counts(table) for table in tables])  # (sessions, outputs, pairs, 4)
    tagged = sum(table.sum(axis=1) for table in tables)  # (annotators, outputs)
    pairs = list(combinations(range(len(readings)), 2))
    annotators = tuple(readings)
    return Agreement(
        annotators=annotators,
        sessions=len(common),
        turns=sum(table.shape[1] for table in tables),
        left_out=left_out,
        by_label=tuple(
            row(name, tagged[:, place], counts[:, place], draws=draws) for place, name in enumerate(names)
        ),
        by_session=tuple(
            row(line[0].session_id, atoms(table).sum(axis=(1, 2)), atom_counts(count)[None], draws=0)
            for line, table, count in zip(common, tables, counts, strict=True)
        ),
        by_pair=tuple(
            row(
                f"{annotators[a]} / {annotators[b]}",
                sum(atoms(table).sum(axis=(1, 2)) for table in tables)[[a, b]],
                np.stack([atom_counts(count)[place : place + 1] for count in counts]),
                draws=draws,
            )
            for place, (a, b) in enumerate(pairs)
        ),
        confusion=confusion(tables),
        evidence_f1=float(np.mean([evidence_f1([(r[a], r[b]) for r in common], shared_only=True) for a, b in pairs])),
        differences=tuple(found for line, table in zip(common, tables, strict=True) for found in differing(line, table)),
    )


def shared_sessions(
    readings: Mapping[str, Sequence[Transcript]],
) -> tuple[list[tuple[Transcript, ...]], tuple[str, ...]]:
    """Return the sessions that everybody read, one tuple a session in the annotators' order, and the others' ids."""
    by_id = [{session.session_id: counted(session) for session in sessions} for sessions in readings.values()]
    everything = dict.fromkeys(name for table in by_id for name in table)
    common = [name for name in everything if all(name in table for table in by_id)]
    if not common:
        raise ConfigError("evaluation.nothing_shared", annotators=", ".join(readings))
    rows = [tuple(table[name] for table in by_id) for name in common]
    for name, line in zip(common, rows, strict=True):
        lengths = {len(session.turns) for session in line}
        if len(lengths) > 1:
            raise ConfigError("evaluation.other_turns", session=name, expected=min(lengths), found=max(lengths))
    rows = [only_reviewed(line, by=line) for line in rows]
    return rows, tuple(name for name in everything if name not in common)


def counted(session: Transcript) -> Transcript:
    """Return the session with people's markers alone where there are any, or where people reviewed it and found none."""
    by_people = is_reviewed(session) or any(not is_models(marker) for turn in session.turns for marker in turn.markers)
    return keep_markers(session, model=False) if by_people else session


def label_counts(table: NDArray[np.bool_]) -> Counts:
    """Return ``(outputs, pairs, 4)`` of one session's ``(annotators, turns, outputs)``."""
    return np.stack([pair_counts(table[:, :, place]) for place in range(table.shape[2])])


def atom_places() -> list[int]:
    """Return the columns of the labels that are told apart: types stand for the label that has them."""
    label_set = default_label_set()
    return [label_set.outputs.index(tag) for tag in label_set.markup_tags]


def atoms(table: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the columns of :func:`atom_places`."""
    return table[..., atom_places()]


def atom_counts(counts: Counts) -> Counts:
    """Return ``(pairs, 4)``: one session's counts summed over the labels that are told apart."""
    return counts[atom_places()].sum(axis=0)


def row(name: str, tagged: NDArray[np.int64], by_session: Counts, *, draws: int) -> LabelAgreement:
    """Return one row from ``(sessions, pairs, 4)``; without draws, without intervals."""
    total = by_session.sum(axis=0)
    nowhere = (float("nan"), float("nan"))
    intervals = bootstrap_intervals(by_session, draws=draws) if draws and len(by_session) > 1 else {}
    found = {}
    for key, coefficient in COEFFICIENTS.items():
        low, high = intervals.get(key, nowhere)
        found[key] = Coefficient(known(float(coefficient(total))), known(low), known(high))
    return LabelAgreement(name, tuple(int(count) for count in tagged), found)


def known(value: float) -> float | None:
    """Return None for NaN: JSON has none."""
    return None if math.isnan(value) else value


def confusion(tables: Sequence[NDArray[np.bool_]]) -> dict[str, dict[str, int]]:
    """Return what one annotator gave (rows) where the other gave what (columns), summed over pairs.

    A turn counts once for every label given by either: on the diagonal when both gave it, else against each label that only
    the other gave, or against « none » when there is no such label.
    """
    tags = default_label_set().markup_tags
    cells: Counter[tuple[str, str]] = Counter()
    for table in tables:
        for first, second in combinations(atoms(table), 2):
            for left, right in zip(first, second, strict=True):
                cells.update(turn_cells(tag_set(left), tag_set(right)))
    return {a: {b: cells[a, b] for b in (*tags, NOTHING)} for a in (*tags, NOTHING)}


def turn_cells(left: tuple[str, ...], right: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return one turn's cells of the confusion table.

    >>> turn_cells(("task", "bond"), ("task", "repair"))
    [('task', 'task'), ('bond', 'repair')]
    >>> turn_cells((), ("goal",))
    [('none', 'goal')]
    """
    only_left = [tag for tag in left if tag not in right]
    only_right = [tag for tag in right if tag not in left]
    both = [(tag, tag) for tag in left if tag in right]
    if not only_left and not only_right:
        return both
    return both + [(a, b) for a in only_left or [NOTHING] for b in only_right or [NOTHING]]


def tag_set(given: NDArray[np.bool_]) -> tuple[str, ...]:
    """Return the tags of one turn's row."""
    return tuple(tag for tag, on in zip(default_label_set().markup_tags, given, strict=True) if on)


def differing(line: Sequence[Transcript], table: NDArray[np.bool_]) -> list[Difference]:
    """Return the turns of one session on which not all annotators say the same."""
    given = atoms(table)  # (annotators, turns, tags)
    return [
        Difference(line[0].session_id, own_number(line[0].turns[turn]), line[0].turns[turn].speaker, tuple(tag_set(a) for a in given[:, turn]))
        for turn in np.flatnonzero((given != given[0]).any(axis=(0, 2)))
    ]
