"""The corpus report, read as a researcher would: what it counts, what it refuses to say, the files beside it."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import string
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from alliance_nlp.batch.corpus_files import write_corpus_report
from alliance_nlp.evaluation.likeness import NOT_THERAPY
from alliance_nlp.messages import catalogue
from alliance_nlp.report import corpus_report, render_index, summarise
from alliance_nlp.report.canvas import OUTLINES, Box, Drawing, Sign, Stroke, Words, svg
from alliance_nlp.report.charts import (
    CoursePanel,
    CoursePoint,
    CourseSpan,
    IntervalRow,
    course_chart,
    interval_chart,
    nice_ticks,
    paint_of,
)
from alliance_nlp.report.corpus import FEW
from alliance_nlp.report.corpus_groups import choose_factors, file_stems
from alliance_nlp.report.corpus_rates import five_numbers
from alliance_nlp.report.corpus_wording import CorpusWording
from alliance_nlp.report.dyad import dyad_stems
from alliance_nlp.report.figures import png_available, png_bytes
from alliance_nlp.report.tables import Column, Table
from alliance_nlp.statistics import count_session
from alliance_nlp.transcript import Marker, Notice, Origin, OriginKind, Role, Speaker, Transcript, Turn
from tests.report.test_session_report import at, text_of

MODEL = Origin(OriginKind.MODEL, "modele-essai", "1.0")
PERSON = Origin(OriginKind.HUMAN, "AB")
REPORT = Path(__file__).parents[2] / "src" / "alliance_nlp" / "report"
NBSP = "\u00a0"


def seance(name: str, tags: str, *, origin: Origin = MODEL, **metadata) -> Transcript:
    """Return a session of two speakers in turn, patient first; each letter is one turn.

    ``t`` task, ``g`` goal, ``b`` bond, ``r`` withdrawal (patient's turn only), ``p`` repair, ``.`` nothing.
    """
    labels = {"t": "task", "g": "goal", "b": "bond", "r": "rupture", "p": "repair"}

    def markers(tag: str) -> tuple[Marker, ...]:
        types = ("withdrawal",) if tag == "r" else ()
        return () if tag == "." else (Marker(labels[tag], origin, types=types),)

    turns = tuple(Turn(place, "PT"[place % 2], f"propos {place}", markers=markers(tag)) for place, tag in enumerate(tags))
    speakers = (Speaker("P", Role.PATIENT), Speaker("T", Role.THERAPIST))
    return Transcript(name, turns, speakers, metadata=metadata)


def summaries(*sessions: Transcript):
    return [summarise(session, link=f"reports/{session.session_id}.html") for session in sessions]


def parsed(source: str) -> html.HtmlElement:
    return html.document_fromstring(source.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8"))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def table(report, name: str) -> list[dict[str, str]]:
    return rows_of(report.texts[f"tables/{name}.csv"])


@pytest.fixture
def deux_seances():
    """Return two sessions of twelve turns: 3 and 1 turns of task, 1 and 2 ruptures on six patient turns each."""
    return summaries(seance("a", "rt.t.t......"), seance("b", "r.r..t......"))


@pytest.fixture
def dyade():
    """Return eight sessions of one dyad with twenty turns each; agreement falls in the fifth and comes back."""
    usual, low = "t.t.t.t.t.t.t.t.....", "...................."
    tags = [usual, usual.replace("t.", "t.", 1), usual, usual, low, usual, usual, usual]
    return summaries(*(seance(f"s{n}", own, dyad_id="d07", session_number=n) for n, own in enumerate(tags, 1)))


# ------------------------------------------------------------------------------------------- rates


def test_le_taux_est_pour_cent_tours_possibles(deux_seances):
    rates = {(row["label"], row["side"]): row for row in table(corpus_report(deux_seances), "rates")}
    assert float(rates["task", "all"]["per_100_turns"]) == pytest.approx(100 * 4 / 24, abs=1e-4)
    assert float(rates["task", "therapist"]["per_100_turns"]) == pytest.approx(100 * 4 / 12, abs=1e-4)
    assert float(rates["task", "patient"]["per_100_turns"]) == 0.0


def test_une_rupture_ne_se_compte_que_cote_patient(deux_seances):
    rates = [row for row in table(corpus_report(deux_seances), "rates") if row["label"] == "rupture"]
    (rupture,) = rates
    assert (rupture["side"], rupture["marked"], rupture["turns"]) == ("patient", "3", "12")
    assert float(rupture["per_100_turns"]) == 25.0
    assert rupture["sessions_with_one"] == "2"


def test_la_page_et_le_fichier_disent_le_meme_nombre():
    report = corpus_report(summaries(*(seance(f"s{n}", "rt.t.t......" if n % 2 else "r.r..t......") for n in range(6))))
    page = parsed(report.texts["index.html"])
    shown = [text_of(row) for row in page.xpath("//*[@id='taux']//table/tbody/tr")]
    (task,) = [row for row in table(report, "rates") if (row["label"], row["side"]) == ("task", "all")]
    low, high = (f"{float(task[f'interval_{end}']):.1f}".replace(".", ",") for end in ("low", "high"))
    assert f"tâche tous les tours 12 72 16,7 {low} à {high} 6 6 6" in shown
    assert f"16,7 ({low} à {high})" in at(page, "taux")


def test_une_seule_seance_ne_donne_aucun_intervalle():
    report = corpus_report(summaries(seance("seule", "rt.t.t......")))
    assert all(row["interval_low"] == "" for row in table(report, "rates"))
    assert "aucun intervalle ne peut être donné" in text_of(parsed(report.texts["index.html"]))


def test_peu_de_seances_est_dit(deux_seances):
    assert "2 séances ou dyades seulement" in text_of(parsed(render_index(deux_seances)))
    many = summaries(*(seance(f"s{n}", "t...........") for n in range(FEW)))
    assert "seulement : les intervalles" not in text_of(parsed(render_index(many)))


def test_une_seance_trop_courte_ne_compte_pas_dans_la_dispersion():
    report = corpus_report(summaries(seance("a", "t" * 10), seance("b", "." * 10), seance("c", "t")))
    (task,) = [row for row in table(report, "spreads") if row["label"] == "task"]
    assert (task["sessions"], task["minimum"], task["median"], task["maximum"]) == ("2", "0.0", "50.0", "100.0")
    assert task["sessions_without"] == "1"


@settings(deadline=None)  # a busy machine is not a failure
@given(st.lists(st.integers(0, 100), min_size=2, max_size=40))
def test_les_cinq_nombres_sont_en_ordre(values):
    five = five_numbers(values)
    assert list(five) == sorted(five)
    assert (five[0], five[4]) == (min(values), max(values))


# ------------------------------------------------------------------------------------------ groups


def groupes(sizes: dict[str, int], key: str = "cadre"):
    names = [level for level, size in sizes.items() for _ in range(size)]
    return summaries(*(seance(f"s{n}", "rt.t.t......" if n % 3 else "..t.........", **{key: level}) for n, level in enumerate(names)))


def test_une_cle_de_deux_a_huit_valeurs_fait_des_groupes():
    counts = [row.tally for row in groupes({"CMP": 4, "libéral": 4})]
    assert choose_factors(counts) == (["cadre"], [])
    many = [row.tally for row in groupes({f"lieu {n}": 2 for n in range(9)})]
    assert choose_factors(many) == ([], ["cadre"])
    assert choose_factors([row.tally for row in groupes({"CMP": 8})]) == ([], [])


def test_ce_qui_nomme_une_seance_ne_fait_pas_un_groupe(dyade):
    assert choose_factors([row.tally for row in dyade]) == ([], [])


def test_un_texte_long_n_est_pas_le_nom_d_un_groupe():
    session = seance("a", "t...", histoire="x" * 61, cadre="CMP")
    assert dict(summarise(session).metadata) == {"cadre": "CMP"}


def test_un_groupe_trop_petit_est_montre_et_jamais_compare():
    report = corpus_report(groupes({"CMP": 4, "libéral": 4, "école": 2}))
    levels = {row["level"] for row in table(report, "group-cadre-rates")}
    compared = {row[end] for row in table(report, "group-cadre-differences") for end in ("first", "second")}
    assert levels == {"CMP", "libéral", "école"}
    assert compared == {"CMP", "libéral"}
    assert "moins de 3 grappes) : école" in at(parsed(report.texts["index.html"]), "groupe-cadre")


def test_la_difference_est_celle_des_deux_taux():
    report = corpus_report(groupes({"CMP": 4, "libéral": 5}))
    rates = {row["level"]: float(row["per_100_turns"]) for row in table(report, "group-cadre-rates") if row["label"] == "task"}
    (row,) = [row for row in table(report, "group-cadre-differences") if row["label"] == "task"]
    assert float(row["difference"]) == pytest.approx(rates[row["second"]] - rates[row["first"]], abs=1e-3)
    assert float(row["interval_low"]) <= float(row["difference"]) <= float(row["interval_high"])
    assert float(row["p"]) <= float(row["p_holm"])


def test_deux_cles_qui_s_ecrivent_pareil_ont_chacune_leurs_fichiers():
    assert file_stems(["Cadre", "cadre", "été"]) == {"Cadre": "cadre", "cadre": "cadre-2", "été": "ete"}


# --------------------------------------------------------------------------------------- corrected


def verifiees(checked: int, total: int):
    """Return sessions read by the machine, of which the first ``checked`` carry a person's tags as well."""
    sessions = []
    for n in range(total):
        session = seance(f"s{n}", "t.tt....t.......t..." if n % 2 else "t...t...............")
        probabilities = {"task": 0.8}
        turns = [dataclasses.replace(turn, probabilities=probabilities if turn.markers else {"task": 0.1}) for turn in session.turns]
        if n < checked:
            place = 2 * (n % 5)
            both = (*turns[place].markers, Marker("task", PERSON))
            turns[place] = dataclasses.replace(turns[place], markers=both)
        sessions.append(dataclasses.replace(session, turns=tuple(turns)))
    return summaries(*sessions)


def test_sans_verification_la_page_ne_parle_pas_d_estimation_corrigee(deux_seances):
    page = parsed(render_index(deux_seances))
    assert not page.xpath("//*[@id='corrige']")
    assert "faites vérifier des tours" in text_of(page)


def test_trop_peu_de_verifications_est_dit_et_rien_n_est_calcule():
    report = corpus_report(verifiees(3, 12))
    assert "Trop peu de vérifications" in at(parsed(report.texts["index.html"]), "corrige")
    assert "tables/corrected.csv" not in report.texts


def test_des_tours_verifies_donnent_une_estimation_corrigee():
    report = corpus_report(verifiees(14, 30))
    (task,) = [row for row in table(report, "corrected") if row["label"] == "task"]
    assert float(task["classical"]) == pytest.approx(100 * 14 / 280, abs=1e-3)
    assert float(task["corrected_interval_low"]) <= float(task["corrected"]) <= float(task["corrected_interval_high"])
    assert (task["turns"], task["checked_turns"]) == ("600", "280")
    assert "tirés au hasard" in at(parsed(report.texts["index.html"]), "corrige")


# ------------------------------------------------------------------------------------------- dyads


def test_une_dyade_de_deux_seances_a_sa_page(dyade):
    report = corpus_report([*dyade, *summaries(seance("seule", "t...", dyad_id="d08"))])
    assert [path for path in report.texts if path.startswith("dyads/")] == ["dyads/d07.html"]
    index, page = parsed(report.texts["index.html"]), parsed(report.texts["dyads/d07.html"])
    assert index.xpath("//*[@id='dyades']//tbody//a/@href") == ["dyads/d07.html"]
    assert page.xpath("//*[@id='parcours']//tbody//a/@href")[0] == "../reports/s1.html"


def test_un_repli_et_son_retour_sont_nommes_par_leurs_seances(dyade):
    report = corpus_report(dyade)
    dips = [row for row in table(report, "dips") if row["measure"] == "agreement"]
    assert [(row["first_session"], row["lowest_session"], row["return_session"]) for row in dips] == [("s4", "s5", "s6")]
    page = parsed(report.texts["dyads/d07.html"])
    assert page.xpath("//*[@id='replis']//tbody//a/@href") == [f"../reports/s{n}.html" for n in (4, 5, 6)]
    assert "Stiles et al., 2004" in at(page, "replis")


def test_trop_peu_de_seances_pour_parler_de_repli(dyade):
    page = parsed(corpus_report(dyade[:4]).texts["dyads/d07.html"])
    assert "Rien ne peut en être dit ici : 4 séances, et le critère en demande au moins 6." in at(page, "replis")
    (row,) = parsed(render_index(dyade[:4])).xpath("//*[@id='dyades']//tbody/tr")
    assert text_of(row) == "d07 4 80 — — — —"


def test_des_dyades_aux_noms_voisins_ont_chacune_leur_page():
    assert dyad_stems(["d/1", "d_1", "D_1", "../x"]) == ["d_1", "d_1-2", "D_1-3", "_x"]


# ---------------------------------------------------------------------------------------- drawings


@settings(deadline=None)
@given(st.floats(-200, 200), st.floats(0.001, 500))
def test_les_graduations_encadrent_les_valeurs(low, span):
    ticks = nice_ticks(low, low + span)
    assert ticks[0] <= low + 1e-6
    assert ticks[-1] >= low + span - 1e-6
    assert 2 <= len(ticks) <= 12
    steps = {round(b - a, 8) for a, b in zip(ticks, ticks[1:])}
    assert max(steps) - min(steps) < 1e-6


def test_chaque_signe_est_a_la_place_de_sa_valeur():
    rows = [IntervalRow(str(v), paint_of("task"), v, (v - 1, v + 1), "") for v in (0.0, 10.0, 20.0)]
    drawing = interval_chart("x", rows, title="t", description="d", axis="a", tick=str)
    signs = [item.x for item in drawing.items if isinstance(item, Sign)]
    assert signs[1] - signs[0] == pytest.approx(signs[2] - signs[1])
    bars = [item.points for item in drawing.items if isinstance(item, Stroke) and item.ink == paint_of("task").ink]
    assert any(low[0] < signs[1] < high[0] for low, high in bars)


def test_une_seance_sans_tour_possible_laisse_un_trou():
    points = (CoursePoint(4.0, (2.0, 8.0)), CoursePoint(None, None), CoursePoint(5.0, None))
    panel = CoursePanel("lien", paint_of("bond"), points, (CourseSpan(0, 1, None, "repli"),))
    drawing = course_chart("x", [panel], places=["1", "2", "3"], title="t", description="d", axis="a", tick=str)
    assert sum(isinstance(item, Sign) for item in drawing.items) == 2


def test_un_texte_etrange_reste_du_texte_dans_le_dessin():
    words = Words(1, 2, '<script>"&\x00')
    source = str(svg(Drawing("x", "<a>", "b", 10, 10, (words, Box(0, 0, 1, 1)), ), alone=True))
    tree = ElementTree.fromstring(source)
    (text,) = tree.iter("{http://www.w3.org/2000/svg}text")
    assert text.text == '<script>"&\ufffd'
    assert "style=" not in source


@pytest.mark.skipif(not png_available(), reason="matplotlib is not installed: pip install 'alliance-nlp[figures]'")
def test_le_png_a_la_taille_du_dessin_et_les_memes_octets():
    items = (Stroke(((5, 5), (95, 5)), dash=(4, 2)), Box(5, 10, 20, 10, ink="#000000"), Words(50, 40, "tâche $x$", "middle"),
             *(Sign(shape, 10 + 10 * n, 30, 4, "#009E73", "#00704F") for n, shape in enumerate((*OUTLINES, "circle"))))  # fmt: skip
    drawing = Drawing("x", "titre", "d", 100, 50, items)
    data = png_bytes(drawing, dpi=100)
    assert data == png_bytes(drawing, dpi=100)
    assert (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) == (100, 50)


# -------------------------------------------------------------------------------- tables and files


def test_le_csv_garde_les_nombres_et_n_execute_rien():
    columns = (Column("a", "A"), Column("n", "N", "rate"), Column("i", "I", "interval"), Column("l", "L", "link"))
    text = Table("t", "c", columns, (("=1+1", 1 / 3, (0.1, 0.2), ("s1", "x.html")), ("é,b", None, None, None))).as_csv()
    assert text == "a,n,i_low,i_high,l\n'=1+1,0.3333,0.1,0.2,s1\n\"é,b\",,,,\n"


def test_les_fichiers_s_ouvrent_de_la_page_et_rien_ne_manque(dyade, tmp_path):
    rows = [*dyade, *groupes({"CMP": 3, "libéral": 3})]
    written = write_corpus_report(tmp_path, rows)
    for path in ("index.html", "dyads/d07.html"):
        page = parsed((tmp_path / path).read_text(encoding="utf-8"))
        links = [link for link in page.xpath("//@href") if not link.startswith("#") and "reports/" not in link]
        assert links
        for link in links:
            assert ((tmp_path / path).parent / link).is_file(), link
    assert {"tables/sessions.csv", "figures/rates.svg", "figures/captions.txt"} <= set(written)


def test_ce_qu_un_rapport_precedent_a_laisse_est_efface_et_rien_d_autre(dyade, tmp_path):
    write_corpus_report(tmp_path, dyade)
    mine = tmp_path / "tables" / "a-moi.csv"
    mine.write_text("x", encoding="utf-8")
    write_corpus_report(tmp_path, summaries(seance("a", "t...........")))
    assert not (tmp_path / "dyads" / "d07.html").exists()
    assert mine.is_file()
    assert (tmp_path / "tables" / "rates.csv").is_file()


def test_les_memes_seances_donnent_les_memes_octets(dyade):
    rows = [*dyade, *groupes({"CMP": 3, "libéral": 3})]
    assert corpus_report(rows).texts == corpus_report(rows).texts


def test_aucun_fichier_ne_contient_de_propos(session):
    for path, text in corpus_report([summarise(session)] * 2).texts.items():
        for turn in session.turns:
            assert turn.text not in text or len(turn.text) < 8, path


def test_le_resume_d_une_seance_ne_garde_aucun_propos(session):
    kept = repr(summarise(session))
    assert not any(turn.text in kept for turn in session.turns if len(turn.text) > 8)


# ------------------------------------------------------------------------------------ the page itself


def test_le_tableau_des_seances_dit_la_dyade_et_y_mene(dyade):
    page = parsed(corpus_report(dyade).texts["index.html"])
    (row, *_) = page.xpath("//table[@data-paged]/tbody/tr")
    assert row.xpath(".//a/@href") == ["reports/s1.html", "dyads/d07.html"]


def test_des_lectures_melangees_sont_signalees():
    other = Origin(OriginKind.MODEL, "autre", "2.0")
    rows = summaries(seance("a", "t..........."), seance("b", "t...........", origin=other), seance("c", "t...........", origin=PERSON))
    text = text_of(parsed(render_index(rows)))
    assert "plusieurs modèles ou versions (autre 2.0 et modele-essai 1.0)" in text
    assert "2 séances lues par un modèle, 1 séance non" in text


def test_sans_dyade_connue_les_seances_sont_tenues_pour_independantes_et_c_est_dit(deux_seances, dyade):
    assert "Aucune séance ne dit sa dyade" in text_of(parsed(render_index(deux_seances)))
    assert "1 séance ne dit pas sa dyade" in text_of(parsed(render_index([*dyade, deux_seances[0]])))


def test_rien_n_est_dit_meilleur_ni_pire(dyade):
    report = corpus_report([*dyade, *groupes({"CMP": 3, "libéral": 3})])
    for path in ("index.html", "dyads/d07.html"):
        words = set(re.findall(r"\w+", text_of(parsed(report.texts[path]).xpath("//main")[0]).lower()))
        assert not words & {"meilleur", "meilleure", "pire", "insuffisant", "faible", "diagnostique"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_les_pages_se_lisent_dans_les_deux_langues(dyade, language):
    report = corpus_report([*dyade, *groupes({"CMP": 3, "libéral": 3})], language=language)
    for path in ("index.html", "dyads/d07.html"):
        page = parsed(report.texts[path])
        assert page.get("lang") == language
        levels = [int(heading.tag[1]) for heading in page.xpath("//h1 | //h2 | //h3 | //h4")]
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in zip(levels, levels[1:]))
        assert all(table.xpath("./caption") for table in page.xpath("//table"))
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert not page.xpath("//@style | //link | //@onclick")
        assert "unsafe" not in page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
        assert not re.search(r"https?://(?!www\.w3\.org)|url\(|@import|src=", re.sub(r"<script>.*</script>", "", report.texts[path], flags=re.DOTALL))


def test_les_phrases_francaises_du_rapport_ont_leurs_espaces_insecables():
    for key, sentences in catalogue("corpus_report").items():
        french = sentences["fr"]
        assert not re.search(r" [:;?!%»]|« ", french), key
        assert not re.search(r"[^\s\u00a0\u202f][;?!»%]", french), key
        assert "'" not in french, key
        names = {name for _, name, _, _ in string.Formatter().parse(french)} - {None}
        assert all(re.fullmatch(r"[a-z]+", name) for name in names), key


def test_chaque_phrase_des_gabarits_du_corpus_existe():
    known = set(catalogue("corpus_report"))
    for path in [*REPORT.glob("templates/*"), *REPORT.glob("*.py")]:
        source = path.read_text(encoding="utf-8")
        for key in re.findall(r'tell\(\s*["\'](\w+)["\']\s*[,)]', source):
            assert key in known, f"{path.name}: {key}"
        for key in re.findall(r'tally\(\s*["\'](\w+)["\'],', source):
            assert {f"{key}_one", f"{key}_many"} <= known, f"{path.name}: {key}"


@pytest.mark.parametrize(
    ("value", "french"), [(1.25, "+1,2"), (-0.04, "0,0"), (-3.0, "\u22123,0"), (0.0, "0,0"), (None, "—")]
)
def test_une_difference_s_ecrit_avec_son_signe(value, french):
    assert CorpusWording("fr").change(value) == french


@pytest.mark.parametrize(("value", "french"), [(0.0004, f"<{NBSP}0,001"), (0.0417, "0,042"), (1.0, "1,000")])
def test_un_p_n_est_jamais_nul(value, french):
    assert CorpusWording("fr").p(value) == french


def test_les_comptes_d_un_resume_sont_ceux_de_la_seance(session):
    assert summarise(session).tally.rates == count_session(session).rates


def test_a_conversation_left_unmarked_is_listed_and_enters_no_rate():
    sessions = [seance("a", "tttt......"), seance("b", "tttt......"), seance("c", "tttt......")]
    shop = dataclasses.replace(seance("boutique", ".........."), warnings=(Notice(NOT_THERAPY),))
    alone, beside = (table(corpus_report(summaries(*some)), "rates") for some in (sessions, [*sessions, shop]))
    assert alone == beside
    assert table(corpus_report(summaries(*sessions, dataclasses.replace(shop, warnings=()))), "rates") != alone
    page = corpus_report(summaries(*sessions, shop)).texts["index.html"]
    assert "boutique" in page and "n’entre ni dans les taux" in page
    only = corpus_report(summaries(shop)).texts["index.html"]  # nothing to count: still a page
    assert "boutique" in only
