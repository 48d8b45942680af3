"""Densities over the sessions of one dyad; dips and returns."""

import json

import numpy as np
import pytest

from alliance_nlp.statistics import Measure, trajectories
from alliance_nlp.statistics.dips import MIN_SESSIONS, deflections, strain_scores
from alliance_nlp.statistics.trajectories import wilson


def dyad(talk, marked, *, letter="t", turns=50, **more):
    """Return one session a number: ``marked`` of its turns carry the letter, spread evenly."""
    sessions = []
    for place, count in enumerate(marked):
        chosen = {round(n * turns / count) for n in range(count)} if count else set()
        said = " ".join(f"P{letter}" if n in chosen else "P." for n in range(turns))
        sessions.append(talk(f"s{place}", said, dyad_id="d1", session_number=place + 1, **more))
    return sessions


def test_les_seances_suivent_leur_numero_meme_donnees_en_desordre(talk):
    first, second, third = dyad(talk, [1, 2, 3])
    (found,) = trajectories([third, first, second])
    assert [point.session_id for point in found.points] == ["s0", "s1", "s2"] and found.ordered_by == "session_number"
    assert [point.density(Measure.AGREEMENT).per_100_turns for point in found.points] == [2, 4, 6]


def test_sans_numero_la_date_sans_date_l_ordre_donne(talk):
    dated = [talk("a", "T. P.", dyad_id="d", date="2024-03-02"), talk("b", "T. P.", dyad_id="d", date="2024-02-28")]
    (found,) = trajectories(dated)
    assert found.ordered_by == "date" and [p.session_id for p in found.points] == ["b", "a"]
    (found,) = trajectories([talk("b", "T. P.", dyad_id="d", session_number="?"), talk("a", "T. P.", dyad_id="d")])
    assert found.ordered_by == "input" and [p.session_id for p in found.points] == ["b", "a"]


def test_une_seance_sans_dyade_ou_seule_n_a_pas_de_trajectoire(talk):
    assert trajectories([talk("a", "T. P."), talk("b", "T. P.", dyad_id="d")]) == ()
    assert len(trajectories([talk("b", "T. P.", dyad_id="d")], min_sessions=1)) == 1


def test_l_accord_est_but_ou_tache_une_fois(talk):
    (found,) = trajectories([talk("a", "Tgt Pt T. Pw", dyad_id="d"), talk("b", "T. T.", dyad_id="d")])
    agreement, tension = (found.points[0].density(m) for m in (Measure.AGREEMENT, Measure.TENSION))
    assert (agreement.marked, agreement.turns) == (2, 4) and (tension.marked, tension.turns) == (1, 2)
    assert found.points[1].density(Measure.TENSION).per_100_turns is None


def test_l_intervalle_est_celui_de_wilson_quand_les_tours_ne_se_ressemblent_pas(talk):
    (found,) = trajectories(dyad(talk, [5, 5]))
    agreement = found.points[0].density(Measure.AGREEMENT)
    assert agreement.effective_turns == 50  # espacés : leur ressemblance est négative, comptée 0
    assert (agreement.low, agreement.high) == pytest.approx((4.345, 21.359), abs=1e-2)  # Wilson (1927), 5 sur 50
    assert wilson(0.0, 10)[0] == 0 and wilson(1.0, 10)[1] == 1


def test_des_marques_en_grappe_elargissent_l_intervalle(talk):
    clumped = [talk(f"s{n}", "P. " * 20 + "Pt " * 5 + "P. " * 25, dyad_id="d") for n in (0, 1)]
    (found,) = trajectories(clumped)
    (spread,) = trajectories(dyad(talk, [5, 5]))
    wide, narrow = (t.points[0].density(Measure.AGREEMENT) for t in (found, spread))
    assert wide.per_100_turns == narrow.per_100_turns
    assert wide.effective_turns < 20 and wide.low < narrow.low and wide.high > narrow.high


# ------------------------------------------------------------------------------------ dips and returns


def test_un_creux_net_se_voit_avec_sa_premiere_sa_plus_basse_et_son_retour(talk):
    (found,) = trajectories(dyad(talk, [12, 13, 12, 1, 12, 13, 12]))
    (dip,) = found.dips
    assert (dip.measure, dip.first_session, dip.lowest_session, dip.return_session) == (Measure.AGREEMENT, "s2", "s3", "s4")
    assert not dip.upward and dip.depth >= 2
    assert json.loads(json.dumps(found.as_dict()))["dips"][0]["lowest_place"] == 3


def test_un_creux_a_la_fin_n_a_pas_de_retour(talk):
    (found,) = trajectories(dyad(talk, [12, 13, 12, 13, 12, 12, 0]))
    assert [(dip.first_place, dip.lowest_place, dip.return_place) for dip in found.dips] == [(5, 6, None)]


def test_la_tension_monte_au_lieu_de_descendre(talk):
    (found,) = trajectories(dyad(talk, [3, 2, 3, 20, 3, 2, 3], letter="w"))
    (dip,) = found.dips
    assert dip.measure is Measure.TENSION and dip.upward and dip.lowest_place == 3 and dip.beyond_control_limit


def test_une_seance_pleine_d_accord_n_est_pas_un_creux(talk):
    (found,) = trajectories(dyad(talk, [6, 7, 6, 30, 6, 7, 6]))
    assert found.dips == ()


def test_peu_de_seances_ne_disent_rien(talk):
    (found,) = trajectories(dyad(talk, [12, 13, 12, 0, 12][: MIN_SESSIONS - 1]))
    assert found.dips == ()
    (flat,) = trajectories(dyad(talk, [0] * 8))
    assert flat.dips == ()


def test_un_creux_de_plusieurs_seances_n_en_fait_qu_un():
    assert deflections(np.array([0.0, 2.1, 3.0, 1.5, 2.2, 0.5, 0.0])) == [(0, 2, 5)]
    assert deflections(np.array([0.0, 2.1, 0.9, 2.5, 0.0])) == [(0, 1, 2), (2, 3, 4)]
    assert deflections(np.array([3.0, 0.0, 0.0])) == []  # rien avant : pas de V
    assert deflections(np.array([0.0, 1.9, 0.0])) == [] and deflections(np.array([])) == []


def test_la_carte_de_laney_a_la_main():
    marked, turns = np.array([10.0, 12, 8, 11, 9, 10]), np.full(6, 100.0)
    z = (marked / 100 - 0.1) / 0.03
    assert strain_scores(marked, turns, -1) == pytest.approx(-z)  # moins de variation que le hasard : l'écart type reste 1
    wild = np.array([10.0, 30, 8, 25, 5, 30])
    centre = wild.sum() / 600
    z = (wild / 100 - centre) / np.sqrt(centre * (1 - centre) / 100)
    assert strain_scores(wild, turns, 1) == pytest.approx(z / (np.median(np.abs(np.diff(z))) / 0.954))


@pytest.mark.parametrize("odd", [10**400, float("nan"), float("inf"), True, "quatre", [3]])
def test_un_numero_qui_n_en_est_pas_un_n_arrete_rien(talk, odd):
    sessions = [talk("a", "Tt P.", dyad_id="d", session_number=1), talk("b", "T. P.", dyad_id="d", session_number=odd)]
    (found,) = trajectories(sessions)
    assert [point.session_number for point in found.points if point.session_id == "b"] == [None]
