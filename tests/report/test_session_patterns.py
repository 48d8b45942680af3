"""What the session page makes of the patterns: phases, proposals, the dyad, kinds of transcript, pages without text."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from lxml import html

from alliance_nlp.patterns import dyad_session, session_patterns
from alliance_nlp.report import render_markdown, render_session, report_data
from alliance_nlp.report.curves import PANEL, TOP, densities_of, draw_curves, sample
from alliance_nlp.report.drawings import LEFT, RIGHT, turn_edges
from alliance_nlp.report.facts import read_facts
from alliance_nlp.report.kinds import is_unpunctuated, kinds_of
from alliance_nlp.report.page import print_head
from alliance_nlp.transcript import Role, Speaker, Transcript, Turn
from tests.report.conftest import FACTS
from tests.report.test_session_report import at, page_of, text_of

MEASURED = {
    **FACTS,
    "test_without_roles": {"sessions": 68, "macro_f1": {"value": 0.54}},
    "factors": {"transcription": [{"level": "asr", "sessions": 13, "macro_f1": 0.51}]},
    "ordinary_talk": {"turns": 1056, "rupture": 89.0, "task": 63.4},
}


@pytest.fixture
def two_phases(session_of, read_by_model) -> Transcript:
    """Return a session of forty turns that agree, then forty with a rupture every other one."""
    calm = ["T: <task>On note ensemble ?</task>", "P: <task>D'accord.</task>"] * 20
    tense = ["T: Et le carnet ?", "P: <confrontation>À quoi ça sert ?</confrontation>"] * 20
    return read_by_model(session_of(*calm, *tense), probabilities={79: 0.4}, doubtful=(79,))


# ----------------------------------------------------------------------------------------- phases


def test_les_phases_sont_dites_avec_leurs_tours_et_leurs_comptes(two_phases):
    rows = [text_of(row) for row in page_of(two_phases).xpath("//*[@id='phases']/tbody/tr")]
    assert rows == [
        "Phase 1 tours 1 à 40 (40) 40 100,0 0 0,0 0 0,0 0 0,0",
        "Phase 2 tours 41 à 80 (40) 0 0,0 0 0,0 20 50,0 0 0,0",
    ]


def test_une_seance_sans_changement_dit_qu_elle_n_a_qu_une_phase(session):
    page = page_of(session)
    assert "Une seule phase" in at(page, "apres-frise")
    assert not page.xpath("//*[@id='phases']")


def test_la_densite_va_d_un_bord_a_l_autre_et_reste_dans_ses_bandes(two_phases):
    patterns = session_patterns(two_phases)
    drawing = draw_curves(patterns, turn_edges(two_phases, patterns), densities_of([t.labels for t in two_phases.turns], None))
    assert drawing.scale == 1.0
    assert [(band.x1, band.x2) for band in drawing.bands][0][0] == LEFT
    agreement, tension = drawing.curves
    for curve, low, high in ((agreement, TOP, TOP + PANEL), (tension, TOP + PANEL, TOP + 2 * PANEL)):
        points = [tuple(map(float, pair.split())) for pair in curve.line[1:].split("L")]
        assert (points[0][0], points[-1][0]) == (LEFT, RIGHT)
        assert all(low - 0.1 <= y <= high + 0.1 for _, y in points)
        assert curve.sure_line is None


def test_la_densite_sans_les_marqueurs_douteux_est_dessinee_a_part(two_phases):
    shares = report_data(two_phases)["patterns"]["density"]["tension"]
    assert shares["sure"][-1] < shares["shares"][-1]
    assert shares["sure"][0] == shares["shares"][0]
    assert "En tirets" in at(page_of(two_phases), "frise")


def test_le_tableau_derriere_la_densite_dit_les_memes_nombres(two_phases):
    rows = page_of(two_phases).xpath("//*[@id='densite']/tbody/tr")
    assert len(rows) == 12
    assert text_of(rows[0]).startswith("tour 1 ") and text_of(rows[-1]).startswith("tour 80 ")
    shares = report_data(two_phases)["patterns"]["density"]["agreement"]["shares"]
    assert text_of(rows[0][1]) == f"{100 * shares[0]:.1f}".replace(".", ",")


def test_l_echantillon_tient_aux_deux_bouts():
    assert sample(5, 12) == (0, 1, 2, 3, 4)
    assert (sample(400, 12)[0], sample(400, 12)[-1], len(sample(400, 12))) == (0, 399, 12)


def test_le_tableau_derriere_la_frise_porte_tous_les_marqueurs(session):
    rows = [text_of(row) for row in page_of(session).xpath("//*[@id='marques']/tbody/tr")]
    assert rows == [
        "tour 3 T tâche",
        "tour 4 P rupture : confrontation (à vérifier)",
        "tour 5 T réparation",
        "tour 6 P lien ; réparation",
        "tour 9 T à vérifier",
        "tour 10 P tâche",
    ]


# -------------------------------------------------------------------------- proposals, bond, dyad


def test_les_propositions_disent_ce_qui_a_suivi_sans_juger(session):
    page = page_of(session)
    (row,) = page.xpath("//*[@id='propositions']//tbody/tr")
    assert text_of(row) == "Tour 3 tâche 4 confrontation Confrontation marquée ensuite, sans accord à vérifier"
    assert row.xpath(".//a/@href") == ["#t3", "#t4"]


def test_sans_therapeute_la_page_dit_pourquoi_elle_ne_voit_pas_de_proposition():
    transcript = Transcript("essai", (Turn(0, "S1", "Oui."),), (Speaker("S1"),))
    assert "Aucun thérapeute n’est connu" in at(page_of(transcript), "propositions")


def test_le_lien_apres_reparation_montre_ses_tours(session):
    (sentence,) = page_of(session).xpath("//*[@id='lien-apres']")
    assert text_of(sentence) == (
        "Lien dans les 10 tours qui suivent une réparation : 1 tour sur 5, soit 20,0 pour 100 (6) ; "
        "ailleurs : 0 tour sur 5, soit 0,0 pour 100."
    )
    assert sentence.xpath(".//a/@href") == ["#t6"]


def test_les_seances_precedentes_de_la_dyade_sont_mises_a_cote(session, session_of):
    now = dataclasses.replace(session, metadata={"dyad_id": "d1", "session_number": 7})
    earlier = session_of("T: <task>On note ?</task>", "P: <task>Oui.</task>", "T: Bien.", "P: Voilà.", session_id="seance-6")
    counts = dyad_session(dataclasses.replace(earlier, metadata={"dyad_id": "d1", "session_number": 6}))
    page = page_of(now, earlier=[counts], links={"seance-6": "seance-6.html"})
    assert "seance-6 (Séance n° 6)" in at(page, "dyade")
    assert page.xpath("//*[@id='dyade']//a/@href") == ["seance-6.html"]
    rows = {text_of(row[0]): [text_of(cell) for cell in row[1:]] for row in page.xpath("//*[@id='dyade']//tbody/tr")}
    assert rows["tâche"] == ["20,0", "50,0", "50,0 à 50,0"]
    assert report_data(now, earlier=[counts])["patterns"]["dyad"]["earlier"][0]["session_id"] == "seance-6"
    assert "| tâche | 20,0 | 50,0 |" in render_markdown(now, earlier=[counts])
    assert not page_of(now).xpath("//*[@id='dyade']")


# ------------------------------------------------------------------------- what may be wrong here


def test_un_texte_sans_ponctuation_est_dit_avec_ce_qui_en_a_ete_mesure(session):
    turns = tuple(dataclasses.replace(t, text="alors voilà moi je disais que le chien " * 3, markers=()) for t in session.turns)
    page = page_of(dataclasses.replace(session, turns=turns), model_facts=MEASURED)
    said = at(page, "verifier")
    assert "Texte sans ponctuation" in said
    assert "sur 13 séances d’essai de ce genre, le F1 moyen du modèle est de 0,51, contre 0,58" in said
    assert "89 tours comme rupture et 63 comme tâche" in at(page, "limites")


def test_un_texte_ponctue_n_est_d_aucun_genre_a_part(session):
    assert kinds_of(session, read_facts(MEASURED)) == ()
    assert "de ce genre" not in at(page_of(session, model_facts=MEASURED), "verifier")


def test_des_roles_inconnus_sont_dits_meme_sans_mesure(session):
    unknown = dataclasses.replace(session, speakers=(Speaker("T"), Speaker("P")))
    assert [kind.name for kind in kinds_of(unknown, read_facts(None))] == ["unknown_roles"]
    assert "n’a pas été mesuré" in at(page_of(unknown), "verifier")
    assert "est de 0,54, contre 0,58" in at(page_of(unknown, model_facts=MEASURED), "verifier")


def test_un_texte_trop_court_ne_dit_pas_s_il_est_ponctue():
    assert not is_unpunctuated(Transcript("essai", (Turn(0, "P", "oui oui oui"),), (Speaker("P", Role.PATIENT),)))


@pytest.mark.parametrize("odd", [{"factors": 3}, {"factors": {"transcription": "x"}}, {"ordinary_talk": []}, {"test_without_roles": {"macro_f1": 2}}])
def test_une_fiche_mal_faite_ne_dit_rien(odd):
    facts = read_facts(odd)
    assert (dict(facts.kinds), dict(facts.false_marks)) == ({}, {})


def test_les_doutes_d_un_episode_viennent_d_abord_et_les_autres_se_deplient(session_of, read_by_model):
    lines = [f"{'TP'[n % 2]}: On verra bien." for n in range(30)] + ["T: Alors ?", "P: <withdrawal>Bof.</withdrawal>"]
    transcript = read_by_model(session_of(*lines), doubtful=(*range(0, 20, 2), 31))
    page = page_of(transcript)
    items = page.xpath("//*[@id='verifier']//li[contains(@class, 'doubt-item')]")
    assert items[0].xpath(".//a/@href")[0] == "#t32"
    assert "dans l’épisode É1" in text_of(items[0])
    assert len(items) == 11
    assert len(page.xpath("//*[@id='verifier']//details//li")) == 3
    assert "3 autres tours à vérifier" in at(page, "verifier")


# ------------------------------------------------------------------------------------ without text


def runs_of_words(text: str, length: int = 3) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[place : place + length]) for place in range(len(words) - length + 1)}


SPEECH = (
    "T: Vous disiez que votre voisine arrosait les dahlias du balcon.",
    "P: <confrontation>Franchement vos petits carnets violets me cassent les oreilles.</confrontation>",
    "T: <repair>J'entends que le carnet violet pèse trop lourd pour vous.</repair>",
    "P: <bond>Chez vous au moins personne ne claque les portes.</bond> Le facteur siffle encore le matin.",
    "T: <task>On pourrait laisser dormir le cahier jusqu'aux prochaines vendanges ?</task>",
    "P: <task>Marché conclu pour les vendanges prochaines alors.</task>",
)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_sans_texte_aucune_suite_de_trois_mots_n_est_dans_le_fichier(session_of, read_by_model, language):
    """The template's own sentences must not hold such a run by chance, so the speech is unlike any of them."""
    transcript = read_by_model(session_of(*SPEECH), doubtful=(1, 3))
    spoken = {run for turn in transcript.turns for run in runs_of_words(turn.text)}
    options = {"language": language, "with_text": False, "model_facts": MEASURED}
    data = json.dumps(report_data(transcript, **options), ensure_ascii=False)
    for written in (render_session(transcript, **options), render_markdown(transcript, **options), data):
        assert not spoken & runs_of_words(written)
    whole = render_session(transcript, language=language)
    assert spoken & runs_of_words(whole)  # the search does find speech where there is some


def test_sans_texte_la_page_garde_ses_tours_ses_marqueurs_et_ses_liens(session):
    page = page_of(session, with_text=False)
    assert "ne contient aucun propos" in text_of(page.xpath("//header")[0])
    assert text_of(page.xpath("//li[@id='t4']")[0]).startswith("4 P patient·e rupture : confrontation 55 %")
    targets = {link[1:] for link in page.xpath("//@href") if link.startswith("#")}
    assert targets <= set(page.xpath("//@id"))
    assert not page.xpath("//*[@id='passages'] | //mark | //p[@class='said']")
    assert report_data(session, with_text=False)["turns"][3]["evidence"]["rupture"][0].keys() == {"start", "end"}


# ------------------------------------------------------------------------------------------- paper


def test_la_tete_de_page_ne_peut_pas_sortir_de_sa_chaine():
    rule = print_head('a"} body{display:none} </style>\n')
    assert re.fullmatch(r'@page \{ @top-left \{ content: "(\\[0-9a-f]{6})+"; [^<"]*"Liberation Sans"[^<"]*\}\n', rule)
    assert print_head("") == ""


def test_quatre_cents_tours_dont_un_sur_deux_est_marque_restent_legers(session_of, read_by_model):
    line = "Ben voilà, la semaine, le chien, le travail et puis la pluie. " * 3
    lines = [
        f"T: {line}" if n % 2 == 0 else f"P: <confrontation>{line}</confrontation> <bond>{line}</bond>"
        for n in range(400)
    ]
    transcript = read_by_model(session_of(*lines), doubtful=tuple(range(0, 400, 5)))
    page = render_session(transcript, model_facts=MEASURED)
    assert len(html.document_fromstring(page.encode()).xpath("//li[@class and @id]")) == 400
    assert len(page.encode("utf-8")) < 1_500_000
