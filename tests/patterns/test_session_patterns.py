"""Numbers of a session, on small sessions whose right answer anyone can count."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_nlp.patterns import EPISODE_GAP, Outcome, count_words, session_patterns
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Span, Speaker, Transcript, Turn


def filler(count: int) -> list[str]:
    """Return ``count`` turns of ordinary talk, the therapist first."""
    return [f"{'TP'[place % 2]}: On verra bien jeudi." for place in range(count)]


# ------------------------------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Bonjour, comment allez-vous ?", 3),
        ("Qu'est-ce que c'est ?", 3),
        ("« Oui » , il a dit.", 4),
        ("[rire] Oui. [silence 8 s]", 1),
        ("Je suis allé voir [PRÉNOM] à [VILLE 2].", 7),
        ("(silence 8 s) Non. (long soupir)", 1),
        ("Mon frère (enfin, mon demi-frère) est venu.", 7),
        ("[inaudible]", 0),
        ("…", 0),
        ("", 0),
    ],
)
def test_les_notes_du_transcripteur_ne_sont_pas_des_mots(text, words):
    assert count_words(text) == words


def test_un_tour_demesure_est_compte_sans_attendre():
    assert count_words("[" * 300_000) == 0
    assert count_words("-" * 300_000 + " mot" * 300_000) == 300_000


# ------------------------------------------------------------------------------------------- talk


def test_qui_a_parle_et_combien(session_of):
    patterns = session_patterns(session_of("T: Bonjour madame.", "P: Bonjour. Ça va un peu mieux.", "T: Ah."))
    therapist, patient = patterns.talk
    assert (therapist.speaker, therapist.role, therapist.turns, therapist.words) == (
        "T",
        Role.THERAPIST,
        2,
        3,
    )
    assert (patient.speaker, patient.turns, patient.words) == ("P", 1, 6)
    assert (therapist.turn_share, therapist.word_share) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert patterns.words == 9
    assert patterns.turn_words == (2, 6, 1)


def test_les_tours_sans_locuteur_sont_comptes_a_part():
    turns = (Turn(0, None, "Bonjour."), Turn(1, "P", "Bonjour à vous."))
    talk = session_patterns(Transcript("essai", turns, (Speaker("P", Role.PATIENT),))).talk
    assert [(part.speaker, part.role, part.words) for part in talk] == [
        ("P", Role.PATIENT, 3),
        (None, Role.UNKNOWN, 1),
    ]


def test_le_temps_de_parole_demande_que_tous_les_temps_soient_la():
    turns = (Turn(0, "T", "Oui.", 2.0, 5.0), Turn(1, "P", "Non.", 6.0, 10.0), Turn(2, "T", "Si.", 11.0))
    patterns = session_patterns(Transcript("essai", turns, (Speaker("T"), Speaker("P"))))
    assert patterns.duration_s == 9.0
    assert [part.speech_s for part in patterns.talk] == [None, 4.0]


def test_sans_temps_pas_de_duree(session_of):
    patterns = session_patterns(session_of("T: Bonjour.", "P: Bonjour."))
    assert patterns.duration_s is None
    assert patterns.talk[0].speech_s is None


# ----------------------------------------------------------------------------------------- thirds


def test_les_tiers_ont_autant_de_tours(session_of):
    thirds = session_patterns(session_of(*filler(7))).thirds
    assert [(third.first, third.last, third.turns) for third in thirds] == [(0, 2, 3), (3, 4, 2), (5, 6, 2)]


@given(st.integers(min_value=0, max_value=400))
def test_les_tiers_couvrent_la_seance_sans_recouvrement(count):
    turns = tuple(Turn(index, "P", "oui") for index in range(count))
    thirds = session_patterns(Transcript("essai", turns, (Speaker("P"),))).thirds
    covered = [
        index for third in thirds if third.first is not None for index in range(third.first, third.last + 1)
    ]
    assert covered == list(range(count))
    assert max(third.turns for third in thirds) - min(third.turns for third in thirds) <= 1


# ----------------------------------------------------------------------------------------- counts


def test_les_comptes_par_etiquette_locuteur_et_tiers(session_of):
    patterns = session_patterns(
        session_of(
            "T: <task>On essaie le carnet, si ça vous va ?</task>",
            "P: <task>D'accord.</task> <bond>Je vous fais confiance.</bond>",
            "T: Bien.",
            "P: <withdrawal>Si vous le dites.</withdrawal>",
            "T: <repair>Je vais trop vite, peut-être ?</repair>",
            "P: <task>Non, allons-y.</task>",
        )
    )
    task = patterns.count("task")
    assert task.turns == (0, 1, 5)
    assert task.cells == ((1, 0, 0), (1, 0, 1))
    assert (task.by_speaker, task.by_third, task.total) == ((1, 2), (2, 0, 1), 3)
    assert task.per_100_turns == pytest.approx(50.0)
    assert patterns.count("rupture").turns == patterns.count("withdrawal").turns == (3,)
    assert patterns.count("confrontation").total == patterns.count("goal").total == 0
    assert patterns.marked == (0, 1, 3, 4, 5)
    assert patterns.agreement == (0, 1, 5)


def test_une_rupture_double_compte_une_fois_et_chaque_type_une_fois(session_of):
    patterns = session_patterns(
        session_of(
            "T: Et l'exercice ?",
            "P: <withdrawal>Bof.</withdrawal> <confrontation>Ça sert à rien.</confrontation>",
        )
    )
    assert [patterns.count(name).total for name in ("rupture", "withdrawal", "confrontation")] == [1, 1, 1]


def test_deux_annotateurs_sur_un_tour_comptent_une_fois():
    markers = tuple(
        Marker("bond", Origin(OriginKind.HUMAN, name), spans=(Span(0, 5),)) for name in ("AB", "CD")
    )
    patterns = session_patterns(
        Transcript("essai", (Turn(0, "P", "Merci.", markers=markers),), (Speaker("P"),))
    )
    assert patterns.count("bond").total == 1
    assert [(entry.origin.name, entry.markers, entry.turns) for entry in patterns.origins] == [
        ("AB", 1, 1),
        ("CD", 1, 1),
    ]


def test_une_etiquette_inconnue_est_refusee(session_of):
    with pytest.raises(KeyError):
        session_patterns(session_of("T: Bonjour.")).count("transfert")


# --------------------------------------------------------------------------------------- episodes

RUPTURE = "P: <confrontation>Je vois pas à quoi ça sert.</confrontation>"
WITHDRAWAL = "P: <withdrawal>Si vous le dites.</withdrawal>"
REPAIR = "T: <repair>Je suis allé trop vite, je crois.</repair>"


def test_une_rupture_suivie_d_une_reparation(session_of):
    (episode,) = session_patterns(
        session_of("T: Et le carnet ?", RUPTURE, "T: Hm.", "P: Voilà.", REPAIR)
    ).episodes
    assert (episode.first, episode.last) == (1, 4)
    assert (episode.ruptures, episode.repairs) == ((1,), (4,))
    assert (episode.types, episode.outcome, episode.repair_delay) == (("confrontation",), Outcome.REPAIR, 3)


def test_une_rupture_que_personne_ne_reprend(session_of):
    (episode,) = session_patterns(session_of("T: Et le carnet ?", WITHDRAWAL, *filler(8))).episodes
    assert (episode.first, episode.last) == (1, 1)
    assert (episode.outcome, episode.repair_delay) == (Outcome.NO_REPAIR, None)


def test_une_reparation_puis_une_nouvelle_rupture(session_of):
    (episode,) = session_patterns(session_of("T: Alors ?", RUPTURE, REPAIR, WITHDRAWAL, "T: Bon.")).episodes
    assert episode.outcome is Outcome.RUPTURE_AGAIN
    assert episode.types == ("withdrawal", "confrontation")


def test_un_retrait_repris_dans_le_meme_tour(session_of):
    line = "P: <withdrawal>Bref, la météo.</withdrawal> <repair>Pardon, j'y reviens.</repair>"
    (episode,) = session_patterns(session_of("T: Vous en étiez à votre mère.", line)).episodes
    assert (episode.outcome, episode.repair_delay) == (Outcome.REPAIR, 0)


@pytest.mark.parametrize(("between", "episodes"), [(EPISODE_GAP - 1, 1), (EPISODE_GAP + 1, 2)])
def test_deux_ruptures_trop_loin_l_une_de_l_autre_font_deux_episodes(session_of, between, episodes):
    found = session_patterns(session_of("T: Et le carnet ?", RUPTURE, *filler(between), WITHDRAWAL)).episodes
    assert len(found) == episodes


def test_l_ecart_permis_est_exactement_celui_qui_est_dit():
    def at(index: int, labels: dict[int, Marker]) -> Turn:
        return Turn(index, "P", "oui", markers=(labels[index],) if index in labels else ())

    origin = Origin(OriginKind.AUTHORED, "essai")
    for gap, expected in ((EPISODE_GAP, 1), (EPISODE_GAP + 1, 0)):
        marks = {0: Marker("rupture", origin, types=("withdrawal",)), gap: Marker("repair", origin)}
        turns = tuple(at(index, marks) for index in range(gap + 1))
        (episode,) = session_patterns(Transcript("essai", turns, (Speaker("P"),))).episodes
        assert len(episode.repairs) == expected


def test_une_reparation_sans_rupture_n_ouvre_pas_d_episode(session_of):
    patterns = session_patterns(session_of(REPAIR, "P: Ça m'a fait réfléchir."))
    assert patterns.episodes == ()
    assert patterns.repairs_outside_episodes == (0,)


# ------------------------------------------------------------------------ agreement, doubt, nothing


def test_la_plus_longue_suite_sans_accord(session_of):
    patterns = session_patterns(
        session_of(
            "T: Bonjour.",
            "P: <goal>Je voudrais reprendre le métro.</goal>",
            "T: Hm.",
            "P: <bond>Ici je respire.</bond>",
            "T: Ah oui ?",
            "P: <task>J'ai rempli le carnet.</task>",
            "T: Très bien.",
        )
    )
    stretch = patterns.longest_without_agreement
    assert (stretch.first, stretch.last, stretch.turns, stretch.words) == (2, 4, 3, 6)


def test_un_accord_a_chaque_tour_ne_laisse_aucune_suite(session_of):
    assert session_patterns(session_of("P: <task>D'accord.</task>")).longest_without_agreement is None


def test_les_tours_douteux_sont_ceux_du_modele(session_of):
    transcript = session_of(*filler(4))
    turns = tuple(dataclasses.replace(turn, needs_review=turn.index in (1, 3)) for turn in transcript.turns)
    assert session_patterns(dataclasses.replace(transcript, turns=turns)).doubtful == (1, 3)


def test_une_seance_vide_ne_compte_rien():
    patterns = session_patterns(Transcript("vide"))
    assert (patterns.turns, patterns.words, patterns.talk, patterns.episodes) == (0, 0, (), ())
    assert patterns.longest_without_agreement is None
    assert all(count.total == 0 and count.per_100_turns == 0.0 for count in patterns.counts)
