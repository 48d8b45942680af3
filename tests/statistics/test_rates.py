"""How often a mark occurs, with what uncertainty."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_nlp.labels import default_label_set
from alliance_nlp.statistics import Side, count_session, label_rates, rates_by_side
from alliance_nlp.statistics.quantiles import beta_quantile, incomplete_beta, t_quantile, t_tail
from alliance_nlp.statistics.rates import MIN_INTERVAL_CLUSTERS, PERCENTILE
from alliance_nlp.statistics.ratios import exact_interval, ratio_estimate, recovered, share_interval


def named(rates):
    return {rate.name: rate for rate in rates}


def test_une_rupture_se_compte_sur_les_tours_du_patient_seuls(talk):
    counts = count_session(talk("s", "T. Pw Tt Pt Tw ?w P."))
    tension = counts.rate("rupture")
    assert (tension.marked, tension.eligible) == (1, 3)  # T et le tour sans locuteur n'en portent pas
    assert counts.rate("withdrawal").marked == 1 and counts.rate("confrontation").marked == 0
    assert (counts.rate("task").marked, counts.rate("task").eligible) == (2, 7)
    assert tension.per_100_turns == pytest.approx(100 / 3)


def test_chaque_cote_a_ses_tours(talk):
    counts = count_session(talk("s", "Tt Pt Pb ?. Xg"))
    assert [counts.rate("task", side).eligible for side in Side] == [5, 1, 2, 2]
    assert [counts.rate("task", side).marked for side in Side] == [2, 1, 1, 0]
    assert counts.rate("rupture", Side.THERAPIST).per_100_turns is None
    with pytest.raises(KeyError):
        counts.rate("humeur")


@given(st.lists(st.sampled_from(["T.", "Tt", "Pw", "Pt", "P.", "?g", "Xb", "Pbw"]), max_size=30))
def test_les_cotes_s_ajoutent(words):
    from alliance_nlp.transcript import Transcript, Turn
    from tests.statistics.conftest import LETTERS, SPEAKERS, marker

    turns = tuple(
        Turn(i, None if w[0] == "?" else w[0], "x", markers=tuple(marker(m) for m in w[1:] if m in LETTERS))
        for i, w in enumerate(words)
    )
    counts = count_session(Transcript("s", turns, SPEAKERS))
    for name in default_label_set().outputs:
        parts = [counts.rate(name, side) for side in Side]
        assert parts[0].marked == sum(p.marked for p in parts[1:]) and parts[0].eligible == sum(p.eligible for p in parts[1:])


def test_le_taux_est_celui_de_tous_les_tours_ensemble(talk):
    sessions = [talk("a", "Tt P."), talk("b", "T. P. T. P. T. P. Tt P."), talk("c", "T. P."), talk("d", "T. P."), talk("e", "T. P.")]
    rates = label_rates(sessions)
    assert [rate.name for rate in rates] == list(default_label_set().outputs)
    task = named(rates)["task"]
    assert (task.marked, task.turns, task.clusters) == (2, 16, 5)
    assert task.per_100_turns == pytest.approx(100 * 2 / 16) and task.low < task.per_100_turns < task.high
    assert label_rates([count_session(s) for s in sessions]) == rates
    assert task.as_dict()["side"] == "all"


def test_avec_trop_peu_de_seances_aucun_intervalle_n_est_donne(talk):
    few = [talk(f"s{n}", "Tt P.") for n in range(MIN_INTERVAL_CLUSTERS - 1)]
    task = named(label_rates(few))["task"]
    assert task.per_100_turns == 50.0 and (task.low, task.high) == (None, None)
    assert named(label_rates([*few, talk("de plus", "T. P.")]))["task"].low is not None


def test_les_seances_d_une_dyade_sont_un_seul_groupe(talk):
    apart = [talk(f"s{n}", "Tt Pt T. P." if n % 2 else "T. P. T. P.") for n in range(8)]
    dyads = [dataclasses.replace(s, metadata={"dyad_id": f"d{n // 4}"}) for n, s in enumerate(apart)]
    alone, together = named(label_rates(apart))["task"], named(label_rates(dyads))["task"]
    assert (alone.clusters, together.clusters) == (8, 2) and together.sessions == 8
    assert alone.per_100_turns == together.per_100_turns


def test_une_seule_seance_n_a_pas_d_intervalle_et_aucune_n_a_rien(talk):
    one = named(label_rates([talk("a", "Tt P.")]))["task"]
    assert one.per_100_turns == 50 and one.low is None and one.high is None
    none = named(label_rates([]))["task"]
    assert none.per_100_turns is None and none.turns == 0
    only_therapist = named(label_rates([talk("a", "T. T."), talk("b", "T. T.")]))
    assert only_therapist["rupture"].per_100_turns is None


def test_un_marqueur_jamais_vu_peut_exister_quand_meme(talk):
    bond = named(label_rates([talk(f"s{n}", "T. P. " * 20) for n in range(10)]))["bond"]
    assert bond.per_100_turns == bond.low == 0
    assert 100 * 3 / 400 < bond.high < 5  # plus large que la règle de trois sur 400 tours supposés indépendants


def test_le_tirage_se_repete_a_graine_egale(talk):
    sessions = [talk(f"s{n}", "Tt P. " * (1 + n % 4) + "T. P. " * (n % 3)) for n in range(12)]
    first, same, other = (label_rates(sessions, method=PERCENTILE, draws=300, seed=seed) for seed in (1, 1, 2))
    assert first == same != other
    assert named(first)["task"].method == PERCENTILE


def test_les_cotes_du_rapport(talk):
    sides = rates_by_side([talk("a", "Tt P."), talk("b", "Tt Pt")])
    assert named(sides[Side.THERAPIST])["task"].per_100_turns == 100
    assert named(sides[Side.PATIENT])["task"].per_100_turns == 50


# ------------------------------------------------------------------------------------ the arithmetic


def test_la_variance_du_couteau_suisse_a_la_main():
    marked, turns = np.array([1.0, 3.0, 2.0]), np.array([10.0, 10.0, 20.0])
    without = [5 / 30, 3 / 30, 4 / 20]
    expected = 2 / 3 * sum((value - 6 / 40) ** 2 for value in without)
    found = ratio_estimate(marked, turns)
    assert found.value == pytest.approx(0.15) and found.variance == pytest.approx(expected) and found.freedom == 2
    singles = ratio_estimate(np.array([1.0, 0, 0, 1]), np.ones(4))
    assert singles.variance == pytest.approx(np.var([1, 0, 0, 1], ddof=1) / 4)  # un tour par groupe : la variance d'école


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(9, 60)), min_size=2, max_size=12))
def test_un_intervalle_reste_entre_0_et_1_et_contient_sa_valeur(rows):
    marked, turns = np.array(rows, dtype=float).T
    found = share_interval(marked, turns)
    assert 0 <= found.low <= found.value + 1e-9 and found.value - 1e-9 <= found.high <= 1


def test_les_quantiles_sont_ceux_de_scipy():
    special, stats = pytest.importorskip("scipy.special"), pytest.importorskip("scipy.stats")
    for a, b, x in [(0.5, 0.5, 0.2), (3, 400, 0.01), (80, 5, 0.97), (2000, 30000, 0.06)]:
        assert incomplete_beta(a, b, x) == pytest.approx(special.betainc(a, b, x), rel=1e-9)
        assert beta_quantile(0.975, a, b) == pytest.approx(stats.beta.ppf(0.975, a, b), rel=1e-9)
    for freedom in (1, 2.5, 9, 40, 1999):
        assert t_quantile(0.975, freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-8)
        assert t_quantile(0.05, freedom) == pytest.approx(stats.t.ppf(0.05, freedom), rel=1e-8)
        assert t_tail(2.1, freedom) == pytest.approx(2 * stats.t.sf(2.1, freedom), rel=1e-9)
    assert t_quantile(0.5, 3) == 0 and incomplete_beta(1, 1, 0) == 0 and incomplete_beta(1, 1, 1) == 1


def test_l_intervalle_exact_rend_les_tables():
    found = exact_interval(0.0, 10.0, 1e9)  # autant de groupes qu'on veut : Clopper et Pearson, 0 sur 10
    assert (found.low, found.high) == pytest.approx((0, 0.3085), abs=1e-4)
    assert exact_interval(0.0, 10.0, 3).high > found.high


def test_la_difference_retrouvee_rend_l_exemple_de_newcombe():
    # Newcombe (1998), table II, example (a): 56/70 - 48/80, Wilson bounds: 0.0524 to 0.3339
    from alliance_nlp.evaluation.metrics import Interval
    from alliance_nlp.statistics.trajectories import wilson

    first, second = (Interval(x / n, *wilson(x / n, n)) for x, n in ((48, 80), (56, 70)))
    found = recovered(first, second)
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
