"""What came before a rupture, what returned after its repair, and bond after a repair."""

from __future__ import annotations

import pytest

from alliance_nlp.patterns import BEFORE_TURNS, RETURN_TURNS, Resolution, session_patterns

RUPTURE = "P: <confrontation>Je vois pas à quoi ça sert.</confrontation>"
WITHDRAWAL = "P: <withdrawal>Si vous le dites.</withdrawal>"
REPAIR = "T: <repair>Je suis allé trop vite, je crois.</repair>"
BOND = "P: <bond>À vous, j'ose le dire.</bond>"
TASK = "P: <task>D'accord, je note.</task>"
T, P = "T: Hm.", "P: Le chien a dormi."


def filler(count: int) -> list[str]:
    return [(T, P)[place % 2] for place in range(count)]


def episode_of(session_of, *lines):
    (episode,) = session_patterns(session_of(*lines)).episodes
    return episode


@pytest.mark.parametrize(
    ("lines", "resolution", "returned"),
    [
        ((T, RUPTURE, REPAIR, TASK), Resolution.RESOLVED, (3,)),
        ((T, RUPTURE, REPAIR, BOND, T, TASK), Resolution.RESOLVED, (3, 5)),
        ((T, RUPTURE, REPAIR, P), Resolution.PARTLY, ()),
        ((T, RUPTURE, REPAIR, P, T, WITHDRAWAL), Resolution.PARTLY, ()),
        ((T, RUPTURE, T, TASK), Resolution.NONE, ()),
        ((T, RUPTURE, REPAIR, P, "T: <task>On reprend ensemble ?</task>"), Resolution.PARTLY, ()),
        ((T, "P: <withdrawal>Bref.</withdrawal> <repair>Pardon.</repair> <bond>Vous, ça va.</bond>"), Resolution.RESOLVED, (1,)),
    ],
)
def test_l_accord_ou_le_lien_revient_ou_non(session_of, lines, resolution, returned):
    episode = episode_of(session_of, *lines)
    assert (episode.resolution, episode.returned) == (resolution, returned)


@pytest.mark.parametrize(("between", "resolution"), [(RETURN_TURNS - 2, Resolution.RESOLVED), (RETURN_TURNS, Resolution.PARTLY)])
def test_un_accord_trop_lointain_n_est_pas_un_retour(session_of, between, resolution):
    lines = [T, RUPTURE, REPAIR, *[(P, T)[place % 2] for place in range(between)], TASK]
    assert episode_of(session_of, *lines).resolution is resolution


def test_apres_le_retour_de_l_accord_une_rupture_ouvre_un_nouvel_episode(session_of):
    lines = (T, RUPTURE, REPAIR, TASK, T, WITHDRAWAL)
    first, second = session_patterns(session_of(*lines)).episodes
    assert (first.ruptures, first.resolution) == ((1,), Resolution.RESOLVED)
    assert (second.ruptures, second.resolution) == ((5,), Resolution.NONE)


def test_une_reparation_de_plus_apres_le_retour_reste_dans_l_episode(session_of):
    (episode,) = session_patterns(session_of(T, RUPTURE, REPAIR, TASK, REPAIR, P)).episodes
    assert (episode.repairs, episode.resolution) == ((2, 4), Resolution.RESOLVED)


def test_un_accord_du_therapeute_ne_clot_pas_l_episode(session_of):
    lines = (T, RUPTURE, REPAIR, P, "T: <task>On note ?</task>", WITHDRAWAL)
    (episode,) = session_patterns(session_of(*lines)).episodes
    assert episode.ruptures == (1, 5)


def test_ce_qui_precede_est_ce_qui_etait_marque_juste_avant(session_of):
    proposal = "T: <task>On note ?</task>"
    lines = [proposal, P, T, P, proposal, RUPTURE]
    assert episode_of(session_of, *lines).before == (0, BEFORE_TURNS - 1)
    assert episode_of(session_of, TASK, *filler(BEFORE_TURNS), RUPTURE).before == ()
    assert episode_of(session_of, RUPTURE).before == ()


def test_la_fin_de_la_seance_est_dite_quand_elle_coupe_la_suite(session_of):
    short = episode_of(session_of, T, RUPTURE, REPAIR, P)
    assert (short.turns_after, short.cut_by_end) == (1, True)
    long = episode_of(session_of, T, RUPTURE, REPAIR, *[(P, T)[place % 2] for place in range(RETURN_TURNS)])
    assert (long.turns_after, long.cut_by_end) == (RETURN_TURNS, False)


def test_le_lien_apres_une_reparation_et_ailleurs(session_of):
    found = session_patterns(session_of(BOND, T, RUPTURE, REPAIR, BOND, *filler(RETURN_TURNS), BOND)).bond_after_repair
    assert (found.repairs, found.bonds) == ((3,), (4,))
    assert (found.turns_after, found.bonds_elsewhere, found.turns_elsewhere) == (RETURN_TURNS, 2, 5)
    assert (found.after_per_100, found.elsewhere_per_100) == (10.0, 40.0)


def test_un_lien_apres_deux_reparations_compte_une_fois(session_of):
    found = session_patterns(session_of(RUPTURE, REPAIR, P, REPAIR, BOND)).bond_after_repair
    assert (found.bonds, found.turns_after) == ((4,), 3)


def test_sans_reparation_rien_n_est_compare(session_of):
    found = session_patterns(session_of(BOND, T)).bond_after_repair
    assert (found.repairs, found.after_per_100, found.elsewhere_per_100) == ((), None, 50.0)
