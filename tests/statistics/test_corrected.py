"""Estimates corrected by people's checks."""

import dataclasses
import json

import numpy as np
import pytest

from alliance_nlp.errors import ConfigError
from alliance_nlp.statistics import MIN_CHECKED_CLUSTERS, corrected_difference, corrected_prevalence, count_checked
from alliance_nlp.statistics.checks import machine_values, people_of
from alliance_nlp.statistics.prediction_powered import Halves, Weighted, powered_mean, weighted_mean
from alliance_nlp.statistics.ratios import ratio_estimate
from alliance_nlp.transcript import OriginKind

# What ppi-python 0.2.3 answers to ``oracle_data`` (power, point, low, high); made by:
#   from ppi_py import ppi_mean_ci, ppi_mean_pointestimate
#   y, f, g = oracle_data()
#   for power in (0.0, 0.5, 1.0): ppi_mean_pointestimate(y, f, g, lam=power), ppi_mean_ci(y, f, g, alpha=0.05, lam=power)
#   ppi_mean_pointestimate(y, f, g), ppi_mean_ci(y, f, g, alpha=0.05)   # tuned: λ = 0.7096361
ORACLE = [
    (0.0, 0.14666667, 0.10663418, 0.18669915),
    (0.5, 0.14531206, 0.11219500, 0.17842913),
    (1.0, 0.14395746, 0.10891260, 0.17900232),
    (None, 0.14475148, 0.11198219, 0.17752078),
]
Z = 1.959963984540054


def oracle_data():
    """300 checked and 1,700 unchecked independent turns."""
    rng = np.random.default_rng(7)
    truth = rng.random(2000) < 0.15
    read = np.clip(0.1 + 0.6 * truth + 0.3 * rng.standard_normal(2000), 0, 1)
    return truth[:300].astype(float), read[:300], read[300:]


def one_turn_a_cluster(y, f, g):
    ones, zeros = np.ones(len(y)), np.zeros(len(g))
    none = np.zeros(len(y))
    return Halves(
        np.concatenate([ones, zeros]),
        np.concatenate([y, zeros]),
        np.concatenate([f, zeros]),
        np.concatenate([none, np.ones(len(g))]),
        np.concatenate([none, g]),
    )


@pytest.mark.parametrize(("power", "point", "low", "high"), ORACLE)
def test_sur_des_tours_independants_c_est_la_ppi_de_ses_auteurs(power, point, low, high):
    found = powered_mean(one_turn_a_cluster(*oracle_data()), power=power)
    half = Z * found.corrected.variance**0.5
    assert found.corrected.value == pytest.approx(point, abs=1e-7 if power is not None else 3e-4)
    assert half == pytest.approx((high - low) / 2, rel=0.01)  # ours divides by n - 1 and holds the price of tuning
    assert found.power == pytest.approx(0.7096 if power is None else power, abs=0.1 if power is None else 0)  # tuned: theirs pools Var(f)


def test_la_bibliotheque_de_reference_dit_la_meme_chose():
    ppi_py = pytest.importorskip("ppi_py", reason="ppi-python is not installed: it brings numba; its answers are stored above")
    for power, point, low, high in ORACLE:
        ours, theirs = (point, low, high), [ppi_py.ppi_mean_pointestimate(*oracle_data(), lam=power)]
        theirs += list(ppi_py.ppi_mean_ci(*oracle_data(), alpha=0.05, lam=power))
        assert [float(np.squeeze(value)) for value in theirs] == pytest.approx(ours, abs=1e-7)


def sums(rows):
    """Rows of (checked, human, machine, unchecked, machine unchecked) → Halves."""
    return Halves(*np.array(rows, dtype=float).T)


ROWS = [(10, 2, 3, 0, 0), (8, 1, 1, 0, 0), (12, 5, 4, 3, 1), (9, 0, 2, 0, 0), (0, 0, 0, 20, 5), (0, 0, 0, 11, 4), (0, 0, 0, 14, 1)]


def brute_force(rows):
    """θ and λ from the definition, turn by turn nothing: sums of influences."""
    m, y, f, u, h = np.array(rows, dtype=float).T
    a = (y - m * y.sum() / m.sum()) / m.sum()
    b = (f - m * f.sum() / m.sum()) / m.sum() - (h - u * h.sum() / u.sum()) / u.sum()
    power = min(max((a @ b) / (b @ b), 0), 1)
    return y.sum() / m.sum() + power * (h.sum() / u.sum() - f.sum() / m.sum()), power


def test_le_couteau_suisse_refait_tout_sans_chaque_seance():
    found = powered_mean(sums(ROWS))
    point, power = brute_force(ROWS)
    assert (found.corrected.value, found.power) == pytest.approx((point, power))
    without = np.array([brute_force(ROWS[:n] + ROWS[n + 1 :])[0] for n in range(len(ROWS))])
    seen = np.array([row[0] > 0 for row in ROWS])
    expected = sum((own.sum() - 1) / own.sum() * ((without[own] - point) ** 2).sum() for own in (seen, ~seen))
    assert found.corrected.variance == pytest.approx(expected) and found.corrected.freedom == 3


def test_sans_rien_a_emprunter_reste_le_compte_des_personnes():
    found = powered_mean(sums([row for row in ROWS if row[0] and not row[3]]))
    assert found.power == 0 and found.corrected.value == found.classical.value
    assert found.corrected.variance == pytest.approx(found.classical.variance)


def test_une_machine_muette_n_apporte_rien():
    found = powered_mean(sums([(m, y, 0, u, 0) for m, y, _, u, _ in ROWS]))
    assert found.power == 0 and found.corrected == found.classical


def test_des_chances_egales_a_un_rendent_le_compte_entier():
    n, y, f = np.array([10.0, 20, 15]), np.array([2.0, 3, 1]), np.array([3.0, 2, 2])
    found = weighted_mean(Weighted(n, n, y, f, f))
    assert found.corrected.value == pytest.approx(6 / 45) and found.power == 0
    assert found.corrected.variance == pytest.approx(ratio_estimate(y, n).variance)


def test_la_forme_ponderee_a_la_main():
    n, y, f, every = np.array([10.0, 10]), np.array([4.0, 2]), np.array([2.0, 2]), np.array([3.0, 1])
    found = weighted_mean(Weighted(n, n / 5, y, f, every), power=1.0)
    assert found.corrected.value == pytest.approx((4 + 4 - 2 - 2 + 2) / 20)  # Σ[f + ξ(Y − f)/π] / N
    assert found.classical.value == pytest.approx(6 / 20)


# ------------------------------------------------------------------------------------ sessions


def corpus(talk, checked=8, rest=20, **metadata):
    """The machine tags every task and one turn in six that is none; people see it in the checked sessions."""
    sessions = []
    for n in range(checked + rest):
        people = n < checked
        real = 1 + n % 3
        said = ["Tt/t" if people else "Tt"] * real + ["Pt/" if people else "Pt"] * 2 + ["T."] * (9 - n % 2)
        sessions.append(talk(f"s{n}", " ".join(said), **metadata))
    return sessions


def test_la_correction_ote_ce_que_la_machine_voit_de_trop(talk):
    found = corrected_prevalence(corpus(talk), "task")
    sessions = corpus(talk)
    turns = sum(len(s.turns) for s in sessions)
    truth = 100 * sum(sum(turn.speaker == "T" and bool(turn.markers) for turn in s.turns) for s in sessions) / turns
    assert found.machine.value > truth + 10
    assert abs(found.corrected.value - truth) < abs(found.classical.value - truth) + 1e-9
    assert found.corrected.low < truth < found.corrected.high
    assert found.gain > 2 and found.effective_checked == pytest.approx(found.gain * found.checked_turns)
    assert (found.checked_clusters, found.clusters, found.machine_value) == (8, 28, "tag")
    assert found.power > 0.8
    assert json.loads(json.dumps(found.as_dict()))["corrected"]["value"] == found.corrected.value


def test_les_comptes_disent_la_meme_chose_que_les_seances(talk):
    sessions = corpus(talk)
    assert corrected_prevalence([count_checked(s) for s in sessions], "task") == corrected_prevalence(sessions, "task")


def test_un_niveau_plus_exigeant_elargit(talk):
    wide, narrow = (corrected_prevalence(corpus(talk), "task", alpha=alpha).corrected for alpha in (0.01, 0.2))
    assert wide.low < narrow.low < narrow.high < wide.high and wide.value == narrow.value


def test_trop_peu_de_seances_verifiees_est_refuse(talk):
    with pytest.raises(ConfigError, match=str(MIN_CHECKED_CLUSTERS)) as caught:
        corrected_prevalence(corpus(talk, checked=MIN_CHECKED_CLUSTERS - 1), "task")
    assert caught.value.code == "statistics.few_checked" and "hasard" in caught.value.message("fr")
    with pytest.raises(ConfigError):
        corrected_prevalence(corpus(talk), "humeur")
    together = [dataclasses.replace(s, metadata={"dyad_id": "d"}) for s in corpus(talk)]
    with pytest.raises(ConfigError):
        corrected_prevalence(together, "task")  # huit séances d'une dyade ne font qu'un groupe


def test_un_marqueur_jamais_donne_n_est_pas_impossible(talk):
    found = corrected_prevalence(corpus(talk), "bond")
    assert found.corrected.value == 0 and found.corrected.low == 0 and found.corrected.high > 1
    assert found.gain is None


def test_l_arbitrage_l_emporte_sur_l_annotateur(talk):
    session = talk("a", "T./t P./b")
    judged = talk("b", "T./ P./b", people=OriginKind.ADJUDICATED)
    both = dataclasses.replace(session, turns=(session.turns[0], judged.turns[1]))
    assert people_of(session) is OriginKind.HUMAN and people_of(both) is OriginKind.ADJUDICATED
    assert people_of(talk("c", "Tt P.")) is None
    counts = count_checked(both)
    assert (counts.sums["task"].human, counts.sums["bond"].human) == (0, 1)


def test_la_rupture_n_est_cherchee_que_chez_le_patient(talk):
    counts = count_checked(talk("a", "Tw/w Pw/w P./"))
    assert (counts.sums["rupture"].turns, counts.sums["rupture"].human) == (2, 1)
    assert counts.sums["withdrawal"].human == 1 and counts.sums["confrontation"].human == 0


def test_la_probabilite_sert_quand_chaque_tour_en_a_une(talk):
    odds = [{"task": 0.8}, {"task": 0.1}]
    session = talk("a", "Tt/t P.", probabilities=odds)
    assert machine_values(session.turns[0], "task") == (0.8, 1.0) and machine_values(session.turns[0], "bond") == (0.0, 0.0)
    counts = count_checked(session)
    assert counts.probabilities and counts.sums["task"].machine == pytest.approx((0.9, 1.0))
    assert not count_checked(talk("b", "Tt/t P.")).probabilities
    many = [talk(f"s{n}", "Tt/t P." if n < 6 else "Tt P.", probabilities=odds) for n in range(12)]
    assert corrected_prevalence(many, "task").machine_value == "probability"
    assert corrected_prevalence([*many, talk("z", "Tt P.")], "task").machine_value == "tag"


def test_des_tours_verifies_choisis_a_la_main(talk):
    sessions = [talk(f"s{n}", "Tt/t Pt/ T./t P./ " + "Tt/t P./ " * (n % 3)) for n in range(8)]
    found = corrected_prevalence(sessions, "task", checked=lambda session: (0, 1, 3))
    assert found.checked_turns == 24 and found.classical.value == pytest.approx(100 / 3)


def test_une_chance_d_etre_verifie_manquante_est_refusee(talk):
    sessions = [talk(f"s{n}", "Tt/t Pt/ T./t P./ " + "Tt/t P./ " * (n % 3)) for n in range(8)]
    given = {"checked": lambda session: (0, 1, 3), "inclusion": lambda session: {0: 0.5, 1: 0.5, 3: 0.25}}
    found = corrected_prevalence(sessions, "task", **given)
    assert found.weighted
    # Σ Y/π : le tour 0 compte 1/0,5 dans chaque séance ; forme de Horvitz et Thompson des personnes seules
    assert found.classical.value == pytest.approx(100 * 8 * 2 / sum(len(s.turns) for s in sessions))
    for wrong in ({0: 0.5, 1: 0.5}, {0: 0.5, 1: 0.5, 3: 1.5}, {0: 0.5, 1: 0.5, 3: 0.0}):
        with pytest.raises(ConfigError) as caught:
            corrected_prevalence(sessions, "task", checked=given["checked"], inclusion=lambda session, odds=wrong: odds)
        assert caught.value.params == {"session": "s0", "turn": 3}


def test_la_difference_corrigee_de_deux_groupes(talk):
    low = corpus(talk, cadre="CMP")
    high = [talk(f"h{n}", "Tt/t Tt/t Tt/t Tt/t Pt/ P./ T./ T./" if n < 8 else "Tt Tt Tt Tt Pt P. T. T. " + "T. " * (n % 3), cadre="visio") for n in range(20)]
    few = [talk(f"f{n}", "Tt/t P./", cadre="autre") for n in range(2)]
    found = corrected_difference([*low, *high, *few, talk("x", "T.")], "task", "cadre")
    assert [level for level, _ in found.levels] == ["CMP", "visio"] and found.not_compared == ("autre",) and found.unknown == 1
    (row,) = found.differences
    values = {level: estimate.corrected.value for level, estimate in found.levels}
    assert row.corrected.value == pytest.approx(values["visio"] - values["CMP"]) and row.corrected.low > 0
    assert json.dumps(found.as_dict())
    with pytest.raises(ConfigError) as caught:
        corrected_difference(low, "task", "cadre")
    assert caught.value.code == "statistics.few_checked_levels"


def test_un_tour_relu_sans_marque_compte_comme_verifie_quand_l_enregistrement_le_dit(talk):
    import dataclasses

    session = talk("s", "T. Pw P. T.")
    turns = tuple(dataclasses.replace(t, extra={"reviewed_by": ["AB"]}) if t.index < 2 else t for t in session.turns)
    counted = count_checked(dataclasses.replace(session, turns=turns))
    assert (counted.sums["task"].checked, counted.sums["task"].human) == (2, 0)
    assert count_checked(session).sums["task"].checked == 0
