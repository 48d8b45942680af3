"""Which of two readings is better."""

import dataclasses

import numpy as np
import pytest

from alliance_nlp.evaluation.metrics import intraclass_correlation
from alliance_nlp.evaluation.scores import compare
from alliance_nlp.evaluation.versus import MACRO, render_versus, versus

GOLD = (
    "T: <task>On reprend le carnet, ça vous va ?</task>",
    "P: <task>D'accord.</task> <bond>Avec vous, ça va.</bond>",
    "T: Hm hm.",
    "P: <withdrawal>Si vous le dites.</withdrawal>",
)
WORSE = ("T: On reprend le carnet, ça vous va ?", *GOLD[1:3], "P: Si vous le dites.")


def many(session_of, lines, count=12):
    return [dataclasses.replace(session_of(*lines), session_id=f"s{n}") for n in range(count)]


def test_une_lecture_comparee_a_elle_meme_ne_differe_en_rien(session_of):
    gold = many(session_of, GOLD)
    for row in versus(gold, gold, gold, draws=200):
        assert row.difference.value == row.difference.low == row.difference.high == 0
        assert row.p == 1.0


def test_une_lecture_meilleure_partout_l_est_nettement(session_of):
    gold, worse = many(session_of, GOLD), many(session_of, WORSE)
    rows = {row.name: row for row in versus(gold, worse, gold, draws=4000)}
    assert rows["task"].difference.low > 0 and rows["task"].p < 0.01
    assert rows["bond"].difference.value == 0
    assert rows["task"].first == pytest.approx(2 / 3)
    assert {row.name: -row.difference.value for row in versus(gold, gold, worse, draws=50)}["task"] == pytest.approx(1 / 3)
    assert "task" in render_versus(tuple(rows.values()), "ancien", "nouveau")


def varied(session_of):
    """Twelve sessions of unequal content, and a reading that is right in some of them alone."""
    gold = [dataclasses.replace(session_of(*GOLD * (1 + n % 3)), session_id=f"s{n}") for n in range(12)]
    read = [session if n % 4 else dataclasses.replace(session_of(*WORSE * (1 + n % 3)), session_id=f"s{n}") for n, session in enumerate(gold)]
    return gold, read


def test_l_intervalle_est_apparie_et_de_95_pour_cent(session_of):
    gold, read = varied(session_of)
    for row in versus(gold, read, read, draws=500):  # an imperfect reading against itself: pairing leaves nothing
        assert row.difference.value == row.difference.low == row.difference.high == 0
    task = {row.name: row for row in versus(gold, read, gold, draws=4000)}["task"].difference
    assert task.low < task.value < task.high
    rng, draws = np.random.default_rng(5), []
    missed = np.array([len(g.turns) // 4 if n % 4 == 0 else 0 for n, g in enumerate(gold)])
    there = np.array([len(g.turns) // 2 for g in gold])
    for _ in range(4000):  # the same by another road: F1 of task is 2 hits / (hits + there)
        picks = rng.integers(0, 12, 12)
        hits, all_ = (there - missed)[picks].sum(), there[picks].sum()
        draws.append(1 - 2 * hits / (hits + all_))
    assert (task.low, task.high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=0.012)


def test_deux_seances_ne_prouvent_rien(session_of):
    gold, worse = many(session_of, GOLD, 2), many(session_of, WORSE, 2)
    rows = {row.name: row for row in versus(gold, worse, gold, draws=4000)}
    assert rows[MACRO].p > 0.4  # two sessions: the four ways to swap give |difference| twice


def test_les_f1_sont_ceux_d_evaluate(session_of):
    gold, worse = many(session_of, GOLD), many(session_of, WORSE)
    worse[0] = gold[0]
    rows = {row.name: row.second for row in versus(gold, gold, worse, draws=50)}
    scores = compare(gold, worse)
    assert rows[MACRO] == pytest.approx(scores.macro_f1.value)
    assert {o.name: o.f1.value for o in scores.outputs} == pytest.approx({k: v for k, v in rows.items() if k != MACRO})


def test_la_correlation_intraclasse_rend_l_exemple_publie():
    # Shrout and Fleiss (1979), table 2: six targets, four judges; ICC(2,1) = .29
    table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)
    assert intraclass_correlation(table) == pytest.approx(0.29, abs=0.005)
    assert np.isnan(intraclass_correlation(np.ones((5, 2)))) and np.isnan(intraclass_correlation(np.array([[1.0, 2.0]])))


def test_l_accord_des_comptes_par_seance(session_of):
    gold, read = varied(session_of)
    exact = {o.name: o.session_icc for o in compare(gold, gold).outputs}
    assert exact["task"] == 1.0 and exact["goal"] is None  # goal is never there: nothing varies
    assert 0 < {o.name: o.session_icc for o in compare(gold, read).outputs}["task"] < 1
