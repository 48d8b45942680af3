"""Comparing two readings of the same sessions."""

import dataclasses

import pytest

from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.scores import compare, render_scores

GOLD = (
    "T: <task>On reprend le carnet, ça vous va ?</task>",
    "P: <task>D'accord.</task> <bond>Avec vous, ça va.</bond>",
    "T: Hm hm.",
    "P: <withdrawal>Si vous le dites.</withdrawal>",
)


def test_une_lecture_egale_a_la_reference_a_un_partout(session_of):
    gold = session_of(*GOLD)
    scores = compare([gold], [gold])
    assert scores.macro_f1.value == scores.evidence_where == scores.evidence_all == 1.0
    assert {o.name: o.support for o in scores.outputs} == {
        "goal": 0, "task": 2, "bond": 1, "rupture": 1, "withdrawal": 1, "confrontation": 0, "repair": 0,
    }  # fmt: skip


def test_une_tache_manquee_et_un_lien_en_trop(session_of):
    gold = session_of(*GOLD)
    other = session_of(
        "T: On reprend le carnet, ça vous va ?",
        "P: <task>D'accord.</task> <bond>Avec vous, ça va.</bond>",
        "T: <bond>Hm hm.</bond>",
        "P: <confrontation>Si vous le dites.</confrontation>",
    )
    by_name = {o.name: o for o in compare([gold], [other]).outputs}
    assert (by_name["task"].precision, by_name["task"].recall) == (1.0, 0.5)
    assert (by_name["bond"].precision, by_name["bond"].recall) == (0.5, 1.0)
    assert by_name["rupture"].f1.value == 1.0
    assert by_name["withdrawal"].f1.value == by_name["confrontation"].f1.value == 0.0


def test_la_preuve_est_jugee_au_caractere_pres(session_of):
    gold, other = session_of("P: <bond>Avec vous</bond>, ça va."), session_of("P: <bond>Avec</bond> vous, ça va.")
    assert compare([gold], [other]).evidence_where == pytest.approx(2 * 4 / (9 + 4))


def test_une_seance_absente_ou_d_une_autre_longueur_est_dite(session_of):
    gold = session_of(*GOLD)
    with pytest.raises(ConfigError, match="essai"):
        compare([gold], [])
    with pytest.raises(ConfigError, match="4"):
        compare([gold], [dataclasses.replace(gold, turns=gold.turns[:3])])


def test_le_tableau_se_lit(session_of):
    table = render_scores(compare([session_of(*GOLD)], [session_of(*GOLD)]))
    assert "confrontation" in table and "macro-F1" in table and "1 sessions, 4 turns" in table


def test_les_marques_de_reference_restees_dans_la_seance_lue_ne_comptent_pas_pour_le_modele(session_of, tiny_tagger):
    gold = session_of(*GOLD)
    read = tiny_tagger.tag(gold)
    alone = dataclasses.replace(
        read, turns=tuple(dataclasses.replace(t, markers=tuple(m for m in t.markers if m.probability is not None)) for t in read.turns)
    )
    assert any(m.origin.name == "corpus" for turn in read.turns for m in turn.markers)
    assert compare([gold], [read]) == compare([gold], [alone])
    silent = dataclasses.replace(gold, turns=tuple(dataclasses.replace(t, probabilities={"goal": 0.0}) for t in gold.turns))
    assert {o.name: o.tagged for o in compare([gold], [silent]).outputs}["task"] == 0


def test_deux_lectures_du_modele_se_comparent_entre_elles(session_of, tiny_tagger):
    read = tiny_tagger.tag(session_of("T: On reprend le carnet ?", "P: Oui."))
    assert compare([read], [read]).macro_f1.value == 1.0
