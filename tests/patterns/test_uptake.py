"""What the patient side did with the therapist's proposals, read from short exchanges."""

from __future__ import annotations

import pytest

from alliance_nlp.patterns import UPTAKE_TURNS, Uptake, session_patterns

PROPOSAL = "T: <task>On essaie le carnet, si ça vous va ?</task>"
AGAIN = "T: <task>Ou seulement le soir, qu'en dites-vous ?</task>"
AIM = "T: <goal>Le but, ce serait de reprendre le métro ?</goal>"
YES = "P: <task>D'accord.</task>"
WITHDRAWAL = "P: <withdrawal>Si vous voulez.</withdrawal>"
NO = "P: <confrontation>Non, ça sert à rien.</confrontation>"
ELSEWHERE = "T: Et votre frère, il est passé dimanche ?"
T, P = "T: Hm.", "P: Le chien a dormi."


def one(session_of, *lines):
    (proposal,) = session_patterns(session_of(*lines)).proposals
    return proposal


@pytest.mark.parametrize(
    ("lines", "uptake"),
    [
        ((PROPOSAL, YES), Uptake.ACCEPTED),
        ((PROPOSAL, P, T, YES), Uptake.ACCEPTED),
        ((PROPOSAL, P, AGAIN, YES), Uptake.REFINED),
        ((PROPOSAL, NO, AGAIN, YES), Uptake.REFINED),
        ((PROPOSAL, WITHDRAWAL, AGAIN, YES), Uptake.REFINED),
        ((PROPOSAL, P, AGAIN, NO, T, YES), Uptake.GRUDGING),
        ((PROPOSAL, WITHDRAWAL), Uptake.GRUDGING),
        ((PROPOSAL, WITHDRAWAL, T, YES), Uptake.GRUDGING),
        ((PROPOSAL, "P: <withdrawal>Bon.</withdrawal> <task>Je le ferai.</task>"), Uptake.GRUDGING),
        ((PROPOSAL, "P: <confrontation>Encore !</confrontation> <task>Bon, je note.</task>"), Uptake.GRUDGING),
        ((PROPOSAL, NO), Uptake.REFUSED),
        ((PROPOSAL, WITHDRAWAL, T, NO), Uptake.REFUSED),
        ((PROPOSAL, NO, AGAIN, P), Uptake.REFUSED),
        ((PROPOSAL, P, T, P), Uptake.UNMARKED),
        ((PROPOSAL, P, AGAIN, P), Uptake.UNMARKED),
        ((PROPOSAL, P, ELSEWHERE, YES), Uptake.UNMARKED),  # « d'accord » answers what was said last
        ((PROPOSAL, P, ELSEWHERE, NO), Uptake.UNMARKED),
        ((PROPOSAL, WITHDRAWAL, ELSEWHERE, YES), Uptake.GRUDGING),
        ((PROPOSAL,), Uptake.UNMARKED),
    ],
)
def test_ce_qui_suit_une_proposition(session_of, lines, uptake):
    assert one(session_of, *lines).uptake is uptake


def test_les_tours_de_l_echange_sont_nommes(session_of):
    proposal = one(session_of, P, PROPOSAL, NO, AGAIN, P, T, YES)
    assert (proposal.turns, proposal.ruptures, proposal.acceptance) == ((1, 3), (2,), 6)
    assert (proposal.labels, proposal.answers) == (("task",), (2, 6))


def test_une_proposition_acceptee_ferme_l_echange(session_of):
    found = session_patterns(session_of(PROPOSAL, YES, AGAIN, NO)).proposals
    assert [(proposal.turns, proposal.uptake) for proposal in found] == [
        ((0,), Uptake.ACCEPTED),
        ((2,), Uptake.REFUSED),
    ]


def test_un_but_dit_apres_une_tache_n_est_pas_un_oui_a_la_tache(session_of):
    goal = "P: <goal>Ce que je veux, c'est dormir.</goal>"
    assert one(session_of, PROPOSAL, goal).uptake is Uptake.UNMARKED
    assert one(session_of, AIM, goal).uptake is Uptake.ACCEPTED


@pytest.mark.parametrize(("between", "uptake"), [(UPTAKE_TURNS - 1, Uptake.ACCEPTED), (UPTAKE_TURNS + 1, Uptake.UNMARKED)])
def test_une_reponse_trop_lointaine_ne_compte_pas(session_of, between, uptake):
    silence = [(P, T)[place % 2] for place in range(between)]
    assert one(session_of, PROPOSAL, *silence, YES).uptake is uptake


def test_le_patient_qui_propose_n_est_pas_le_therapeute(session_of):
    assert session_patterns(session_of(T, YES)).proposals == ()


def test_sans_therapeute_connu_aucune_proposition_n_est_lue(session_of):
    patterns = session_patterns(session_of("A: <task>On note ?</task>", "B: <task>Oui.</task>", A="unknown", B="unknown"))
    assert (patterns.proposals, patterns.therapists) == ((), ())


def test_dans_un_couple_la_reponse_de_l_un_ou_de_l_autre_compte(session_of):
    roles = {"T": "therapist", "A": "patient", "B": "partner"}
    patterns = session_patterns(session_of(PROPOSAL, "A: Ben.", "B: <task>Oui, on essaie.</task>", **roles))
    assert [(p.uptake, p.acceptance) for p in patterns.proposals] == [(Uptake.ACCEPTED, 2)]
