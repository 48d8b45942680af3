"""Reference and hypothesis sessions → the table of scores, with 95 % intervals by bootstrap over sessions.

The unit is the turn; types (withdrawal, confrontation) count as outputs of their own.  Whose markers count: of the
hypothesis, the model's where a model read it (a tagged gold session still holds its gold markers); of the reference,
people's where there are any.  Average precision, calibration error and Brier score need the hypothesis' probabilities.
Evidence is scored on characters, over the turns that carry the label on both sides (where it is), and over all
turns (whether and where).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.metrics import (
    BinaryScore,
    Interval,
    average_precision,
    binary_score,
    bootstrap,
    brier,
    calibration_error,
    intraclass_correlation,
    ratio,
)
from alliance_nlp.evaluation.reviewed import machine_markers, only_reviewed
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Marker, OriginKind, Transcript, Turn


@dataclass(frozen=True, slots=True)
class SessionTable:
    """One session as arrays: ``gold`` and ``predicted`` are (turns, outputs) booleans, ``probabilities`` likewise or None."""

    session_id: str
    gold: NDArray[np.bool_]
    predicted: NDArray[np.bool_]
    probabilities: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True)
class OutputScore:
    """One output's scores.  Intervals are over sessions; the last three are None without probabilities."""

    name: str
    support: int
    tagged: int
    precision: float
    recall: float
    f1: Interval
    kappa: float
    session_icc: float | None  # of the counts per session, reference against hypothesis; None when they do not vary
    average_precision: float | None
    calibration_error: float | None
    brier: float | None


@dataclass(frozen=True, slots=True)
class Scores:
    """The whole comparison.  ``macro_f1`` is the mean F1 of the mission labels."""

    sessions: int
    turns: int
    macro_f1: Interval
    mean_average_precision: float | None
    outputs: tuple[OutputScore, ...]
    evidence_where: float  # character F1 on turns that both sides give the label
    evidence_all: float  # character F1 over all turns
    review_share: float  # share of turns the model doubts
    error_in_review: float  # share of the wrongly tagged turns that are among them

    def as_dict(self) -> dict[str, Any]:
        """Return the scores as JSON-ready values."""
        return asdict(self)


def compare(reference: Sequence[Transcript], hypothesis: Sequence[Transcript]) -> Scores:
    """Return the scores of ``hypothesis`` against ``reference``, matched by session id.

    Raises ConfigError when a session is missing or its turns differ in number.
    """
    pairs = matched(reference, hypothesis)
    names = default_label_set().outputs
    tables = [session_table(gold, predicted, names) for gold, predicted in pairs]
    outputs = tuple(output_score(tables, column, name) for column, name in enumerate(names))
    mission = [names.index(name) for name in default_label_set().mission]
    ranked = [output.average_precision for output in outputs if names.index(output.name) in mission]
    wrong, doubted = review_arrays(pairs, names)
    return Scores(
        sessions=len(pairs),
        turns=sum(len(table.gold) for table in tables),
        macro_f1=bootstrap(tables, lambda drawn: float(np.mean([label_f1(drawn, c) for c in mission]))),
        mean_average_precision=None if None in ranked else float(np.mean(ranked)),
        outputs=outputs,
        evidence_where=evidence_f1(pairs, shared_only=True),
        evidence_all=evidence_f1(pairs, shared_only=False),
        review_share=float(doubted.mean()) if len(doubted) else 0.0,
        error_in_review=ratio(float((wrong & doubted).sum()), float(wrong.sum())),
    )


def matched(reference: Sequence[Transcript], hypothesis: Sequence[Transcript]) -> list[tuple[Transcript, Transcript]]:
    """Return (reference, hypothesis) pairs in the reference's order, of a reviewed reference the reviewed turns alone."""
    by_id = {session.session_id: keep_markers(session, model=True) for session in hypothesis}
    by_people = any(not is_models(m) for session in reference for turn in session.turns for m in turn.markers)
    pairs = []
    for gold in reference:
        gold = keep_markers(gold, model=False) if by_people else gold
        other = by_id.get(gold.session_id)
        if other is None:
            raise ConfigError("evaluation.missing_session", session=gold.session_id)
        if len(other.turns) != len(gold.turns):
            raise ConfigError(
                "evaluation.other_turns", session=gold.session_id, expected=len(gold.turns), found=len(other.turns)
            )
        gold, other = only_reviewed((gold, other), by=(gold,))
        pairs.append((gold, other))
    return pairs


def is_models(marker: Marker) -> bool:
    """True for a marker that a model gave."""
    return marker.origin.kind is OriginKind.MODEL


def keep_markers(session: Transcript, *, model: bool) -> Transcript:
    """Return the session with the model's markers alone (where a model read it), or with people's alone."""
    if model and all(turn.probabilities is None for turn in session.turns):
        return session
    turns = tuple(
        dataclasses.replace(turn, markers=machine_markers(turn) if model else tuple(m for m in turn.markers if not is_models(m)))
        for turn in session.turns
    )
    return dataclasses.replace(session, turns=turns)


def session_table(gold: Transcript, predicted: Transcript, names: tuple[str, ...]) -> SessionTable:
    """Return a pair of sessions as arrays."""
    known = all(turn.probabilities is not None and set(names) <= set(turn.probabilities) for turn in predicted.turns)
    probabilities = [[turn.probabilities[name] for name in names] for turn in predicted.turns] if known else None
    return SessionTable(
        gold.session_id,
        carried(gold, names),
        carried(predicted, names),
        None if probabilities is None else np.array(probabilities, dtype=float).reshape(-1, len(names)),
    )


def carried(transcript: Transcript, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return (turns, outputs): which turn carries what."""
    rows = [[name in turn.labels or name in turn.types for name in names] for turn in transcript.turns]
    return np.array(rows, dtype=bool).reshape(-1, len(names))


def counts(tables: Sequence[SessionTable], column: int) -> BinaryScore:
    """Return one output's counts over sessions."""
    gold = np.concatenate([table.gold[:, column] for table in tables])
    return binary_score(gold, np.concatenate([table.predicted[:, column] for table in tables]))


def label_f1(tables: Sequence[SessionTable], column: int) -> float:
    """Return one output's F1 over sessions."""
    return counts(tables, column).f1


def output_score(tables: Sequence[SessionTable], column: int, name: str) -> OutputScore:
    """Return one output's row of the table."""
    score = counts(tables, column)
    gold = np.concatenate([table.gold[:, column] for table in tables])
    known = all(table.probabilities is not None for table in tables)
    p = np.concatenate([table.probabilities[:, column] for table in tables]) if known else None
    return OutputScore(
        name=name,
        support=score.support,
        tagged=score.true_positives + score.false_positives,
        precision=score.precision,
        recall=score.recall,
        f1=bootstrap(tables, lambda drawn: label_f1(drawn, column)),
        kappa=score.kappa,
        session_icc=count_agreement(tables, column),
        average_precision=None if p is None else average_precision(p, gold),
        calibration_error=None if p is None else calibration_error(p, gold),
        brier=None if p is None else brier(p, gold),
    )


def count_agreement(tables: Sequence[SessionTable], column: int) -> float | None:
    """Return how well the counts of one output per session agree: intraclass correlation, None when nothing varies."""
    counts = np.array([[table.gold[:, column].sum(), table.predicted[:, column].sum()] for table in tables], dtype=float)
    value = intraclass_correlation(counts)
    return None if np.isnan(value) else value


def evidence_f1(pairs: Sequence[tuple[Transcript, Transcript]], *, shared_only: bool) -> float:
    """Return the character F1 of evidence, summed over labels and turns."""
    both = said = there = 0
    for gold, predicted in pairs:
        for left, right in zip(gold.turns, predicted.turns, strict=True):
            labels = left.labels & right.labels if shared_only else left.labels | right.labels
            for label in labels:
                a, b = evidence_characters(left, label), evidence_characters(right, label)
                both, there, said = both + len(a & b), there + len(a), said + len(b)
    return ratio(2 * both, said + there)


def evidence_characters(turn: Turn, label: str) -> set[int]:
    """Return the character positions that are evidence of ``label``."""
    spans = [span for marker in turn.markers if marker.label == label for span in marker.spans]
    return {place for span in spans for place in range(span.start, span.end)}


def review_arrays(
    pairs: Sequence[tuple[Transcript, Transcript]], names: tuple[str, ...]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return per turn whether its labels are wrong and whether the model doubted it."""
    wrong = [(carried(gold, names) != carried(predicted, names)).any(axis=1) for gold, predicted in pairs]
    doubted = [[turn.needs_review for turn in predicted.turns] for _, predicted in pairs]
    return np.concatenate(wrong), np.array([value for row in doubted for value in row], dtype=bool)


def render_scores(scores: Scores) -> str:
    """Return the scores as an aligned table for a terminal."""
    head = f"{'':14}{'n':>6}{'tags':>6}{'P':>7}{'R':>7}{'F1':>7}  {'95 %':13}{'AP':>7}{'kappa':>7}{'ICC':>7}{'ECE':>7}{'Brier':>7}"
    lines = [head]
    for o in scores.outputs:
        lines.append(
            f"{o.name:14}{o.support:6}{o.tagged:6}{o.precision:7.3f}{o.recall:7.3f}{o.f1.value:7.3f}  "
            f"{o.f1.low:.2f}–{o.f1.high:.2f}    {number(o.average_precision)}{o.kappa:7.3f}{number(o.session_icc)}"
            f"{number(o.calibration_error)}{number(o.brier)}"
        )
    macro = scores.macro_f1
    lines += [
        "",
        f"macro-F1 (goal, task, bond, rupture): {macro.value:.3f}  [{macro.low:.3f}, {macro.high:.3f}]",
        f"mean average precision:               {number(scores.mean_average_precision).strip()}",
        f"evidence F1 (characters):             {scores.evidence_where:.3f} where both tag, {scores.evidence_all:.3f} overall",
        f"doubtful turns:                       {scores.review_share:.1%}, holding {scores.error_in_review:.1%} of the errors",
        f"{scores.sessions} sessions, {scores.turns} turns",
    ]
    return "\n".join(lines)


def number(value: float | None) -> str:
    """Return a number in seven characters, a dash when there is none."""
    return f"{'–':>7}" if value is None else f"{value:7.3f}"
