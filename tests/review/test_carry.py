"""People's decisions on another reading of the session: matched by text, spans found again, conflicts kept."""

import dataclasses
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.record import dumps, from_record
from alliance_nlp.review.carry import keep_human, unplaced_turns
from alliance_nlp.review.matching import match_turns, relocate
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span
from tests.review.conftest import LINES, machine_session

HUMAN = Origin(OriginKind.HUMAN, "A")
TEXTS = [text for _, text, _ in LINES]


def reviewed(session, turn, *markers, by="A"):
    """Return the session with one turn reviewed by a person."""
    turns = list(session.turns)
    turns[turn] = dataclasses.replace(turns[turn], markers=markers, extra={"reviewed_by": [by]})
    return dataclasses.replace(session, turns=tuple(turns))


def with_text(session, turn, text):
    turns = list(session.turns)
    turns[turn] = dataclasses.replace(turns[turn], text=text, markers=())
    return dataclasses.replace(session, turns=tuple(turns))


def people(session):
    return {t.index: [m.label for m in t.markers if m.origin.kind is OriginKind.HUMAN] for t in session.turns if t.extra.get("reviewed_by")}


# ------------------------------------------------------------------------------------------ matching


def test_un_tour_inséré_ou_retiré_décale_les_autres():
    assert match_turns(TEXTS, ["[silence]", *TEXTS]) == {k: k + 1 for k in range(6)}
    assert match_turns(TEXTS, TEXTS[1:]) == {k + 1: k for k in range(5)}


def test_les_blancs_et_une_virgule_corrigée_ne_perdent_pas_un_tour():
    changed = [*TEXTS[:3], "Bon si vous voulez,  c'est vous le spécialiste.", *TEXTS[4:]]
    assert match_turns(TEXTS, changed)[3] == 3


def test_une_tout_autre_phrase_ne_prend_pas_la_place():
    assert 3 not in match_turns(TEXTS, [*TEXTS[:3], "Mon frère devait passer dimanche.", *TEXTS[4:]])


def test_un_oui_répété_ne_se_place_que_contre_un_voisin_reconnu():
    old = ["Comment allez-vous depuis la dernière fois ?", "Oui.", "Et le carnet, vous l'avez rempli ?", "Oui."]
    new = ["Oui.", "Comment allez-vous depuis la dernière fois ?", "Non.", "Et le carnet, vous l'avez rempli ?", "Oui."]
    assert match_turns(old, new) == {0: 1, 2: 3, 3: 4}


def test_un_non_seul_entre_deux_phrases_changées_reste_sans_place():
    old = ["Vous avez rempli le carnet cette semaine ?", "Non.", "Bon, on en reparle la fois prochaine."]
    assert match_turns(old, ["Votre frère est-il venu dimanche ?", "Non.", "Et votre mère, alors ?"]) == {}
    assert match_turns(old, [old[0], "Non.", "Et votre mère, alors ?"]) == {0: 0, 1: 1}


def test_deux_tours_presque_pareils_restent_sans_place_plutôt_qu_au_hasard():
    old = ["Je note le carnet pour mardi prochain, alors."]
    new = ["Je note le carnet pour mardi prochain, donc.", "Je note le carnet pour mardi prochain, oui."]
    assert match_turns(old, new) == {}


@given(st.lists(st.sampled_from(["Oui.", "Hm hm.", "D'accord.", *TEXTS]), max_size=12), st.data())
@settings(max_examples=300, deadline=None)
def test_aucune_place_n_est_donnée_deux_fois_et_le_texte_placé_est_le_même(old, data):
    new = data.draw(st.permutations(old)) if data.draw(st.booleans()) else old[: data.draw(st.integers(0, 12))]
    places = match_turns(old, new)
    assert len(set(places.values())) == len(places)
    assert all(old[a] == new[b] for a, b in places.items())
    assert match_turns(old, old) == {k: k for k in range(len(old))}


def test_un_empan_se_retrouve_par_ses_mots():
    assert relocate("Bon, si vous voulez.", Span(5, 19), "Bon… si vous  voulez, quoi.") == Span(5, 20)
    assert relocate("oui oui oui", Span(4, 7), "oui oui oui !") == Span(4, 7)  # le deuxième des trois
    assert relocate("Bon, si vous voulez.", Span(5, 19), "Bon, comme vous dites.") is None


# -------------------------------------------------------------------------------------- keep_human


def test_une_machine_plus_récente_ne_touche_pas_à_ce_qu_une_personne_a_décidé():
    old = reviewed(reviewed(machine_session(*LINES), 0), 3, Marker("bond", HUMAN, spans=(Span(5, 19),)))
    carried = keep_human(old, machine_session(*LINES))
    assert carried.conflicts == () and people(carried.transcript) == {0: [], 3: ["bond"]}
    assert carried.transcript.turns[0].markers == ()  # le marqueur écarté ne revient pas
    assert [m.label for m in carried.transcript.turns[1].markers] == ["task"]  # la machine garde les tours non relus
    assert carried.transcript.turns[0].probabilities["task"] == 0.9


def test_un_texte_relu_autrement_garde_les_décisions_sur_les_mêmes_paroles():
    old = reviewed(machine_session(*LINES), 3, Marker("bond", HUMAN, spans=(Span(5, 19),)))
    new = machine_session(("T", "Bonjour, entrez.", {}), *LINES[:3], ("P", "Bon… si vous  voulez, c'est vous le spécialiste.", {}))
    carried = keep_human(old, new)
    (marker,) = carried.transcript.turns[4].markers
    text = carried.transcript.turns[4].text
    assert [text[s.start : s.end] for s in marker.spans] == ["si vous  voulez"] and carried.conflicts == ()


def test_ce_qui_n_a_pas_de_place_est_gardé_annoncé_et_revient_quand_le_texte_revient():
    old = reviewed(machine_session(*LINES), 3, Marker("bond", HUMAN, spans=(Span(5, 19),)))
    lost = keep_human(old, with_text(machine_session(*LINES), 3, "Mon frère devait passer dimanche."))
    assert [(c.turn, c.lost, c.marker.label) for c in lost.conflicts] == [(3, "turn", "bond")]
    assert [notice.code for notice in lost.transcript.warnings] == ["store.not_carried"]
    assert "spécialiste" not in lost.transcript.warnings[0].message("fr")
    stored = from_record(json.loads(dumps(lost.transcript)))
    assert [turn.markers[0].label for turn in unplaced_turns(stored)] == ["bond"]
    again = keep_human(stored, with_text(machine_session(*LINES), 3, "Mon frère devait passer dimanche."))
    assert dumps(again.transcript) == dumps(lost.transcript)  # rien ne s'ajoute ni ne se perd d'une fois à l'autre
    back = keep_human(stored, machine_session(*LINES))
    assert back.conflicts == () and people(back.transcript) == {3: ["bond"]} and "unplaced" not in back.transcript.extra


def test_un_empan_disparu_laisse_le_marqueur_et_garde_ses_mots():
    old = reviewed(machine_session(*LINES), 3, Marker("bond", HUMAN, spans=(Span(0, 3), Span(20, 47))))
    new = with_text(machine_session(*LINES), 3, "Enfin si vous voulez, c'est vous le spécialiste.")
    carried = keep_human(old, new)
    (marker,) = carried.transcript.turns[3].markers
    assert len(marker.spans) == 1 and marker.extra["lost_evidence"] == ["Bon"]
    assert [c.lost for c in carried.conflicts] == ["spans"]


# ------------------------------------------------------------------------------------------ the store


def test_la_base_garde_les_décisions_sur_un_texte_changé_et_liste_les_conflits(store, session):
    store.decide("s1", 0, "A", "accept", marker="task", seen=0)
    store.decide("s1", 3, "A", "change", marker="rupture", types=("confrontation",), spans=(Span(5, 19),), seen=0)
    undone = store.decide("s1", 4, "A", "none", seen=0)
    store.decide("s1", 4, "A", "undo", seen=undone.sequence)
    assert [a.outcome for a in store.add_sessions([session])] == ["unchanged"]
    changed = machine_session(("T", "Bonjour.", {}), *LINES[:3], ("P", "Tout autre chose, en fait.", {}), *LINES[4:])
    (added,) = store.add_sessions([changed])
    assert added.outcome == "revised" and [(c.turn, c.lost, c.reviewer) for c in added.conflicts] == [(3, "turn", "A")]
    state = store.state("s1", "A")
    assert [m.label for m in state.turns[1].own] == ["task"] and len(state.turns[5].pending) == 1
    assert store.conflicts("s1") == added.conflicts
    store.add_sessions([session])  # le texte d'avant revient : la décision aussi, l'annulée reste annulée
    state = store.state("s1", "A")
    assert state.turns[3].own[0].types == ("confrontation",) and store.conflicts("s1") == ()
    assert len(state.turns[4].pending) == 1


def test_un_texte_changé_laisse_annuler_ce_qui_fut_décidé_avant(store):
    store.decide("s1", 0, "A", "accept", marker="task", seen=0)
    store.add_sessions([machine_session(("T", "Bonjour.", {}), *LINES)])
    assert store.undo("s1", "A").turn == 1
    assert store.turn_state("s1", 1, "A").own == ()


def test_un_modèle_plus_récent_ne_change_pas_ce_qui_est_accepté(store):
    store.decide("s1", 0, "A", "accept", marker="task", seen=0)
    store.add_sessions([machine_session(("T", LINES[0][1], {"goal": 0.8}), *LINES[1:])])
    state = store.turn_state("s1", 0, "A")
    assert [m.label for m in state.own] == ["task"] and [item.marker.label for item in state.pending] == ["goal"]
