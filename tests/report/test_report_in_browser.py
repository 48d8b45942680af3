"""The pages in a real browser: they open without a complaint, the keyboard leads everywhere, A4 holds them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alliance_nlp.report import render_index, render_session, summarise
from alliance_nlp.transcript import Role, Speaker, Transcript, Turn
from tests.browser import SIZES, browser, violations  # noqa: F401  (a fixture)
from tests.report.conftest import FACTS


@pytest.fixture
def opened(browser, tmp_path: Path) -> Iterator[Callable]:  # noqa: F811
    """Return a function that opens a page from disk; any complaint or outside request fails the test."""
    complaints: list[str] = []
    contexts = []

    def show(source: str, *, size: str = "bureau", scripts: bool = True, at: str = ""):
        path = tmp_path / "page.html"
        path.write_text(source, encoding="utf-8")
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith("file:") or complaints.append(request.url))
        page.goto(path.as_uri() + at)
        return page

    yield show
    for context in contexts:
        context.close()
    assert complaints == []


def focused(page) -> str:
    return page.evaluate("document.activeElement.id")


def place(page) -> str:
    return page.inner_text("#place").replace("\u00a0", " ")


def in_view(page, selector: str) -> bool:
    return page.evaluate(
        "s => { const { top } = document.querySelector(s).getBoundingClientRect();"
        " return top >= 0 && top < innerHeight; }",
        selector,
    )


# --------------------------------------------------------------------------------------- the eye


@pytest.mark.parametrize("size", SIZES)
def test_la_page_tient_dans_l_ecran(opened, session, size):
    for source in (
        render_session(session, model_facts=FACTS),
        render_index([summarise(session)], model_facts=FACTS),
    ):
        page = opened(source, size=size)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.slow
def test_axe_ne_trouve_rien(opened, session):
    sources = {
        "seance": render_session(session, model_facts=FACTS, index_link="index.html"),
        "session": render_session(session, language="en"),
        "sans texte": render_session(session, model_facts=FACTS, with_text=False),
        "vide": render_session(Transcript("vide")),
        "index": render_index([summarise(session)], failures=[("a.txt", "Vide.")], model_facts=FACTS),
    }
    for name, source in sources.items():
        found_by_axe = violations(opened(source))
        assert [(name, found["id"], found["nodes"][0]["html"]) for found in found_by_axe] == []


def test_les_indices_sont_soulignes_chacun_a_sa_maniere(opened, session):
    page = opened(render_session(session))
    style = "e => [getComputedStyle(e).textDecorationLine, getComputedStyle(e).textDecorationStyle]"
    seen = {
        name: page.eval_on_selector(f"#transcription .ev-{name}", style)
        for name in ("task", "bond", "rupture", "repair")
    }
    assert seen == {
        "task": ["underline", "double"],
        "bond": ["underline", "dotted"],
        "rupture": ["underline", "wavy"],
        "repair": ["underline", "dashed"],
    }


def test_un_texte_qui_ressemble_a_un_script_n_est_pas_execute(opened):
    turn = Turn(0, "P", "<script>document.title='pris'</script><img src=x onerror=\"document.title='pris'\">")
    page = opened(render_session(Transcript("essai", (turn,), (Speaker("P", Role.PATIENT),))))
    assert page.title().startswith("essai")
    assert page.inner_text("#t1 .said") == turn.text


def test_la_politique_de_la_page_refuse_un_script_ajoute(browser, session, tmp_path):  # noqa: F811
    """Even if a text ever got through unescaped, it could not run."""
    path = tmp_path / "page.html"
    source = render_session(session).replace("</main>", "<script>document.title = 'pris'</script></main>")
    path.write_text(source, encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.title().startswith("seance-7")
    context.close()


# ---------------------------------------------------------------------------------- the keyboard


def test_n_et_p_vont_de_tour_marque_en_tour_marque(opened, session):
    page = opened(render_session(session))
    for key, expected in (
        ("n", "t3"),
        ("n", "t4"),
        ("n", "t5"),
        ("p", "t4"),
        ("p", "t3"),
        ("p", "t10"),
        ("n", "t3"),
    ):
        page.keyboard.press(key)
        assert focused(page) == expected
    assert in_view(page, "#t3")
    assert place(page) == "tour marqué 1 sur 5"


def test_les_raccourcis_se_taisent_quand_on_ecrit_ou_qu_on_les_coupe(opened, session):
    page = opened(render_session(session))
    page.evaluate("document.querySelector('main').append(document.createElement('textarea'))")
    page.focus("textarea")
    page.keyboard.type("n p")
    assert page.input_value("textarea") == "n p"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Control+n")
    page.uncheck("#touches")
    page.keyboard.press("n")
    assert focused(page) == "touches"
    page.check("#touches")
    page.keyboard.press("n")
    assert focused(page) == "t3"


def test_le_clavier_parcourt_la_frise_et_entree_mene_au_tour(opened, session):
    page = opened(render_session(session))
    page.focus(".tl a.sym")
    assert page.locator(".tl a[tabindex='0']").count() == 1
    page.keyboard.press("Home")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#t3"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**#t4")
    assert focused(page) == "t4"
    assert in_view(page, "#t4")


def test_un_clic_sur_un_tour_de_la_frise_mene_au_tour(opened, session):
    page = opened(render_session(session))
    page.locator(".tl-bars a").nth(7).click()
    page.wait_for_url("**#t8")
    assert in_view(page, "#t8")


def test_un_lien_ouvre_la_transcription_repliee(opened, session):
    page = opened(render_session(session))
    page.click("#transcription summary")
    assert not page.is_visible("#t4")
    page.click("#verifier a.turn-no[href='#t4']")
    assert page.is_visible("#t4")
    page.click("#transcription summary")
    page.keyboard.press("n")
    assert page.is_visible("#t5")


def test_le_premier_tab_passe_au_contenu(opened, session):
    page = opened(render_session(session))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#contenu"
    assert in_view(page, "a.skip")


# -------------------------------------------------------------------------------------- filters


def test_decocher_une_etiquette_cache_ses_passages_ses_signes_et_ses_arrets(opened, session):
    page = opened(render_session(session))
    for label in ("task", "bond", "rupture"):
        page.uncheck(f"input[value='{label}']")
    assert page.is_visible("#t5 .mark-repair")
    assert not page.is_visible("#t4 .mark-rupture")
    line = "e => getComputedStyle(e).textDecorationLine"
    assert page.eval_on_selector("#t4 .ev-rupture", line) == "none"
    assert page.eval_on_selector("#t5 .ev-repair", line) == "underline"
    page.keyboard.press("n")
    assert focused(page) == "t5"
    assert place(page) == "tour marqué 1 sur 2"
    page.uncheck("input[value='repair']")
    assert page.locator(".passage:visible").count() == 0
    page.check("input[value='task']")
    assert page.locator(".passage:visible").count() == 2


def test_la_certitude_filtre_les_marqueurs_et_les_arrets(opened, session):
    page = opened(render_session(session))
    page.check("input[name='certainty'][value='check']")
    page.keyboard.press("n")
    assert (focused(page), place(page)) == ("t4", "tour marqué 1 sur 2")
    page.keyboard.press("n")
    assert focused(page) == "t9"  # not marked, but doubted
    assert not page.is_visible("#t5 .mark-repair") and page.is_visible("#t4 .mark-rupture")
    page.check("input[name='certainty'][value='sure']")
    page.keyboard.press("n")
    assert focused(page) == "t10"
    assert not page.is_visible("#t4 .mark-rupture") and page.is_visible("#t5 .mark-repair")
    line = "e => getComputedStyle(e).textDecorationLine"
    assert page.eval_on_selector("#t4 .ev-rupture", line) == "none"
    page.check("input[name='certainty'][value='all']")
    assert page.is_visible("#t4 .mark-rupture")


def test_les_probabilites_se_montrent_sur_demande(opened, session):
    page = opened(render_session(session))
    assert not page.is_visible("#t4 .prob")
    assert page.is_visible("#verifier .mark-p")
    page.check("#probabilites")
    assert page.is_visible("#t4 .prob")
    assert opened(render_session(session), scripts=False).is_visible("#t4 .prob")


def test_la_page_sans_texte_s_ouvre_et_se_parcourt(opened, session):
    page = opened(render_session(session, with_text=False))
    page.keyboard.press("n")
    assert focused(page) == "t3"
    assert page.locator(".said").count() == 0


def test_sans_script_tout_se_lit(opened, session):
    page = opened(render_session(session), scripts=False, at="#t4")
    assert not page.is_visible("#outils")
    assert page.is_visible("#t10")
    assert page.locator(".passage").first.is_visible()
    assert in_view(page, "#t4")


# ---------------------------------------------------------------------------------------- paper


def test_la_page_s_imprime_en_a4_sans_rien_couper(opened, session, tmp_path):
    page = opened(render_session(session, model_facts=FACTS))
    page.click("#transcription summary")
    path = tmp_path / "seance.pdf"
    page.pdf(path=str(path), prefer_css_page_size=True)
    boxes = {match.decode() for match in re.findall(rb"/MediaBox \[([^\]]*)\]", path.read_bytes())}
    (box,) = boxes
    assert [round(float(number)) for number in box.split()] == [0, 0, 595, 842]
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 1000})  # A4 less its margins, in CSS pixels
    assert page.evaluate("document.documentElement.scrollWidth <= 680")
    assert page.is_visible("#t10")
    assert not page.is_visible("#outils")


# ---------------------------------------------------------------------------------------- index


def test_le_tableau_se_trie_dans_les_deux_sens(opened, session):
    longer = dataclasses.replace(session, session_id="seance-10", metadata={"session_number": 10})
    shorter = dataclasses.replace(session, session_id="seance-2", metadata={}, turns=session.turns[:2])
    page = opened(render_index([summarise(session), summarise(shorter), summarise(longer)]))

    def order() -> list[str]:
        return page.locator("table[data-sortable] tbody th").all_inner_texts()

    def head(name: str):
        return page.locator("table[data-sortable] thead button", has_text=name)

    head("Séance").click()
    assert order() == ["seance-2", "seance-7", "seance-10"]
    head("Séance").click()
    assert order() == ["seance-10", "seance-7", "seance-2"]
    head("Tours").click()
    assert order()[-1] == "seance-2"
    assert page.get_attribute("table[data-sortable] thead th[aria-sort]", "aria-sort") == "descending"
    head("Tours").focus()
    page.keyboard.press("Enter")
    assert order()[0] == "seance-2"


def test_les_episodes_cites_se_voient_a_l_ouverture(opened, session):
    page = opened(render_session(session))
    card = page.locator("#episodes article").first
    assert card.is_visible() and card.locator(".said").first.inner_text().strip()
