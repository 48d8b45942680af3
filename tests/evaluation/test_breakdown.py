"""Where the errors lie."""

import dataclasses

import numpy as np
import pytest

from alliance_nlp.evaluation.breakdown import COVERAGES, LEAST_TURNS, REST, by_factor, macro_of_turns, reliability, risk_coverage, tenths
from alliance_nlp.evaluation.metrics import equal_groups
from alliance_nlp.evaluation.scores import compare
from alliance_nlp.labels import default_label_set

GOLD = (
    "T: <task>On reprend le carnet, ça vous va ?</task>",
    "P: <task>D'accord.</task> <bond>Avec vous, ça va.</bond>",
    "T: <goal>C'est bien ce que vous voulez ?</goal>",
    "P: <withdrawal>Si vous le dites.</withdrawal>",
)
WRONG = ("T: On reprend le carnet, ça vous va ?", *GOLD[1:3], "P: Si vous le dites.")


@pytest.fixture
def named(session_of):
    return lambda name, lines: dataclasses.replace(session_of(*lines), session_id=name)


def with_probabilities(session, sure):
    """Each tag at its probability ``sure`` by turn, everything else at 0.01."""
    names = default_label_set().outputs
    turns = tuple(
        dataclasses.replace(turn, probabilities={n: (sure[turn.index] if n in turn.labels or n in turn.types else 0.01) for n in names},
                            markers=tuple(dataclasses.replace(m, origin=dataclasses.replace(m.origin, kind=type(m.origin.kind).MODEL)) for m in turn.markers))
        for turn in session.turns
    )  # fmt: skip
    return dataclasses.replace(session, turns=turns)


def test_chaque_niveau_a_son_score_les_rares_vont_ensemble(named):
    gold = [named(f"s{n}", GOLD) for n in range(5)]
    read = [*gold[:3], named("s3", WRONG), named("s4", WRONG)]
    table = by_factor(gold, read, {"setting": {"s0": "a", "s1": "a", "s2": "a", "s3": "b", "s4": "c"}})
    rows = {row["level"]: row for row in table["setting"]}
    assert set(rows) == {"a", REST}
    assert rows["a"]["macro_f1"] == 1.0 and rows["a"]["sessions"] == 3
    assert rows[REST]["macro_f1"] == pytest.approx(compare(gold[3:], read[3:]).macro_f1.value)
    assert rows[REST]["macro_f1"] < 1
    roles = {row["level"]: row for row in table["role"]}
    assert roles["therapist"]["turns"] == roles["patient side"]["turns"] == 10
    # therapist: goal right, task found 3 times of 5, no bond to find
    assert roles["therapist"]["macro_f1"] == pytest.approx((1 + 2 * 3 / (2 * 3 + 2) + 1) / 3)


def test_moins_on_lit_de_tours_douteux_moins_on_se_trompe(named):
    gold = [named("s0", GOLD * 5)]
    read = [with_probabilities(named("s0", (*GOLD * 4, *WRONG)), [0.9] * 20)]
    read = [dataclasses.replace(read[0], turns=tuple(
        dataclasses.replace(t, probabilities={k: 0.45 for k in t.probabilities}) if t.index in (16, 19) else t for t in read[0].turns))]  # fmt: skip
    points = risk_coverage(gold, read, {name: 0.5 for name in default_label_set().outputs})
    assert [point["coverage"] for point in points] == list(COVERAGES)
    assert points[0]["wrong_turns"] == pytest.approx(0.1) and points[0]["macro_f1"] < 1
    assert points[2]["wrong_turns"] == 0 and points[2]["macro_f1"] == 1.0


def test_la_fiabilite_compare_ce_qui_est_dit_a_ce_qui_est(named):
    gold, read = [named("s0", GOLD * 5)], [with_probabilities(named("s0", GOLD * 5), [0.8] * 20)]
    bins = reliability(gold, read, lambda p: equal_groups(p, 2))["task"]
    assert [b["turns"] for b in bins] == [10, 10]
    assert bins[0] == {"turns": 10, "said": pytest.approx(0.01), "found": 0.0}
    assert bins[1] == {"turns": 10, "said": pytest.approx(0.8), "found": 1.0}


def test_un_dixieme_de_l_echelle_ne_se_dessine_qu_avec_assez_de_tours():
    p = np.array([0.02] * LEAST_TURNS + [0.31] * (LEAST_TURNS - 1) + [1.0] * LEAST_TURNS)
    assert [len(group) for group in tenths(p)] == [LEAST_TURNS, LEAST_TURNS]
    assert p[tenths(p)[1]].min() == 1.0


def test_les_tours_choisis_ont_leur_score(named):
    pairs = [(named("s0", GOLD), named("s0", WRONG))]
    assert macro_of_turns(pairs, "tous")["macro_f1"] == compare([pairs[0][0]], [pairs[0][1]]).macro_f1.value
    found = macro_of_turns(pairs, "milieu", lambda session, turn: turn.index in (1, 2), without=("rupture",))
    assert found == {"level": "milieu", "sessions": 1, "turns": 2, "macro_f1": 1.0}


def test_sans_probabilites_ni_courbe_ni_fiabilite(named):
    gold = [named("s0", GOLD)]
    assert risk_coverage(gold, gold, {}) == [] and reliability(gold, gold) == {}
