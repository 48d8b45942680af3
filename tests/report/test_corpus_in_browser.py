"""The corpus pages in a real browser: nothing complains, filter and sort work by keyboard, A4 and small screens hold them."""

from __future__ import annotations

import dataclasses
import re

import pytest

from alliance_nlp.report import corpus_report, summarise
from alliance_nlp.report.index import PAGE_ROWS
from tests.browser import SIZES, browser, violations  # noqa: F401  (a fixture)
from tests.report.conftest import FACTS
from tests.report.test_corpus_report import seance, summaries
from tests.report.test_report_in_browser import opened  # noqa: F401  (a fixture)

SECONDS_TO_READY = 2.0  # of a corpus of 2,000 sessions, by the issue


@pytest.fixture(scope="module")
def corpus():
    """Return the pages of twelve sessions: two dyads, two settings, one session with a French accent in its name."""
    tags = "rt.t.t..b.p.r.t..g.."
    sessions = [
        seance(f"séance-{n:02d}", tags if n != 4 else "." * 20, dyad_id=f"d{n // 8}", session_number=n % 8 + 1,
               cadre="CMP" if n % 2 else "école")  # fmt: skip
        for n in range(12)
    ]
    return corpus_report(summaries(*sessions), failures=[("a.txt", "Vide.")], model_facts=FACTS)


@pytest.fixture(scope="module")
def page_of_two_thousand():
    """Return the page of 2,000 sessions: one session counted, under 2,000 names."""
    one = summarise(seance("s", "rt.t.t..b.p.r.t..g.."), link="reports/s.html")

    def named(n: int):
        name, metadata = f"séance {n:04d}", {"dyad_id": f"d{n // 8}", "session_number": n % 8 + 1, "cadre": "école" if n % 2 else "CMP"}
        tally = dataclasses.replace(one.tally, session_id=name, cluster=f"dyad:d{n // 8}", metadata=metadata)
        return dataclasses.replace(one, session_id=name, metadata=metadata, tally=tally)

    return corpus_report([named(n) for n in range(2000)]).texts["index.html"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["index.html", "dyads/d0.html"])
def test_la_page_tient_dans_l_ecran(opened, corpus, size, path):  # noqa: F811
    page = opened(corpus.texts[path], size=size)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr", "en"])
def test_axe_ne_trouve_rien(opened, language):  # noqa: F811
    tags = "rt.t.t..b.p.r.t..g.."
    rows = summaries(*(seance(f"s{n}", tags, dyad_id="d7", session_number=n, cadre="CMP" if n % 2 else "école") for n in range(8)))
    report = corpus_report(rows, failures=[("a.txt", "Vide.")], model_facts=FACTS, language=language)
    for path in ("index.html", "dyads/d7.html"):
        page = opened(report.texts[path])
        page.eval_on_selector_all("details", "folds => folds.forEach((fold) => { fold.open = true; })")
        found_by_axe = violations(page)
        assert [(path, found["id"], found["nodes"][0]["html"]) for found in found_by_axe] == []


def test_le_filtre_garde_les_seances_qui_contiennent_tous_les_mots(opened, corpus):  # noqa: F811
    page = opened(corpus.texts["index.html"])
    names = page.locator("table[data-paged] tbody tr:visible th a")
    assert names.count() == 12
    page.focus("#filtre")
    page.keyboard.type("ecole d1")
    names.nth(2).wait_for(state="detached")
    assert names.all_inner_texts() == ["séance-08", "séance-10"]
    assert page.inner_text("#trouvees").replace("\u00a0", " ") == "séances 1 à 2 sur 2"
    page.keyboard.type(" zzz")
    names.first.wait_for(state="detached")
    assert page.inner_text("#trouvees") == "aucune séance ne contient ces mots"


@pytest.mark.slow
def test_deux_mille_seances_s_ouvrent_par_pages_de_cent(opened, page_of_two_thousand):  # noqa: F811
    page = opened(page_of_two_thousand)
    visible = page.locator("table[data-paged] tbody tr:visible")
    assert visible.count() == PAGE_ROWS
    page.click("#page-suivante")
    assert page.inner_text("#trouvees").replace("\u202f", " ") == "séances 101 à 200 sur 2 000"
    page.locator("table[data-paged] thead button", has_text="Séance").click()
    page.locator("table[data-paged] thead button", has_text="Séance").click()
    assert visible.first.locator("th a").inner_text() == "séance 1999"
    cost = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete") / 1000
    assert cost < 5 * SECONDS_TO_READY  # a loaded test machine; the figure of a quiet one is in docs/reports.md


@pytest.mark.slow
def test_sans_script_toutes_les_seances_sont_la(opened, page_of_two_thousand):  # noqa: F811
    page = opened(page_of_two_thousand, scripts=False)
    assert page.locator("table[data-paged] tbody tr").last.is_visible()
    assert not page.locator("#filtre").is_visible()


def test_les_nombres_d_un_dessin_se_deplient_au_clavier(opened, corpus):  # noqa: F811
    page = opened(corpus.texts["index.html"])
    table = page.locator("#taux details table")
    assert not table.is_visible()
    page.locator("#taux summary").focus()
    page.keyboard.press("Enter")
    assert table.is_visible()


@pytest.mark.parametrize("path", ["index.html", "dyads/d0.html"])
def test_la_page_s_imprime_en_a4_avec_tous_ses_tableaux(opened, corpus, path, tmp_path):  # noqa: F811
    page = opened(corpus.texts[path])
    target = tmp_path / "page.pdf"
    page.pdf(path=str(target), prefer_css_page_size=True)
    boxes = {match.decode() for match in re.findall(rb"/MediaBox \[([^\]]*)\]", target.read_bytes())}
    (box,) = boxes
    assert [round(float(number)) for number in box.split()] == [0, 0, 595, 842]
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth <= 680")
    assert not page.locator(".downloads").first.is_visible()
