"""The review page in a real browser: a whole session by keys alone, by clicks alone, blind, settled, exported."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Iterator

import pytest

from alliance_nlp.review.decisions import Action
from alliance_nlp.review.export import export_sessions
from tests.browser import SIZES, browser, violations  # noqa: F401  (a fixture)
from tests.review.served import Served, serving, small_session

PATIENCE_S = 30  # a loaded machine makes a page slow, not wrong
EVIL = "<script>document.title='pris'</script><img src=x onerror=\"document.title='pris'\">"


@pytest.fixture
def served(tmp_path) -> Iterator[Served]:
    with serving(tmp_path / "r.sqlite", small_session()) as page:
        yield page


@pytest.fixture
def opened(browser) -> Iterator[Callable]:  # noqa: F811
    """Return a function that opens a served page as a reviewer; any complaint of the browser fails the test."""
    complaints: list[str] = []
    contexts = []

    def show(served: Served, reviewer: str = "R1", *, at: str | None = None, size: str = "bureau", scripts: bool = True):
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda r: r.url.startswith(served.place.address) or complaints.append(r.url))
        page.goto(served.address(reviewer))
        page.goto(at or served.session())
        return page

    yield show
    for context in contexts:
        context.close()
    expected = ("409", "net::ERR_")  # Chromium itself reports an answer 409, and a server that a test cuts off or ends
    assert [text for text in complaints if not any(part in text for part in expected)] == []


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def arrive(page, selector: str) -> None:
    """Wait until a form's answer has come and its script listens: keys pressed before are lost, as for a person."""
    page.wait_for_selector(selector)
    page.wait_for_load_state()


def status(page, turn: int, mark: str) -> str:
    return page.get_attribute(f"#t{turn} .mk-row[data-mark='{mark}']", "data-status")


def until(page, condition: str) -> None:
    """Wait for a condition; the page's policy forbids Playwright's own ``wait_for_function``, which evaluates a string in it."""
    deadline = time.monotonic() + PATIENCE_S
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(20)


def settle_down(page) -> None:
    page.wait_for_load_state("networkidle")


def standing(served: Served, reviewer: str = "R1") -> dict[int, list[tuple[str, tuple[str, ...], str]]]:
    """Return what a reviewer's session carries: label, types, words, by turn number as shown."""
    state, session = served.store.state("seance-7", reviewer), served.store.transcript("seance-7")
    found = {}
    for turn, one in zip(session.turns, state.turns, strict=True):
        marks = [(m.label, m.types, "|".join(turn.text[s.start : s.end] for s in m.spans)) for m in one.own]
        if marks:
            found[turn.index + 1] = marks
    return found


# ------------------------------------------------------------------------------------- keys alone


def test_une_séance_entière_au_clavier_seul(opened, served):
    page = opened(served)
    press(page, "n", "l")  # tour 3 : acceptée, puis suivante
    until(page, "document.activeElement.closest('#t4') !== null")
    press(page, "t", "r")  # tour 4 : c'était un retrait
    page.wait_for_selector("#t4 .mk-row[data-types='withdrawal']")
    press(page, "n", "x")  # tour 5 : rejetée
    press(page, "n", "c", "t")  # tour 6, but : plutôt une tâche
    page.wait_for_selector("#t6 .mk-row[data-label='task']")
    press(page, "n", "o")
    page.wait_for_selector("#t6 .mk-row[data-mark='bond'][data-status='accepted']")
    press(page, "j", "v")  # tour 7 : pas de marqueur
    page.wait_for_selector("#t7 .empty-note")
    press(page, "j", "e", "Home", "Enter")  # tour 8 : tous les mots
    page.wait_for_selector("#t8 .mk-row[data-status='changed']")
    press(page, "k", "k", "k", "k", "k", "k", "i", "b", "ArrowRight", "Shift+ArrowRight", "Enter")  # tour 2 : ajouter un but
    page.wait_for_selector("#t2 .mk-row[data-status='added']")
    press(page, "d")
    page.keyboard.type("nid, pas né : o x v")
    press(page, "Control+Enter")
    page.wait_for_selector("#t2 .comment-note")
    press(page, "f")
    page.wait_for_selector("#t2 .flag-note")
    settle_down(page)
    assert standing(served) == {
        2: [("goal", (), "comme d’habitude.")],
        3: [("task", (), "On regarde le carnet ensemble")],
        4: [("rupture", ("withdrawal",), "à quoi ça sert")],
        6: [("task", (), "mal faire"), ("bond", (), "À vous, j’ose le dire")],
        8: [("task", (), "D’accord, je note le soir seulement.")],
    }
    state = served.store.state("seance-7", "R1").turns
    assert status(page, 5, "repair") == "rejected"
    assert state[1].flagged and [comment.text for comment in state[1].comments] == ["nid, pas né : o x v"]


def test_annuler_et_refaire_sans_limite(opened, served):
    page = opened(served)
    press(page, "n", "o", "n", "x", "n", "o")
    page.wait_for_selector("#t5 .mk-row[data-status='accepted']")
    for turn, mark in ((5, "repair"), (4, "rupture"), (3, "task")):
        press(page, "u")
        page.wait_for_selector(f"#t{turn} .mk-row[data-mark='{mark}'][data-status='pending']")
    press(page, "u")
    until(page, "document.querySelector('#dire').textContent === 'Rien à annuler.'")
    assert standing(served) == {}
    press(page, "r", "r", "r")
    page.wait_for_selector("#t5 .mk-row[data-status='accepted']")
    assert [status(page, 3, "task"), status(page, 4, "rupture")] == ["accepted", "rejected"]


def test_une_réponse_vient_en_moins_d_un_dixième_de_seconde(opened, served):
    page = opened(served)
    press(page, "n")
    page.evaluate(
        "() => { const row = document.querySelector('#t3 .mk-row'); const began = performance.now();"
        " new MutationObserver((_, o) => { o.disconnect(); window.took = performance.now() - began; })"
        ".observe(row, { attributes: true }); document.dispatchEvent(new KeyboardEvent('keydown', { key: 'o', bubbles: true })); }"
    )
    until(page, "window.took !== undefined")
    assert page.evaluate("window.took") < 100


def test_les_touches_se_taisent_quand_on_écrit_se_coupent_et_se_changent(opened, served):
    page = opened(served)
    press(page, "n", "Control+o")
    page.uncheck("#touches")
    press(page, "o", "x")
    assert status(page, 3, "task") == "pending"
    page.reload()
    assert not page.is_checked("#touches")
    page.check("#touches")
    page.click("#changer-touches")
    page.focus("input[data-for='accept']")
    press(page, "x")
    page.click("#mes-touches button.strong")
    assert "« x »" in page.inner_text("#mes-touches .problem").replace("\u00a0", " ")
    page.focus("input[data-for='accept']")
    press(page, "y")
    page.click("#mes-touches button.strong")
    page.reload()
    assert page.inner_text("[data-do='accept'] kbd") == "y"
    press(page, "y")
    page.wait_for_selector("#t3 .mk-row[data-status='accepted']")


def test_chaque_bouton_montre_sa_touche_et_aucune_ne_sert_deux_fois(opened, served):
    page = opened(served)
    shown = page.eval_on_selector_all("#agir [data-do]", "list => list.map(b => [b.dataset.do, b.querySelector('kbd').textContent])")
    assert len(shown) == 17 and len({key for _, key in shown}) == 17
    assert {"accept", "acceptNext", "reject", "change", "type", "span", "add", "none", "comment", "flag", "undo", "redo"} <= {n for n, _ in shown}
    assert not {key for _, key in shown} & set("aqzwm")  # ailleurs en AZERTY


# ------------------------------------------------------------------------------------ clicks alone


def test_une_séance_entière_à_la_souris_seule(opened, served):
    page = opened(served)
    page.click("#t3 button[value='accept']")
    page.wait_for_selector("#t3 .mk-row[data-status='accepted']")
    page.click("#t4 .mk-row .mark")
    page.click("[data-do='type']")
    page.click("[data-do='label-withdrawal']")
    page.wait_for_selector("#t4 .mk-row[data-types='withdrawal']")
    page.click("#t5 button[value='reject']")
    page.click("#t6 .mk-row[data-mark='goal'] .mark")
    page.click("[data-do='span']")
    page.click("[data-do='wordsLeft']")
    page.click("[data-do='wordsMore']")
    page.click("[data-do='wordsDone']")
    page.wait_for_selector("#t6 .mk-row[data-mark='goal'][data-status='changed']")
    page.dblclick("#t7 .said", position={"x": 6, "y": 10})  # le mot « Hm »
    page.click("[data-do='add']")
    page.click("[data-do='label-bond']")
    page.wait_for_selector("#t7 .mk-row[data-status='added']")
    page.click("#t8 .who .name")
    page.click("[data-do='none']")
    page.wait_for_selector("#t8 .empty-note")
    page.click("[data-do='comment']")
    page.fill("#commentaire textarea", "à revoir")
    page.click("#commentaire button[value='keep']")
    page.wait_for_selector("#t8 .comment-note")
    page.click("[data-do='undo']")
    page.wait_for_selector("#t8 .comment-note", state="detached")
    page.click("text=Terminer la séance >> nth=-1")
    page.wait_for_selector("text=Vous avez terminé cette séance.")
    assert standing(served) == {
        3: [("task", (), "On regarde le carnet ensemble")],
        4: [("rupture", ("withdrawal",), "à quoi ça sert")],
        6: [("goal", (), "de mal faire.")],
        7: [("bond", (), "Hm")],
    }
    assert served.store.finished("seance-7") == ("R1",)


def test_les_mots_choisis_après_un_caractère_hors_du_plan_de_base_restent_les_mots_choisis(opened, served):
    page = opened(served, at=served.session(tail="#t6"))
    press(page, "e", "Home", "Shift+ArrowLeft", "ArrowRight", "ArrowRight", "Enter")
    page.wait_for_selector("#t6 .mk-row[data-mark='goal'][data-status='changed']")
    (item,) = [m for m in served.store.turn_state("seance-7", 5, "R1").markers if m.key == "goal"]
    text = served.store.transcript("seance-7").turns[5].text
    assert not text[item.marker.spans[0].start].isspace() and text[item.marker.spans[0].start - 1] == " "
    assert page.inner_text("#t6 .ev-goal").strip()[-1] == text[item.marker.spans[0].end - 1]


def test_une_rupture_n_est_pas_proposée_pour_le_thérapeute(opened, served):
    page = opened(served)
    page.click("#t1 .said")
    page.click("[data-do='add']")
    assert page.is_disabled("[data-do='label-confrontation']") and page.is_enabled("[data-do='label-task']")


def test_en_nombre_la_liste_d_abord_et_tout_se_reprend(opened, served):
    page = opened(served)
    page.select_option("select[name='label']", "task")
    page.select_option("select[name='above']", "0.9")
    page.click("text=Voir la liste d’abord")
    assert page.locator(".turns > .turn").count() == 2
    page.click("text=Accepter ces 2 marques")
    page.wait_for_selector("#t8 .mk-row[data-status='accepted']")
    page.click("[data-do='undo']")
    page.wait_for_selector("#t8 .mk-row[data-status='pending']")
    assert status(page, 3, "task") == "pending"


def test_sans_script_tout_se_décide_par_formulaires(opened, served):
    page = opened(served, scripts=False)
    page.click("#t3 button[value='accept']")
    assert status(page, 3, "task") == "accepted"
    page.click("#t2 .turn-no")
    page.locator("form:has(input[value='add']) input[name='quote']").fill("la pluie")
    page.locator("form:has(input[value='add']) button").click()
    assert status(page, 2, "+2") == "added"
    page.click("#t2 .turn-no")
    page.fill("textarea[name='comment']", "vu")
    page.locator("form:has(textarea) button").click()
    assert "vu" in page.inner_text("#t2 .comment-note")
    page.click("form[action$='/undo'] button")
    assert page.locator("#t2 .comment-note").count() == 0
    assert standing(served)[2] == [("goal", (), "la pluie")]


# ------------------------------------------------------------------------- queue, windows, readings


def test_la_file_mène_du_plus_douteux_au_suivant_sans_revenir_sur_ce_qu_on_saute(opened, served):
    page = opened(served, at=f"{served.place.address}queue/next?order=doubt")
    expected = [f"#t{item.turn + 1}" for item in served.store.queue("R1", order="doubt")]
    assert page.evaluate("location.hash") == expected[0] == "#t4"
    press(page, "n")  # sautée
    page.wait_for_url(f"**{expected[1]}")
    press(page, "l", "l")  # ses deux marques acceptées
    page.wait_for_url(f"**{expected[2]}")
    assert served.store.turn_state("seance-7", int(expected[1][2:]) - 1, "R1").reviewed
    assert [d.turn for d in served.store.decisions("seance-7", "R1") if d.action is Action.ACCEPT] == [5, 5]


def test_deux_fenêtres_l_autre_version_est_montrée_et_rien_n_est_perdu(opened, served):
    first = opened(served)
    second = first.context.new_page()
    second.goto(served.session())
    press(second, "n", "x")
    second.wait_for_selector("#t3 .mk-row[data-status='rejected']")
    settle_down(second)
    press(first, "n", "o")
    first.wait_for_selector("#t3 .in-turn")
    assert status(first, 3, "task") == "rejected"
    assert "autre fenêtre" in first.inner_text("#t3 .in-turn .sentence")
    first.click("#t3 [data-again]")
    first.wait_for_selector("#t3 .mk-row[data-status='accepted']")
    made = [decision.action for decision in served.store.decisions("seance-7", "R1", 2) if decision.action is not Action.SEEN]
    assert made == [Action.REJECT, Action.ACCEPT]


def test_sans_serveur_la_décision_se_dit_non_enregistrée_et_se_refait(opened, served):
    page = opened(served)
    press(page, "n")
    settle_down(page)
    page.wait_for_timeout(900)
    page.route("**/decide", lambda route: route.abort())
    press(page, "o")
    page.wait_for_selector("#t3 .in-turn")
    assert status(page, 3, "task") == "pending"
    page.unroute("**/decide")
    page.click("#t3 [data-again]")
    page.wait_for_selector("#t3 .mk-row[data-status='accepted']")


def test_à_l_aveugle_la_machine_n_est_pas_dans_la_page_avant_la_fin(opened, tmp_path):
    with serving(tmp_path / "b.sqlite", small_session(), blind=True) as served:
        page = opened(served, "R2")
        source = page.content()
        assert "97" not in re.sub(r"<svg.*?</svg>", "", source, flags=re.S) and page.locator(".mk-row, .doubt-note").count() == 0
        press(page, "j", "j", "j", "j", "i", "r", "Enter")  # tour 4 : un retrait
        page.wait_for_selector("#t4 .mk-row[data-status='added']")
        press(page, "j", "j", "j", "j", "s")
        settle_down(page)
        page.wait_for_timeout(900)
        assert page.locator(".mk-row").count() == 1
        page.click("text=Terminer et voir les marques de la machine")
        page.wait_for_selector("#t3 .mk-row")
        assert status(page, 3, "task") == "rejected"  # lu et laissé sans marque, avant d'avoir vu
        made = served.store.decisions("seance-7", "R2")
        assert {decision.blind for decision in made if decision.action in (Action.ADD, Action.NONE)} == {True}
        page.click("text=Rouvrir")
        page.click("#t3 button[value='accept']")
        page.wait_for_selector("#t3 .mk-row[data-status='accepted']")
        assert not served.store.decisions("seance-7", "R2")[-1].blind or served.store.decisions("seance-7", "R2")[-1].action is Action.SEEN
        assert [d.blind for d in served.store.decisions("seance-7", "R2") if d.action is Action.ACCEPT] == [False]


def test_deux_relecteurs_puis_trancher_puis_exporter(opened, served):
    for reviewer, keys in (("R1", ("n", "l", "l", "l", "l", "l", "o")), ("R2", ("n", "l", "x", "n", "l", "l", "l", "o"))):
        page = opened(served, reviewer)
        press(page, *keys)
        press(page, "s")
        settle_down(page)
        page.wait_for_timeout(900)
        page.click("button:has-text('Terminer la séance')")
        page.wait_for_selector("text=Vous avez terminé cette séance.")
    arbiter = opened(served, "A1", at=served.session(tail="/settle"))
    assert arbiter.locator("[data-row]").count() == 1
    assert arbiter.locator("#t4 .side").count() == 3
    press(arbiter, "1")
    arbiter.fill("#t4 input[name='reason']", "le reproche est dit")
    arbiter.keyboard.press("Enter")
    arbiter.wait_for_selector(".settled-note")
    (session,) = export_sessions(served.store, adjudicated=True)
    (marker,) = session.turns[3].markers
    assert (marker.label, marker.types, marker.origin.kind.value) == ("rupture", ("confrontation",), "adjudicated")
    arbiter.goto(f"{served.place.address}agreement")
    assert arbiter.locator("table").count() == 3  # R1 et R2, R1 et la machine, R2 et la machine


# -------------------------------------------------------------------------------------- the eye


@pytest.mark.parametrize("size", SIZES)
def test_la_page_tient_dans_l_écran_et_montre_ses_touches(opened, served, size):
    for place in ("", "queue", "agreement", served.session()[len(served.place.address) :]):
        page = opened(served, at=served.place.address + place, size=size)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), place
    assert page.is_visible("[data-do='accept']")
    press(page, "n")
    assert page.evaluate(
        "() => { const box = document.querySelector('#t3').getBoundingClientRect(); const tools = document.querySelector('#outils');"
        " const floor = getComputedStyle(tools).position === 'fixed' ? tools.getBoundingClientRect().top : innerHeight;"
        " return box.top >= 0 && box.top < floor; }"
    )


def test_un_texte_qui_ressemble_à_un_script_reste_du_texte(opened, tmp_path):
    session = small_session(attack=EVIL)
    with serving(tmp_path / "x.sqlite", dataclasses.replace(session, session_id=EVIL)) as served:
        page = opened(served, at=served.session(EVIL))
        press(page, "j", "d")
        page.keyboard.type(EVIL)
        press(page, "Control+Enter")
        page.wait_for_selector("#t1 .comment-note")
        assert page.inner_text("#t7 .said") == EVIL
        assert "pris" not in page.title().replace(EVIL, "")
        assert page.evaluate("document.querySelectorAll('main script, main img').length") == 0


@pytest.mark.slow
def test_axe_ne_trouve_rien_de_grave(opened, served):
    for reviewer in ("R1", "R2"):
        client = served.client(reviewer)
        client.decide("seance-7", action="accept" if reviewer == "R1" else "reject", turn=2, seen=0, mark="task")
        served.store.finish("seance-7", reviewer)
    for place in ("", "queue", "agreement", "enter", "s/KEY", "s/KEY/turn/3", "s/KEY/settle", "s/KEY/replace", "s/KEY/bulk?label=task&above=0.5"):
        address = served.place.address + place.replace("s/KEY", served.session()[len(served.place.address) :])
        page = opened(served, "R3", at=address)
        found = violations(page)
        assert [(place, one["id"], one["nodes"][0]["html"]) for one in found] == []
