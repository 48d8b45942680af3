"""Agreement of annotators: hand-computed cases, two independent libraries as oracles, and what is shown."""

import json
from itertools import combinations

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score, f1_score

from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation import coefficients as c
from alliance_nlp.evaluation.agreement import measure_agreement
from alliance_nlp.evaluation.agreement_table import differences_csv, render_agreement

RATINGS = arrays(bool, st.tuples(st.integers(2, 4), st.integers(2, 40)))


def both_values(ratings: np.ndarray) -> bool:
    return ratings.any() and not ratings.all()


@given(RATINGS.filter(both_values))
@settings(max_examples=150, deadline=None)
def test_alpha_est_celui_de_la_bibliotheque_krippendorff(ratings):
    oracle = krippendorff.alpha(ratings.astype(int), level_of_measurement="nominal", value_domain=[0, 1])
    assert float(c.krippendorff_alpha(c.pair_counts(ratings))) == pytest.approx(oracle)


@given(RATINGS.filter(both_values))
@settings(max_examples=150, deadline=None)
def test_kappa_est_la_moyenne_des_kappas_de_scikit_learn(ratings):
    defined = [(a, b) for a, b in combinations(ratings, 2) if np.concatenate([a, b]).any() and not (a.all() and b.all())]
    defined = [(a, b) for a, b in defined if not (a.all() and b.all()) and (a.any() or b.any())]
    oracle = np.mean([cohen_kappa_score(a, b) for a, b in defined])
    assert float(c.cohen_kappa(c.pair_counts(ratings))) == pytest.approx(oracle)


@given(arrays(bool, st.tuples(st.just(2), st.integers(2, 40))).filter(both_values))
@settings(max_examples=100, deadline=None)
def test_f1_est_celui_de_scikit_learn_dans_les_deux_sens(ratings):
    value = float(c.specific_f1(c.pair_counts(ratings)))
    assert value == pytest.approx(f1_score(ratings[0], ratings[1], zero_division=0))
    assert value == pytest.approx(f1_score(ratings[1], ratings[0], zero_division=0))


def fleiss_by_definition(ratings: np.ndarray) -> float:
    """Fleiss (1971) from counts per subject and category, written out as in the paper."""
    table = np.stack([(~ratings).sum(axis=0), ratings.sum(axis=0)], axis=1)  # (turns, 2)
    raters = len(ratings)
    per_turn = (table * (table - 1)).sum(axis=1) / (raters * (raters - 1))
    chance = ((table.sum(axis=0) / table.sum()) ** 2).sum()
    return (per_turn.mean() - chance) / (1 - chance)


@given(RATINGS.filter(both_values))
@settings(max_examples=100, deadline=None)
def test_fleiss_suit_sa_definition(ratings):
    assert float(c.fleiss_kappa(c.pair_counts(ratings))) == pytest.approx(fleiss_by_definition(ratings))


def test_un_cas_calcule_a_la_main():
    # 20 turns: both 4, only the first 2, only the second 1, neither 13.
    counts = np.array([[4, 2, 1, 13]])
    chance = (6 * 5 + 14 * 15) / 400
    share = 11 / 40
    assert float(c.percent(counts)) == pytest.approx(17 / 20)
    assert float(c.cohen_kappa(counts)) == pytest.approx((17 / 20 - chance) / (1 - chance))
    assert float(c.gwet_ac1(counts)) == pytest.approx((17 / 20 - 2 * share * (1 - share)) / (1 - 2 * share * (1 - share)))
    assert float(c.specific_f1(counts)) == pytest.approx(8 / 11)
    assert float(c.krippendorff_alpha(counts)) == pytest.approx(1 - (3 / 20) / (2 * 11 * 29 / (40 * 39)))


@given(RATINGS.filter(both_values), st.randoms())
@settings(max_examples=50, deadline=None)
def test_l_ordre_des_annotateurs_ne_change_rien(ratings, random):
    order = list(range(len(ratings)))
    random.shuffle(order)
    for coefficient in c.COEFFICIENTS.values():
        before, after = coefficient(c.pair_counts(ratings)), coefficient(c.pair_counts(ratings[order]))
        assert float(before) == pytest.approx(float(after), nan_ok=True)


def test_la_ou_personne_ne_marque_rien_les_coefficients_corriges_ne_sont_pas_definis():
    counts = c.pair_counts(np.zeros((2, 5), dtype=bool))
    assert float(c.percent(counts)) == 1.0
    for coefficient in (c.cohen_kappa, c.fleiss_kappa, c.krippendorff_alpha, c.specific_f1):
        assert np.isnan(coefficient(counts))


def test_l_intervalle_entoure_la_valeur_et_se_resserre_avec_les_seances():
    rng = np.random.default_rng(1)

    def sessions(count: int) -> np.ndarray:
        gold = rng.random((count, 40)) < 0.2
        other = gold ^ (rng.random((count, 40)) < 0.08)
        return np.stack([c.pair_counts(np.stack(pair)) for pair in zip(gold, other)])

    widths = []
    for table in (sessions(8), sessions(128)):
        low, high = c.bootstrap_intervals(table)["krippendorff_alpha"]
        assert low < float(c.krippendorff_alpha(table.sum(axis=0))) < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


# ------------------------------------------------------------------------------------ sessions

FIRST = ("T: <task>On reprend le carnet, ça vous va ?</task>", "P: <task>D'accord.</task> <bond>Avec vous, ça va.</bond>",
         "T: Hm hm.", "P: <withdrawal>Si vous le dites.</withdrawal>")  # fmt: skip
SECOND = ("T: <task>On reprend le carnet, ça vous va ?</task>", "P: <task>D'accord.</task> Avec vous, ça va.",
          "T: <repair>Hm hm.</repair>", "P: <confrontation>Si vous le dites.</confrontation>")  # fmt: skip


def test_deux_lectures_egales_s_accordent_parfaitement(session_of):
    agreement = measure_agreement({"a": [session_of(*FIRST)], "b": [session_of(*FIRST)]})
    by_name = {row.name: row.coefficients for row in agreement.by_label}
    assert by_name["task"]["krippendorff_alpha"].value == by_name["task"]["f1"].value == 1.0
    assert by_name["goal"]["cohen_kappa"].value is None and by_name["goal"]["percent"].value == 1.0
    assert agreement.differences == () and agreement.evidence_f1 == 1.0


def test_les_tours_qui_different_et_la_table_de_confusion(session_of):
    agreement = measure_agreement({"a": [session_of(*FIRST)], "b": [session_of(*SECOND)]})
    assert [(d.turn, d.labels) for d in agreement.differences] == [
        (1, (("task", "bond"), ("task",))), (2, ((), ("repair",))), (3, (("withdrawal",), ("confrontation",))),
    ]  # fmt: skip
    assert agreement.confusion["task"]["task"] == 2
    assert agreement.confusion["bond"]["none"] == agreement.confusion["none"]["repair"] == 1
    assert agreement.confusion["withdrawal"]["confrontation"] == 1
    rupture = next(row for row in agreement.by_label if row.name == "rupture")
    assert rupture.coefficients["f1"].value == 1.0 and rupture.tagged == (1, 1)


def test_trois_annotateurs_et_le_detail_par_paire(session_of):
    readings = {"a": [session_of(*FIRST)], "b": [session_of(*SECOND)], "c": [session_of(*FIRST)]}
    agreement = measure_agreement(readings)
    assert [row.name for row in agreement.by_pair] == ["a / b", "a / c", "b / c"]
    assert agreement.by_pair[1].coefficients["f1"].value == 1.0
    assert len(agreement.differences[0].labels) == 3


def test_les_seances_que_tous_n_ont_pas_lues_sont_nommees(session_of):
    one, two = session_of(*FIRST, session_id="s1"), session_of(*FIRST, session_id="s2")
    agreement = measure_agreement({"a": [one, two], "b": [one]})
    assert agreement.left_out == ("s2",) and agreement.sessions == 1
    with pytest.raises(ConfigError, match="a, b"):
        measure_agreement({"a": [one], "b": [two]})
    with pytest.raises(ConfigError):
        measure_agreement({"a": [one]})


def test_le_tableau_se_lit_et_ne_montre_pas_le_texte(session_of):
    agreement = measure_agreement({"a": [session_of(*FIRST)], "b": [session_of(*SECOND)]})
    for language in ("fr", "en"):
        for by in ("label", "session", "pair"):
            shown = render_agreement(agreement, language, by=by)
            assert "krippendorff_alpha" in shown and "carnet" not in shown
    assert differences_csv(agreement).splitlines()[1:] == [
        "essai,1,P,task bond,task", "essai,2,T,,repair", "essai,3,P,withdrawal,confrontation",
    ]  # fmt: skip
    assert "carnet" not in json.dumps(agreement.as_dict())
