"""Metrics: hand-computed, perfect, empty and symmetric cases; scikit-learn as an oracle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from alliance_nlp.evaluation.metrics import (
    average_precision,
    binary_score,
    bootstrap,
    brier,
    calibration_error,
)


def flags(text: str) -> np.ndarray:
    return np.array([c == "x" for c in text])


def test_un_cas_calcule_a_la_main():
    score = binary_score(flags("xx.x...."), flags("x.xx...."))
    assert (score.true_positives, score.false_positives, score.false_negatives, score.true_negatives) == (2, 1, 1, 4)
    assert score.precision == score.recall == score.f1 == pytest.approx(2 / 3)
    assert score.kappa == pytest.approx((6 / 8 - (9 + 25) / 64) / (1 - (9 + 25) / 64))


def test_un_accord_parfait_vaut_un():
    score = binary_score(flags("x.x."), flags("x.x."))
    assert score.f1 == score.kappa == score.precision == 1.0


def test_rien_a_trouver_et_rien_de_marque_est_parfait():
    score = binary_score(flags("...."), flags("...."))
    assert score.f1 == score.kappa == 1.0


def test_marquer_a_tort_n_est_pas_parfait():
    assert binary_score(flags("...."), flags("...x")).f1 == 0.0


pairs = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=40)


@given(pairs)
def test_kappa_et_f1_comme_scikit_learn_et_symetriques(rows):
    gold, predicted = (np.array(column) for column in zip(*rows, strict=True))
    score, swapped = binary_score(gold, predicted), binary_score(predicted, gold)
    assert score.f1 == swapped.f1 and score.kappa == pytest.approx(swapped.kappa)
    if gold.any() or predicted.any():
        assert score.f1 == pytest.approx(oracle.f1_score(gold, predicted, zero_division=0))
    if len(set(gold) | set(predicted)) == 2 and not (len(set(gold)) == len(set(predicted)) == 1):
        assert score.kappa == pytest.approx(oracle.cohen_kappa_score(gold, predicted))


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]), st.booleans()), min_size=1, max_size=40))
def test_la_precision_moyenne_comme_scikit_learn_ex_aequo_compris(rows):
    scores, gold = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    if gold.any():
        assert average_precision(scores, gold) == pytest.approx(oracle.average_precision_score(gold, scores))
    else:
        assert average_precision(scores, gold) == 0.0


def test_une_probabilite_juste_n_a_pas_d_erreur_de_calibration():
    gold = np.array([True] * 5 + [False] * 5)
    assert calibration_error(gold.astype(float), gold) == 0.0 == brier(gold.astype(float), gold)
    assert calibration_error(np.full(10, 0.5), gold, bins=1) == 0.0
    assert calibration_error(np.full(10, 0.9), gold, bins=1) == pytest.approx(0.4)


def test_l_intervalle_contient_la_valeur_et_se_repete():
    sessions = [0.1, 0.4, 0.5, 0.9, 0.2]
    first = bootstrap(sessions, lambda drawn: float(np.mean(drawn)), draws=200)
    assert first.low < first.value < first.high
    assert first == bootstrap(sessions, lambda drawn: float(np.mean(drawn)), draws=200)
