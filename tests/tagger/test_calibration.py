"""Calibration: overconfident scores come back to what they are worth, thresholds and doubt follow."""

import numpy as np
import pytest

from alliance_nlp.errors import ModelError
from alliance_nlp.evaluation.metrics import binary_score, calibration_error
from alliance_nlp.tagger.calibration import (
    Calibration,
    OutputCalibration,
    best_threshold,
    fit_output,
    sigmoid,
    sure_from,
)

RNG = np.random.default_rng(3)


def sample(turns: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Return true log-odds of rare events and what happened."""
    odds = RNG.normal(-2.0, 1.5, turns)
    return odds, RNG.random(turns) < sigmoid(odds)


def test_des_scores_trop_surs_d_eux_sont_ramenes_a_leur_valeur():
    odds, gold = sample()
    fitted = fit_output(3.0 * odds + 2.0, gold)  # a network three times too sure, and leaning to yes
    assert fitted.temperature == pytest.approx(3.0, rel=0.1)
    calibration = Calibration({"goal": fitted})
    p = calibration.probabilities((3.0 * odds + 2.0)[:, None], ("goal",))[:, 0]
    assert calibration_error(p, gold) < 0.02 < calibration_error(sigmoid(3.0 * odds + 2.0), gold)


def test_ce_que_le_role_interdit_reste_a_zero():
    calibration = Calibration({"rupture": OutputCalibration(temperature=2.0, offset=1.5)})
    assert calibration.probabilities(np.array([[-np.inf]]), ("rupture",))[0, 0] == 0.0


def test_le_seuil_est_celui_du_meilleur_f1():
    odds, gold = sample(400)
    p = sigmoid(odds)
    best = max(binary_score(gold, p >= cut).f1 for cut in np.linspace(0.2, 0.9, 400))
    assert binary_score(gold, p >= best_threshold(p, gold)).f1 == pytest.approx(best, abs=0.01)


def test_la_bande_de_doute_finit_ou_la_precision_suffit():
    p = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    gold = np.array([True, True, True, False, False, True])
    assert sure_from(p, gold, 0.5) == 0.7  # from 0.7 up all right; from 0.6 up only 3 of 4
    assert sure_from(p, ~gold, 0.5) == 1.0


def test_sans_aucun_exemple_les_reglages_par_defaut():
    assert fit_output(np.zeros(5), np.zeros(5, dtype=bool)) == OutputCalibration()


def test_ecrire_puis_lire(tmp_path):
    calibration = Calibration({"goal": OutputCalibration(2.0, -0.5, 0.3, 0.2, 0.7)}, 0.35)
    calibration.save(tmp_path)
    assert Calibration.load(tmp_path, ("goal",)) == calibration
    with pytest.raises(ModelError):
        Calibration.load(tmp_path, ("goal", "task"))
