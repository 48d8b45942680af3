"""From stretches of talk to turns: who keeps the floor, what is joined, what moves and what never does."""

from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.segmentation import Utterance, is_back_channel, is_note, merge_markers, segment, span_types
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span

CORPUS = Origin(OriginKind.AUTHORED, "corpus")


def said(speaker, text, start_s=None, end_s=None, **rest):
    return Utterance(speaker, text, start_s=start_s, end_s=end_s, **rest)


def turns(*utterances):
    return [(turn.speaker, turn.text) for turn in segment(utterances)]


# ------------------------------------------------------------------------------ joining


def test_ce_qu_une_personne_dit_de_suite_est_un_seul_tour():
    assert turns(said("P", "Je dors mal."), said("P", "Très mal."), said("T", "Depuis quand ?")) == [
        ("P", "Je dors mal. Très mal."),
        ("T", "Depuis quand ?"),
    ]


def test_le_tour_garde_sa_premiere_ligne_son_premier_debut_et_sa_derniere_fin():
    (turn,) = segment([said("P", "Je dors", 1.0, 4.5, line=7), said("P", "mal.", 3.0, 4.0, line=8)])
    assert (turn.line, turn.start_s, turn.end_s) == (7, 1.0, 4.5)


def test_ce_qui_est_vide_disparait_sans_couper_le_tour():
    assert turns(said("P", "Je dors"), said("T", "  "), said("P", "mal.")) == [("P", "Je dors mal.")]


def test_les_marqueurs_suivent_leurs_mots_et_se_rejoignent_par_etiquette():
    first = Marker("task", CORPUS, spans=(Span(0, 2),))
    second = Marker("task", CORPUS, spans=(Span(5, 9),))
    (turn,) = segment(
        [said("P", "Je note.", markers=(first,)), said("P", "Puis j'ai relu.", markers=(second,))]
    )
    (marker,) = turn.markers
    assert [turn.text[span.start : span.end] for span in marker.spans] == ["Je", "j'ai"]


def test_une_rupture_dit_quel_empan_montre_quel_type():
    withdrawal = Marker("rupture", CORPUS, types=("withdrawal",), spans=(Span(10, 14),))
    confrontation = Marker("rupture", CORPUS, types=("confrontation",), spans=(Span(0, 4),))
    goal = Marker("goal", CORPUS, spans=(Span(4, 6),))
    merged = merge_markers([withdrawal, confrontation, goal])
    assert [marker.label for marker in merged] == ["goal", "rupture"]
    assert merged[1].types == ("withdrawal", "confrontation")
    assert span_types(merged[1]) == [("confrontation",), ("withdrawal",)]


def test_les_marqueurs_de_deux_annotateurs_restent_deux():
    markers = [Marker("bond", Origin(OriginKind.HUMAN, code), spans=(Span(0, 2),)) for code in ("A1", "A2")]
    assert merge_markers(markers) == tuple(markers)


def test_les_colonnes_inconnues_restent_avec_le_tour():
    parts = [
        said("P", "a", extra={"salle": "12", "note": "x", "text": "?"}),
        said("P", "b", extra={"salle": "12", "note": "y"}),
    ]
    assert segment(parts)[0].extra == {"salle": "12", "note": ["x", "y"], "source_text": "?"}


# ------------------------------------------------------------------------------ order, back-channels


def test_avec_tous_les_temps_l_ordre_est_celui_des_debuts():
    assert turns(said("T", "Deux.", 2.0), said("P", "Un.", 1.0)) == [("P", "Un."), ("T", "Deux.")]


def test_s_il_manque_un_temps_rien_ne_bouge():
    assert turns(said("T", "Deux.", 2.0), said("P", "Un.", 1.0), said("T", "?"))[0] == ("T", "Deux.")


def test_un_acquiescement_pendant_la_parole_d_autrui_ne_coupe_pas_le_tour():
    assert turns(
        said("P", "Alors il est parti", 0, 10),
        said("T", "Hm hm.", 4, 5),
        said("P", "sans rien dire.", 10, 14),
    ) == [("P", "Alors il est parti sans rien dire."), ("T", "Hm hm.")]


def test_ouais_pendant_la_parole_ne_coupe_pas_mais_oui_a_une_question_est_un_tour():
    story = said("P", "Il est parti", 0, 10)
    assert (
        turns(story, said("T", "Ouais, ouais.", 4, 5), said("P", "sans rien.", 10, 12))[0][1]
        == "Il est parti sans rien."
    )
    question = said("T", "On essaie cette semaine ?", 0, 10)
    assert turns(question, said("P", "Oui.", 9, 10), said("T", "Bien.", 10, 11)) == [
        ("T", "On essaie cette semaine ?"),
        ("P", "Oui."),
        ("T", "Bien."),
    ]


def test_d_accord_est_toujours_un_vrai_tour():
    assert turns(
        said("T", "On essaie", 0, 10), said("P", "D'accord.", 4, 5), said("T", "dès lundi.", 10, 11)
    )[1] == (
        "P",
        "D'accord.",
    )


def test_un_acquiescement_qui_deborde_ou_sans_fin_connue_coupe():
    for sound in (
        said("T", "Hm.", 9, 11),
        said("T", "Hm.", 4, None),
        said("T", "Hm, et votre mère, alors ?", 4, 5),
    ):
        assert len(turns(said("P", "Il est parti", 0, 10), sound, said("P", "sans rien.", 11, 12))) == 3


def test_sans_temps_l_acquiescement_reste_a_sa_place():
    assert len(turns(said("P", "Il est parti"), said("T", "Hm."), said("P", "sans rien."))) == 3


def test_la_liste_des_acquiescements_est_courte():
    assert all(map(is_back_channel, ["Hm hm", "mm-hmm", "Mhm.", "Ah !", "Oh oh oh", "oui oui", "Ouais…"]))
    assert not any(map(is_back_channel, ["D'accord.", "Voilà.", "Non.", "Ah bon", "hm hm hm hm", "", "…"]))


# ------------------------------------------------------------------------------ no speaker, notes


def test_sans_locuteur_chaque_enonce_est_un_tour():
    assert turns(said(None, "Bonjour."), said(None, "Bonjour, entrez")) == [
        (None, "Bonjour."),
        (None, "Bonjour, entrez"),
    ]


def test_sans_locuteur_une_phrase_coupee_par_le_sous_titrage_est_recousue():
    assert turns(
        said(None, "Je suis venue parce", 0, 2),
        said(None, "que je dors mal.", 2.3, 4),
        said(None, "Ah.", 4, 5),
    ) == [
        (None, "Je suis venue parce que je dors mal."),
        (None, "Ah."),
    ]


def test_sans_locuteur_un_silence_separe():
    assert len(turns(said(None, "Je suis venue parce", 0, 2), said(None, "que je dors mal.", 3.5, 4))) == 2


def test_sans_locuteur_ni_ponctuation_un_fichier_ne_devient_pas_un_seul_tour():
    cues = [said(None, "et puis voilà quoi je sais pas", second, second + 1) for second in range(200)]
    found = segment(cues)
    assert len(found) > 5 and max(len(turn.text) for turn in found) <= 530


def test_une_note_seule_va_au_tour_d_avant_et_en_tete_au_premier():
    assert turns(
        said(None, "[silence 8 s]"), said("P", "Bon."), said(None, "(rire)"), said("T", "Oui ?")
    ) == [
        ("P", "[silence 8 s] Bon. (rire)"),
        ("T", "Oui ?"),
    ]


def test_une_note_pendant_un_acquiescement_reste_avec_la_parole():
    assert turns(
        said("P", "Il", 0, 9), said("T", "Hm.", 4, 5), said(None, "[rire]", 9, 9), said("P", "part.", 10, 12)
    ) == [
        ("P", "Il [rire] part."),
        ("T", "Hm."),
    ]


def test_ce_qui_est_note_et_ce_qui_ne_l_est_pas():
    assert is_note("[rire]") and is_note("(silence 8 s)") and is_note("[rire] (toux)…")
    assert not is_note("[rire] oui") and not is_note("(") and not is_note("") and not is_note("((")


def test_une_ligne_d_un_million_de_crochets_est_jugee_vite():
    assert not is_note("[a] " * 250_000 + "x") and not is_back_channel("hm " * 300_000)


# ------------------------------------------------------------------------------ for any talk

TEXT = (
    st.text(st.sampled_from("aé ’😀\u0301\u00a0.?[]()hm"), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)


@st.composite
def any_utterance(draw):
    text = draw(TEXT)
    start = draw(st.integers(0, len(text) - 1))
    span = Span(start, draw(st.integers(start + 1, len(text))))
    marker = Marker(draw(st.sampled_from(["goal", "task", "bond", "repair"])), CORPUS, spans=(span,))
    start_s = draw(st.none() | st.integers(0, 50))
    end_s = None if start_s is None else draw(st.none() | st.integers(start_s, 60))
    speaker = draw(st.sampled_from(["T", "P", None]))
    return Utterance(
        speaker, text, start_s=start_s, end_s=end_s, markers=draw(st.sampled_from([(), (marker,)]))
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(any_utterance(), max_size=12))
def test_rien_n_est_perdu_et_les_empans_restent_vrais(utterances):
    found = segment(utterances)
    assert sorted(" ".join(turn.text for turn in found).split()) == sorted(
        " ".join(u.text for u in utterances).split()
    )
    wanted = sorted(
        (m.label, u.text[s.start : s.end]) for u in utterances for m in u.markers for s in m.spans
    )
    shown = sorted((m.label, t.text[s.start : s.end]) for t in found for m in t.markers for s in m.spans)
    assert shown == wanted
    assert all(len({m.label for m in turn.markers}) == len(turn.markers) for turn in found)
    named = [turn.speaker for turn in found]
    assert all(a is None or a != b for a, b in zip(named, named[1:]))
