"""Phases: found where the rate of markers changes, and nowhere else."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.patterns import MIN_PHASE, session_patterns
from alliance_nlp.patterns.phases import cut_points, family_marks, penalty, segment_costs
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Speaker, Transcript, Turn

ORIGIN = Origin(OriginKind.AUTHORED, "essai")
TASK, BOND = Marker("task", ORIGIN), Marker("bond", ORIGIN)
RUPTURE = Marker("rupture", ORIGIN, types=("withdrawal",))
SILENT = ()


def session(*marks: tuple[Marker, ...]) -> Transcript:
    turns = tuple(Turn(index, "P", "oui", markers=own) for index, own in enumerate(marks))
    return Transcript("essai", turns, (Speaker("P", Role.PATIENT),))


def total_cost(marks, edges) -> float:
    """Return the cost of a cut as the definition has it, computed term by term."""
    cost = 0.0
    for first, after in zip(edges, edges[1:]):
        for column in marks[first:after].T:
            for share in (column.mean(), 1 - column.mean()):
                if share > 0:
                    cost -= 2 * len(column) * share * np.log(share)
    return cost + (len(edges) - 2) * penalty(len(marks))


def cheapest(marks, min_phase: int) -> float:
    """Return the smallest cost of all cuts, tried one after the other."""
    turns = len(marks)
    best = total_cost(marks, [0, turns])
    for count in range(1, turns // min_phase):
        for inner in combinations(range(min_phase, turns - min_phase + 1), count):
            edges = [0, *inner, turns]
            if all(b - a >= min_phase for a, b in zip(edges, edges[1:])):
                best = min(best, total_cost(marks, edges))
    return best


def test_accords_puis_ruptures_font_deux_phases():
    patterns = session_patterns(session(*[(TASK,)] * 30, *[(RUPTURE,)] * 30))
    assert [(phase.first, phase.last) for phase in patterns.phases] == [(0, 29), (30, 59)]
    first, second = patterns.phases
    assert (first.number, first.turns, first.count("agreement"), first.count("rupture")) == (1, 30, 30, 0)
    assert (second.count("rupture"), second.per_100_turns("rupture")) == (30, 100.0)


def test_un_creux_au_milieu_fait_trois_phases():
    patterns = session_patterns(session(*[(TASK,), SILENT] * 20, *[SILENT, (RUPTURE,)] * 20, *[(TASK,), SILENT] * 20))
    assert [phase.first for phase in patterns.phases] == pytest.approx([0, 40, 80], abs=1)


def test_une_seance_toujours_pareille_est_une_seule_phase():
    for marks in ([(TASK,), SILENT, SILENT, (BOND,)] * 30, [SILENT] * 100, [(TASK,)] * 100):
        (phase,) = session_patterns(session(*marks)).phases
        assert (phase.first, phase.last) == (0, len(marks) - 1)


def test_une_rupture_isolee_ne_fait_pas_une_phase():
    marks = [SILENT] * 100
    marks[50] = marks[51] = (RUPTURE,)
    assert len(session_patterns(session(*marks)).phases) == 1


def test_sans_tour_pas_de_phase_et_une_courte_seance_en_est_une():
    assert session_patterns(session()).phases == ()
    for turns in (1, 2, MIN_PHASE, 2 * MIN_PHASE - 1):
        assert len(session_patterns(session(*[(TASK,)] * turns)).phases) == 1


def test_melanger_les_tours_efface_presque_toujours_les_phases():
    """Shuffled turns have no phases by construction: at most 5 % of such sessions may be cut."""
    rng = np.random.default_rng(7)
    marks = family_marks(session(*[(TASK,), SILENT] * 20, *[SILENT, (RUPTURE,), SILENT, (BOND,)] * 15).turns)
    assert len(cut_points(marks)) > 2
    cut = [len(cut_points(marks[rng.permutation(len(marks))])) > 2 for _ in range(200)]
    assert np.mean(cut) <= 0.05


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=16), st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_aucun_decoupage_ne_coute_moins(rows, min_phase):
    marks = np.array(rows, dtype=np.int64)
    edges = cut_points(marks, min_phase=min_phase)
    assert (edges[0], edges[-1]) == (0, len(marks))
    assert len(edges) == 2 or min(b - a for a, b in zip(edges, edges[1:])) >= min_phase
    assert total_cost(marks, edges) == pytest.approx(cheapest(marks, min_phase), abs=1e-9)


def test_l_elagage_ne_perd_aucun_decoupage_quand_il_y_en_a(monkeypatch):
    """With a small penalty many cuts pay, which a session of sixteen turns rarely shows at the true one."""
    monkeypatch.setattr("alliance_nlp.patterns.phases.COST_OF_CHANGE", 0.7)
    rng = np.random.default_rng(3)
    found = set()
    for _ in range(40):
        marks = (rng.random((16, 2)) < rng.choice([0.1, 0.9], size=(16, 2))).astype(np.int64)
        edges = cut_points(marks, min_phase=3)
        found.add(len(edges))
        assert total_cost(marks, edges) == pytest.approx(cheapest(marks, 3), abs=1e-9)
    assert max(found) > 3


def test_le_cout_d_une_phase_est_celui_de_la_definition():
    marks = np.array([[1, 0], [1, 0], [0, 0], [1, 1]])
    sums = np.vstack([[0, 0], np.cumsum(marks, axis=0)])
    (cost,) = segment_costs(sums, np.array([0]), 4)
    assert cost == pytest.approx(total_cost(marks, [0, 4]))
