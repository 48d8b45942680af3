"""The session page, read as a supervisor would: what it says, what it never says, that it opens."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from alliance_nlp.errors import ConfigError
from alliance_nlp.labels import default_label_set
from alliance_nlp.messages import catalogue
from alliance_nlp.patterns import session_patterns
from alliance_nlp.report import (
    render_index,
    render_markdown,
    render_session,
    report_data,
    summarise,
    turn_anchor,
    turn_number,
)
from alliance_nlp.report.drawings import LEFT, RIGHT, has_times, place_by_time, place_by_words, time_line
from alliance_nlp.report.excerpts import beginning, cut, evidence_of, excerpt, join_passages
from alliance_nlp.report.facts import read_facts
from alliance_nlp.report.marks import doubts_of, marks_of
from alliance_nlp.report.page import SIGNS
from alliance_nlp.report.wording import Wording
from alliance_nlp.transcript import Marker, Notice, Origin, OriginKind, Role, Span, Speaker, Transcript, Turn
from tests.report.conftest import FACTS, MODEL

REPORT = Path(__file__).parents[2] / "src" / "alliance_nlp" / "report"
NBSP = "\u00a0"
BLOCKS = {"br", "dd", "div", "dt", "h2", "h3", "li", "p", "small", "td", "th", "tr"}


def page_of(transcript: Transcript, **options) -> html.HtmlElement:
    return html.document_fromstring(
        render_session(transcript, **options).encode("utf-8"), parser=html.HTMLParser(encoding="utf-8")
    )


def text_of(element) -> str:
    """Return what a reader sees: a cell, an item or a paragraph ends a word, no-break spaces are spaces."""

    def parts(node):
        yield node.text or ""
        for child in node:
            yield from parts(child)
            yield (" " if child.tag in BLOCKS else "") + (child.tail or "")

    return " ".join("".join(parts(element)).replace(NBSP, " ").replace("\u202f", " ").split())


def at(page, section: str) -> str:
    (found,) = page.xpath(f"//*[@id='{section}']")
    return text_of(found)


# ------------------------------------------------------------------------------------ what is said


def test_l_en_tete_dit_de_quelle_seance_il_s_agit(session):
    head = text_of(page_of(session, model_facts=FACTS).xpath("//header")[0])
    assert "seance-7" in head
    assert "Séance n° 7" in head
    assert "5 mars 2024" in head
    assert "T (thérapeute), P (patient·e)" in head
    assert "10 tours, 66 mots" in head
    assert "par le modèle modele-essai 1.0" in head
    assert "ne pose aucun diagnostic et n’évalue ni le patient ni le thérapeute" in head


def test_les_avertissements_de_la_transcription_sont_en_tete(session):
    session = dataclasses.replace(
        session, warnings=(Notice("autre.code", line=12, text="Deux locuteurs se ressemblent."),)
    )
    assert "ligne 12 Deux locuteurs se ressemblent." in text_of(
        page_of(session).xpath("//*[@class='warnings']")[0]
    )


def test_qui_a_parle_combien(session):
    rows = [text_of(row) for row in page_of(session).xpath("//*[@id='parole']//tbody/tr")]
    assert rows[0].startswith("T thérapeute 5 30 45 %")
    assert rows[1].startswith("P patient·e 5 36 55 %")


def test_les_comptes_par_tiers_et_par_locuteur(session):
    page = page_of(session)
    thirds, speakers = page.xpath("//*[@id='comptes']//*[@class='pair']//table")
    rows = {text_of(row[0]): [text_of(cell) for cell in row[1:]] for row in thirds.xpath("./tbody/tr")}
    assert rows["tâche"] == ["1", "·", "1", "2", "20,0"]
    assert rows["rupture"] == ["1", "·", "·", "1", "10,0"]
    assert rows["confrontation"] == ["1", "·", "·", "1", "10,0"]
    assert rows["retrait"] == ["·", "·", "·", "0", "0,0"]
    by_speaker = {
        text_of(row[0]): [text_of(cell) for cell in row[1:]] for row in speakers.xpath("./tbody/tr")
    }
    assert by_speaker["réparation"] == ["1", "1"]


def test_chaque_tour_a_son_adresse_et_tous_les_liens_menent_quelque_part(session):
    page = page_of(session)
    assert [turn.get("id") for turn in page.xpath("//li[contains(@class,'turn')]")] == [
        f"t{n}" for n in range(1, 11)
    ]
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    targets = {link[1:] for link in page.xpath("//@href") if link.startswith("#")}
    assert targets <= set(ids)


def test_le_numero_montre_et_l_adresse_sont_les_memes():
    assert (turn_number(0), turn_anchor(0)) == (1, "t1")


def test_le_passage_montre_l_indice_dans_son_contexte(session):
    passage = page_of(session).xpath("//*[@id='passages']//article")[0]
    assert text_of(passage.xpath("./h3")[0]) == "tours 2 à 7"
    lines = passage.xpath("./div")
    assert "context" in lines[0].get("class")
    assert "context" in lines[-1].get("class")
    (evidence,) = lines[2].xpath(".//mark")
    assert "Le carnet, le carnet… ça m'a servi à quoi, jusqu'ici ?" in text_of(evidence)
    assert "rupture : confrontation 55 % à vérifier" in text_of(lines[2])


def test_deux_indices_du_meme_tour_gardent_chacun_leur_etiquette(session):
    turn = page_of(session).xpath("//li[@id='t6']")[0]
    found = {mark.get("class"): text_of(mark) for mark in turn.xpath(".//mark")}
    assert "J'ai peur de mal faire." in found["ev ev-repair"]
    assert "À vous, j'ose le dire." in found["ev ev-bond"]


def test_les_tours_douteux_sont_listes_avec_leur_lien_et_la_raison(session):
    items = page_of(session).xpath("//*[@id='verifier']//li")
    assert [item.xpath(".//a/@href")[0] for item in items] == ["#t4", "#t9"]
    assert "rupture : confrontation 55 % marqué, à vérifier" in text_of(items[0])
    assert "rupture 4 % non marqué, à vérifier" in text_of(items[1])


def test_l_episode_est_cite_avec_le_tour_d_avant_et_la_reponse(session):
    (card,) = page_of(session).xpath("//*[@id='episodes']//article")
    assert card.xpath(".//a[@class='turn-no']/@href") == ["#t3", "#t4", "#t5", "#t6"]
    assert "ça m'a servi à quoi" in text_of(card)
    bare = html.fromstring(render_session(session, with_text=False))
    assert not bare.xpath("//*[@id='episodes']//article")


def test_les_cartes_disent_combien_de_tours_sont_a_verifier(session):
    cards = [text_of(card) for card in page_of(session).xpath("//*[@class='cards']/div")]
    assert [("dont 1 à vérifier" in card) for card in cards] == [False, False, True, False, False]


def test_l_episode_est_dit_en_mots(session):
    row = text_of(page_of(session).xpath("//*[@id='episodes']//tbody/tr")[0])
    assert (
        row == "É1 tours 4 à 6 3 tâche confrontation 4 confrontation à vérifier 5 réparation, 6 réparation 6 lien, 10 tâche "
        "Réparation, puis retour marqué : accord ou lien marqué ensuite (première réparation 1 tour après la première rupture)"
    )


def test_les_erreurs_mesurees_sont_dites_pour_cent_tours(session):
    limits = at(page_of(session, model_facts=FACTS), "limites")
    assert "tâche 72 sur 100 66 sur 100" in limits
    assert "F1 moyen 0,58" in limits
    assert "Ni un diagnostic, ni une note." in limits


def test_sans_fiche_la_page_dit_qu_elle_ne_sait_pas(session):
    assert "ne sont pas connus de cette page" in at(page_of(session), "limites")


def test_un_marqueur_pose_par_une_personne_dit_par_qui_et_sans_probabilite(session_of):
    transcript = session_of("T: Bonjour.", "P: Merci de m'avoir attendu.", "T: Je vous en prie.")
    for kind, expected in (
        (OriginKind.HUMAN, "lien annotation : AB"),
        (OriginKind.ADJUDICATED, "lien arbitrage : AB"),
        (OriginKind.AUTHORED, "lien auteur de la séance : AB"),
    ):
        marker = Marker("bond", Origin(kind, "AB"), spans=(Span(0, 5),))
        turns = tuple(
            dataclasses.replace(t, markers=(marker,) if t.index == 1 else ()) for t in transcript.turns
        )
        page = page_of(dataclasses.replace(transcript, turns=turns))
        assert text_of(page.xpath("//li[@id='t2']//p[@class='marks']")[0]) == expected
        assert not page.xpath("//*[@id='verifier']")
        assert "Aucun modèle n’a lu cette séance" in at(page, "limites")


# -------------------------------------------------------------------------------------- time line


def test_la_frise_montre_chaque_marqueur_par_sa_forme_et_mene_au_tour(session):
    drawing = page_of(session).xpath("//*[local-name()='svg' and @class='tl']")[0]
    signs = {a.get("aria-label"): a for a in drawing.xpath(".//*[local-name()='a' and @data-label]")}
    name = f"tour{NBSP}4, P{NBSP}: rupture{NBSP}: confrontation, 55{NBSP}%, à vérifier"
    assert signs[name].get("href") == "#t4"
    (use,) = signs[name].xpath("./*[local-name()='use']")
    assert (use.get("href"), use.get("class")) == ("#g-triangle-up", "mk-confrontation hollow")
    assert len(signs) == 6
    assert len(drawing.xpath(".//*[local-name()='rect' and starts-with(@class,'bar')]")) == 10
    assert drawing.xpath("./*[local-name()='title']") and drawing.xpath("./*[local-name()='desc']")


def test_toute_forme_des_etiquettes_est_dessinee():
    sprite = (REPORT / "templates" / "sprite.svg.j2").read_text(encoding="utf-8")
    for label in default_label_set().labels:
        for shape in [kind.shape for kind in label.types] or [label.shape]:
            assert f'id="g-{shape}"' in sprite
            assert shape in SIGNS


@given(st.lists(st.integers(min_value=0, max_value=20_000), min_size=1, max_size=80))
def test_les_tours_se_suivent_sans_trou_ni_recouvrement(words):
    edges = place_by_words(words)
    assert edges[0][0] == LEFT
    assert edges[-1][1] == pytest.approx(RIGHT)
    assert all(a[1] == b[0] and a[0] < a[1] for a, b in zip(edges, edges[1:]))


def test_avec_des_temps_la_largeur_est_le_temps():
    turns = (
        Turn(0, "T", "Oui.", 10.0, 20.0),
        Turn(1, "P", "Non, pas du tout.", 20.0, 50.0),
        Turn(2, "T", "Ah.", 50.0, 60.0),
    )
    assert has_times(turns)
    widths = [right - left for left, right in place_by_time(turns)]
    assert widths[1] == pytest.approx(3 * widths[0])
    assert not has_times((Turn(0, "T", "Oui.", 10.0), Turn(1, "P", "Non.")))
    assert not has_times((Turn(0, "T", "Oui.", 10.0, 11.0), Turn(1, "P", "Non.", 4.0, 5.0)))


def test_deux_signes_qui_se_toucheraient_sont_decales():
    turns = tuple(Turn(i, "P", "oui", markers=(Marker("bond", MODEL, probability=0.9),)) for i in range(200))
    transcript = Transcript("essai", turns, (Speaker("P", Role.PATIENT),))
    marks = {turn.index: marks_of(turn, read_facts(None)) for turn in turns}
    drawing = time_line(transcript, session_patterns(transcript), marks=marks)
    first, second = drawing.symbols[:2]
    assert second.x - first.x < 11
    assert second.y > first.y


# ----------------------------------------------------------------------------------------- doubt


def test_les_bandes_de_doute_disent_de_quelle_etiquette_il_s_agit():
    turn = Turn(
        0, "P", "Bof.",
        markers=(Marker("task", MODEL, probability=0.97), Marker("bond", MODEL, probability=0.5)),
        probabilities={"task": 0.97, "bond": 0.5, "rupture": 0.31, "goal": 0.0, "repair": 0.0},
        needs_review=True,
    )  # fmt: skip
    bands = {
        "per_label": {name: {"review_low": 0.3, "review_high": 0.6} for name in ("task", "bond", "rupture")}
    }
    facts = read_facts(bands)
    assert [(d.label, d.marked) for d in doubts_of(turn, facts)] == [("bond", True), ("rupture", False)]
    assert [(m.marker.label, m.doubtful) for m in marks_of(turn, facts)] == [("task", False), ("bond", True)]
    assert [d.label for d in doubts_of(turn, read_facts(None))] == ["task", "bond"]


def test_un_tour_sur_ne_porte_aucun_doute():
    turn = Turn(
        0, "P", "Bof.", markers=(Marker("task", MODEL, probability=0.5),), probabilities={"task": 0.5}
    )
    assert doubts_of(turn, read_facts(FACTS)) == ()


@pytest.mark.parametrize(
    "odd", [None, {}, {"per_label": []}, {"per_label": {"goal": 3}}, {"macro_f1": "haut", "name": 4}]
)
def test_une_fiche_bizarre_est_une_fiche_inconnue(odd, session):
    assert not read_facts(odd).measured
    assert "ne sont pas connus de cette page" in at(page_of(session, model_facts=odd), "limites")


# -------------------------------------------------------------------------------------- excerpts


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 59), st.integers(1, 60)), max_size=5))
def test_les_morceaux_mis_bout_a_bout_redonnent_le_tour(text, pairs):
    spans = tuple(Span(a, b) for a, b in pairs if a < b <= len(text))
    markers = tuple(
        Marker(("goal", "task", "bond")[place % 3], MODEL, probability=0.5, spans=(span,))
        for place, span in enumerate(spans)
    )
    turn = Turn(0, "P", text, markers=markers)
    pieces = cut(turn)
    assert len("".join(piece.text for piece in pieces)) == len(text)
    for label, joined in evidence_of(turn).items():
        covered = sum(len(piece.text) for piece in pieces if label in piece.labels)
        assert covered == sum(span.end - span.start for span in joined)
        assert sum(label in piece.opens for piece in pieces) == sum(label in piece.closes for piece in pieces)


def test_un_tour_demesure_est_montre_autour_de_l_indice():
    text = "mot " * 5_000 + "je vous en veux " + "mot " * 5_000
    place = text.index("je vous")
    marker = Marker(
        "rupture", MODEL, types=("confrontation",), probability=0.8, spans=(Span(place, place + 15),)
    )
    pieces = excerpt(Turn(0, "P", text, markers=(marker,)))
    shown = "".join(piece.text for piece in pieces)
    assert [piece.text for piece in pieces if piece.labels] == ["je vous en veux"]
    assert shown.startswith("… mot") and shown.endswith("mot …")
    assert len(shown.split()) == 4 + 40 + 40 + 2


def test_un_tour_court_est_montre_entier():
    turn = Turn(0, "P", "Bon, on y va.")
    assert "".join(piece.text for piece in excerpt(turn)) == turn.text
    assert "".join(piece.text for piece in beginning(turn)) == turn.text


def test_les_passages_voisins_se_rejoignent_et_restent_dans_la_seance():
    passages = join_passages([0, 2, 6, 9], 10)
    assert [(p.first, p.last, p.marked) for p in passages] == [(0, 3, (0, 2)), (5, 7, (6,)), (8, 9, (9,))]


# --------------------------------------------------------------------------------- hard sessions


def test_le_texte_qui_ressemble_a_du_code_reste_du_texte(session):
    bad = "<script>alert(1)</script> & </style> <img src=x onerror=alert(2)> \"' {{ 7*7 }}"
    turns = (dataclasses.replace(session.turns[0], text=bad), *session.turns[1:])
    odd = dataclasses.replace(
        session, session_id="<b>a</b>", turns=turns, warnings=(Notice("x.y", text="<i>avis</i>"),)
    )
    page = page_of(odd)
    assert len(page.xpath("//script")) == 1
    assert not page.xpath("//img | //b[text()='a'] | //i")
    assert text_of(page.xpath("//li[@id='t1']//p[@class='said']")[0]) == bad
    assert text_of(page.xpath("//h1")[0]) == "<b>a</b>"


def test_une_seance_sans_tour_a_sa_page():
    page = page_of(Transcript("vide"))
    assert "Cette séance ne contient aucun tour de parole." in text_of(page)
    assert not page.xpath("//*[@id='frise']")


def test_une_seance_sans_marqueur_ne_dit_pas_que_l_alliance_est_mauvaise(session_of):
    page = page_of(session_of("T: Bonjour.", "P: Bonjour."))
    assert "Aucun passage marqué." in at(page, "passages")
    assert "Cela ne veut pas dire que l’alliance est absente" in text_of(page.xpath("//header")[0])


@pytest.mark.parametrize(
    ("role", "sentence"),
    [(Role.UNKNOWN, "Indiquez les rôles avec --roles"), (Role.OTHER, "Aucun locuteur n’est thérapeute")],
)
def test_des_roles_incertains_sont_signales_avec_le_remede(role, sentence):
    transcript = Transcript(
        "essai", (Turn(0, "S1", "Oui."), Turn(1, "S2", "Non.")), (Speaker("S1", role), Speaker("S2", role))
    )
    assert sentence in text_of(page_of(transcript).xpath("//header")[0])


def test_un_tour_sans_locuteur_est_nomme_comme_tel():
    page = page_of(Transcript("essai", (Turn(0, None, "Bonjour."),)))
    assert "locuteur inconnu" in text_of(page.xpath("//li[@id='t1']")[0])
    assert "rôle inconnu" not in text_of(page)


def test_un_caractere_que_la_page_ne_peut_pas_tenir_est_remplace():
    turn = Turn(
        0,
        "P",
        "ou\x00i \ud800 é\u0301 😀",
        markers=(Marker("bond", MODEL, probability=0.9, spans=(Span(9, 11),)),),
    )
    page = page_of(Transcript("essai", (turn,), (Speaker("P", Role.PATIENT),)))
    assert "ou\ufffdi \ufffd" in text_of(page.xpath("//li[@id='t1']//p[@class='said']")[0])


def test_quatre_cents_tours_font_un_fichier_leger(read_by_model, session_of):
    lines = [
        f"T: <task>On essaie le numéro {n}, ça vous irait ?</task>"
        if n % 3 == 0
        else f"P: {'Ben voilà, la semaine. ' * 8}"
        for n in range(400)
    ]
    turns = session_of(*lines).turns
    transcript = read_by_model(
        Transcript("longue", turns, (Speaker("T", Role.THERAPIST), Speaker("P", Role.PATIENT)))
    )
    assert len(render_session(transcript).encode("utf-8")) < 1_500_000


# ------------------------------------------------------------------------- one file, nothing else


def test_la_page_n_appelle_rien_et_n_execute_que_son_script(session):
    source = render_session(session, model_facts=FACTS)
    page = html.document_fromstring(source.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8"))
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        (element,) = page.xpath(f"//{kind}")
        digest = base64.b64encode(hashlib.sha256(element.text.encode("utf-8")).digest()).decode("ascii")
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not re.search(
        r"https?:|url\(|@import|src=", re.sub(r"<script>.*</script>", "", source, flags=re.DOTALL)
    )
    assert not page.xpath("//@style | //link | //@onclick")


def test_la_meme_seance_donne_les_memes_octets(session):
    assert render_session(session, model_facts=FACTS) == render_session(session, model_facts=FACTS)
    assert render_markdown(session) == render_markdown(session)


def test_la_page_est_construite_pour_etre_lue_par_tous(session):
    page = page_of(session, model_facts=FACTS)
    assert page.get("lang") == "fr"
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:]))
    assert all(table.xpath("./caption") for table in page.xpath("//table"))
    assert not page.xpath("//table//th[not(@scope)]")
    assert len(page.xpath("//main")) == len(page.xpath("//header")) == len(page.xpath("//footer")) == 1


def test_la_transcription_garde_sa_langue(session):
    english = dataclasses.replace(session, language="en")
    assert page_of(english).xpath("//li[@id='t1']//p[@class='said']/@lang") == ["en"]


# ----------------------------------------------------------------------------------- typography


def test_les_phrases_francaises_ont_leurs_espaces_insecables():
    for key, sentences in catalogue("report").items():
        french = sentences["fr"]
        assert not re.search(r" [:;?!%»]|« ", french), key
        assert not re.search(r"[^\s\u00a0\u202f][;?!»]", french), key
        assert "'" not in french, key


def test_chaque_phrase_des_gabarits_existe():
    known = set(catalogue("report"))
    for path in [*REPORT.glob("templates/*"), *REPORT.glob("*.py")]:
        source = path.read_text(encoding="utf-8")
        for key in re.findall(r'say\(["\'](\w+)["\']', source):
            assert key in known or key.endswith("_"), f"{path.name}: {key}"
        for key in re.findall(r'count\(["\'](\w+)["\'],', source):
            assert {f"{key}_one", f"{key}_many"} <= known, f"{path.name}: {key}"


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [(1234.5, "1\u202f234,5", "1,234.5"), (0.25, "0,2", "0.2"), (12.0, "12,0", "12.0")],
)
def test_les_nombres_s_ecrivent_comme_on_les_lit(value, french, english):
    assert (Wording("fr").number(value, 1), Wording("en").number(value, 1)) == (french, english)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "< 1 %"), (0.004, "< 1 %"), (0.115, "12 %"), (0.62, "62 %"), (0.996, "> 99 %"), (1.0, "> 99 %")],
)
def test_une_probabilite_n_est_jamais_certaine(value, shown):
    assert Wording("fr").probability(value) == shown.replace(" ", NBSP)


def test_les_durees_et_les_heures():
    wording = Wording("fr")
    durations = [wording.duration(seconds).replace(NBSP, " ") for seconds in (40, 3119, 3840)]
    assert durations == ["40 s", "52 min", "1 h 04 min"]
    assert [wording.clock(seconds) for seconds in (0, 187.9, 3787)] == ["00:00", "03:07", "1:03:07"]


def test_zero_est_singulier_en_francais_seulement():
    assert Wording("fr").count("turns", 0) == f"0{NBSP}tour"
    assert Wording("en").count("turns", 0) == "0 turns"


def test_la_page_existe_en_anglais_et_en_aucune_autre_langue(session):
    page = page_of(session, language="en", model_facts=FACTS)
    assert page.get("lang") == "en"
    assert "makes no diagnosis" in text_of(page)
    assert "72 in 100" in text_of(page)
    with pytest.raises(ConfigError):
        render_session(session, language="de")


# ---------------------------------------------------------------------------- Markdown and JSON


def test_le_markdown_dit_la_meme_chose(session):
    text = render_markdown(session, model_facts=FACTS).replace(NBSP, " ")
    assert text.startswith("# seance-7\n")
    assert "| É1 | tours 4 à 6 | 3 (tâche) | confrontation : 4 | 5, 6 | 6 (lien, réparation), 10 (tâche) | **Réparation, puis retour marqué** :" in text
    assert "| 3 | tâche | 4 (rupture) | Confrontation marquée ensuite, sans accord |" in text
    assert "## Phases" in text and "dans l’épisode É1" in text
    assert "| T | thérapeute | 5 | 30 | 45 % |" in text
    assert "‹rupture : Le carnet, le carnet… ça m'a servi à quoi, jusqu'ici ?›" in text
    assert "| tâche | 72 sur 100 | 66 sur 100 |" in text


def test_le_markdown_ne_laisse_rien_passer_du_texte():
    turn = Turn(0, "P|Q", "<script>x</script> *gras* [lien](http://a) `code`\n# titre")
    text = render_markdown(Transcript("essai_1", (turn,), (Speaker("P|Q", Role.PATIENT),)))
    assert "<script>" not in text
    assert "\\*gras\\* \\[lien\\](http://a) \\`code\\` # titre" in text
    assert "| P\\|Q |" in text


def test_un_tour_qui_commence_par_un_signe_de_liste_reste_un_tour():
    turns = (Turn(0, "P", "- Oui."), Turn(1, "T", "# Non."), Turn(2, "P", "1. Peut-être."))
    text = render_markdown(Transcript("essai", turns, (Speaker("P"), Speaker("T"))))
    assert not re.search(r"^(- Oui|# Non|1\. Peut)", text, flags=re.MULTILINE)


def test_le_json_porte_les_memes_nombres(session):
    data = json.loads(json.dumps(report_data(session, model_facts=FACTS)))
    assert data["schema"] == "alliance-nlp/session-report/1"
    assert data["patterns"]["speakers"][0] == {
        "speaker": "T", "role": "therapist", "turns": 5, "words": 30, "turn_share": 0.5,
        "word_share": 0.4545, "longest_turn_words": 10, "speech_s": None,
    }  # fmt: skip
    assert data["doubtful"][0] == {
        "index": 3, "number": 4, "labels": [{"label": "rupture", "probability": 0.55, "marked": True}], "episode": 1,
    }  # fmt: skip
    (episode,) = data["patterns"]["episodes"]
    assert (episode["first"], episode["last"], episode["outcome"], episode["repair_delay_turns"]) == (
        3,
        5,
        "repair",
        1,
    )
    assert data["turns"][3]["evidence"]["rupture"][0]["text"].startswith("Le carnet, le carnet")
    assert data["limits"]["errors"]["per_label"]["task"] == {"precision": 0.72, "recall": 0.66}


# ------------------------------------------------------------------------------ the folder's page


def index_of(summaries, **options) -> html.HtmlElement:
    source = render_index(summaries, **options).encode("utf-8")
    return html.document_fromstring(source, parser=html.HTMLParser(encoding="utf-8"))


def test_l_index_donne_une_ligne_par_seance_et_le_total(session):
    other = dataclasses.replace(session, session_id="séance 8#b")
    rows = [
        summarise(session, link="reports/seance-7.html"),
        summarise(other, link="reports/séance_8#b.html"),
    ]
    page = index_of(rows, model_facts=FACTS)
    assert text_of(page.xpath("//h1")[0]) == "2 séances"
    first, second = page.xpath("//table[@data-sortable]/tbody/tr")
    assert text_of(first).startswith(
        "seance-7 7 T thérapeute, P patient·e 10 66 · 2 1 1 ▲confrontation 1 2 2"
    )
    assert second.xpath(".//a/@href") == ["reports/s%C3%A9ance_8%23b.html"]
    assert text_of(page.xpath("//tfoot/tr")[0]) == "Ensemble 20 132 0 4 2 2 4 4 0"
    assert "ne classent pas les séances" in at(page, "limites")


def test_l_index_nomme_les_fichiers_non_lus_et_pourquoi(session):
    page = index_of([summarise(session)], failures=[("<vide>.txt", "Le fichier est vide.")])
    assert text_of(page.xpath("//*[@id='echecs']//tbody/tr")[0]) == "<vide>.txt Le fichier est vide."


def test_l_index_sans_seance_le_dit():
    assert "Aucune séance n’a pu être lue." in text_of(index_of([], failures=[("a.txt", "Illisible.")]))


def test_l_index_ne_contient_aucun_propos(session):
    source = render_index([summarise(session)])
    for turn in session.turns:
        assert turn.text not in source


def test_les_champs_des_phrases_sont_ceux_qu_on_remplit():
    for key, sentences in catalogue("report").items():
        names = {name for _, name, _, _ in string.Formatter().parse(sentences["fr"])} - {None}
        assert all(re.fullmatch(r"[a-z]+", name) for name in names), key
