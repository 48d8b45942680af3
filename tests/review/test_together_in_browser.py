"""In a real browser: passages added and removed, a mark that nobody gave, decisions placed anew, and the whole road to training."""

from __future__ import annotations

import dataclasses
import json

import pytest

from alliance_nlp.review.export import export_sessions, write_sessions
from alliance_nlp.transcript import OriginKind
from tests.browser import browser, violations  # noqa: F401  (a fixture)
from tests.review.served import Served, serving, small_session, turn
from tests.review.test_page_in_browser import arrive, opened, press, served, settle_down, standing  # noqa: F401  (fixtures)


# ------------------------------------------------------------------------------- several passages


def test_une_marque_prend_un_second_passage_au_clavier_et_le_rend(opened, served):  # noqa: F811
    page = opened(served, at=served.session(tail="#t8"))
    press(page, "e", "Space", "Shift+ArrowRight")  # « je note le soir » + « seulement. » après lui
    assert page.locator("#passages button").count() == 2
    press(page, "ArrowUp", "ArrowLeft", "ArrowLeft", "Shift+ArrowLeft", "Enter")  # le premier : deux mots plus tôt, plus court d'un
    page.wait_for_selector("#t8 .mk-row[data-status='changed']")
    settle_down(page)
    assert standing(served)[8] == [("task", (), "D’accord, je note|seulement.")]
    press(page, "e", "ArrowDown", "Delete", "Enter")
    page.wait_for_timeout(300)
    settle_down(page)
    assert standing(served)[8] == [("task", (), "D’accord, je note")]


def test_une_marque_prend_un_second_passage_à_la_souris(opened, served):  # noqa: F811
    page = opened(served)
    page.click("#t8 .mk-row .mark")
    page.click("[data-do='span']")
    page.click("[data-do='wordsAnother']")
    page.dblclick("#t8 .said", position={"x": 20, "y": 10})  # le mot « D’accord »
    page.click("[data-do='wordsDone']")
    page.wait_for_selector("#t8 .mk-row[data-status='changed']")
    assert standing(served)[8] == [("task", (), "D’accord,|je note le soir")]
    page.click("[data-do='span']")
    page.click("#passages li:nth-child(2) button")
    page.click("[data-do='wordsDrop']")
    page.click("[data-do='wordsDone']")
    page.wait_for_timeout(300)
    settle_down(page)
    assert standing(served)[8] == [("task", (), "D’accord,")]


def test_sans_script_deux_passages_se_tapent_avec_des_points_de_suspension(opened, served):  # noqa: F811
    page = opened(served, scripts=False)
    page.click("#t8 .turn-no")
    page.locator("form:has(input[value='change']) input[name='quote']").fill("D’accord … le soir")
    page.locator("form:has(input[value='change']) button").click()
    assert standing(served)[8] == [("task", (), "D’accord|le soir")]
    page.click("#t8 .turn-no")
    assert page.input_value("form:has(input[value='change']) input[name='quote']") == "D’accord … le soir"


# ------------------------------------------------------------------------ a mark that nobody gave


def two_readings(served: Served) -> None:  # noqa: F811
    """R1 accepts the confrontation of turn 4, R2 rejects it; both finish."""
    for code, action in (("R1", "accept"), ("R2", "reject")):
        client = served.client(code)
        client.decide("seance-7", action=action, turn=3, seen=0, mark="rupture")
        served.store.finish("seance-7", code)


def test_l_arbitre_écrit_au_clavier_une_marque_que_personne_n_a_donnée(opened, served):  # noqa: F811
    two_readings(served)
    page = opened(served, "A1", at=served.session(tail="/settle"))
    press(page, "i", "r", "Shift+ArrowRight", "Enter")
    page.wait_for_selector("#t4 fieldset label:nth-of-type(2)")
    press(page, "o")
    page.wait_for_selector(".settled-note")
    (marker,) = served.store.settlements("seance-7")[3].markers
    text = served.store.transcript("seance-7").turns[3].text
    assert (marker.label, marker.types, marker.origin.kind, marker.origin.name) == ("rupture", ("withdrawal",), OriginKind.ADJUDICATED, "A1")
    assert [text[s.start : s.end] for s in marker.spans] == ["Le carnet,"]
    assert page.locator("#t4 fieldset input:checked").count() == 1  # beside the readings, ready to be settled again


def test_l_arbitre_l_écrit_aussi_à_la_souris_et_sans_script(opened, served):  # noqa: F811
    two_readings(served)
    page = opened(served, "A1", at=served.session(tail="/settle"))
    page.dblclick("#t4 .said", position={"x": 30, "y": 10})
    page.click("[data-do='addMark']")
    page.click("[data-do='label-bond']")
    assert page.locator("#t4 fieldset .mark-bond").count() == 1
    page.click("#t4 .settle-form button.strong")
    page.wait_for_selector(".settled-note")
    assert [m.label for m in served.store.settlements("seance-7")[3].markers] == ["bond"]
    plain = opened(served, "A1", at=served.session(tail="/settle"), scripts=False)
    plain.uncheck("#t4 input[name='keep'] >> nth=-1")
    plain.select_option("#t4 select[name='choice']", "goal:")
    plain.fill("#t4 input[name='quote']", "à quoi ça sert")
    plain.click("#t4 .settle-form button.strong")
    assert [m.label for m in served.store.settlements("seance-7")[3].markers] == ["goal"]


# ---------------------------------------------------------------------------------- placed anew


def newer(session):
    """Return the session transcribed anew: turns 4 and 5 say it otherwise."""
    lines = list(session.turns)
    lines[3] = turn(3, "P", "Encore ce carnet, mais enfin, dites-moi, à quoi ça sert au juste ?", ("rupture", ("confrontation",), 0.6, "à quoi ça sert"))
    lines[4] = turn(4, "T", "J’insiste, on dirait… Qu’est-ce qui pèse tant, pour vous, là-dedans ?")
    return dataclasses.replace(session, turns=tuple(lines), source=dataclasses.replace(session.source, sha256="1" * 64))


def test_après_une_transcription_changée_on_replace_d_une_touche_on_écarte_et_on_reprend(opened, served):  # noqa: F811
    client = served.client("R1")
    client.decide("seance-7", action="accept", turn=3, seen=0, mark="rupture")
    client.decide("seance-7", action="reject", turn=4, seen=0, mark="repair")
    served.store.add_sessions([newer(small_session())])
    page = opened(served)
    assert "2 décisions à replacer" in page.inner_text("main").replace("\u00a0", " ")
    page.click("text=2 décisions à replacer")
    assert page.locator("[data-row]").count() == 2
    assert [found["id"] for found in violations(page)] == []
    press(page, "1")
    arrive(page, "text=replacée au tour 4")
    assert [m.label for m in served.store.turn_state("seance-7", 3, "R1").own] == ["rupture"]
    press(page, "x")
    page.keyboard.type("réplique coupée")
    press(page, "Enter")
    arrive(page, "text=réplique coupée")
    assert served.store.waiting("seance-7", "R1") == ()
    page.click("h1")
    press(page, "u")
    arrive(page, "[data-row]")
    page.fill("[data-other]", "5")
    page.click("[data-row] form:has([data-other]) button")
    page.wait_for_selector("text=replacée au tour 5")
    assert served.store.turn_state("seance-7", 4, "R1").reviewed
    assert page.locator("[data-row]").count() == 0


# ------------------------------------------------------------------------------- the whole road


@pytest.mark.slow
def test_du_clavier_à_la_souris_à_l_aveugle_arbitré_exporté_appris(opened, tiny_base, tmp_path):  # noqa: F811
    """The sentence of the issue in one go, on three copies of a session; what comes out teaches a tiny model."""
    from alliance_nlp.tagger import Tagger
    from alliance_nlp.training.release import train_model
    from tests.training.test_fit import config, write_corpus

    database = tmp_path / "relecture.sqlite"
    with serving(database, small_session()) as open_page:
        page = opened(open_page, "R1")  # by keys alone
        press(page, "n", "l", "t", "r")
        page.wait_for_selector("#t4 .mk-row[data-types='withdrawal']")
        press(page, "n", "x", "n", "x", "n", "l", "o")
        page.wait_for_selector("#t8 .mk-row[data-status='accepted']")
        press(page, "k", "v", "s")
        page.wait_for_selector("#t7 .empty-note")
        settle_down(page)
        page.wait_for_timeout(900)
        page.focus("button:has-text('Terminer la séance')")
        press(page, "Enter")
        page.wait_for_selector("text=Vous avez terminé cette séance.")
        mouse = opened(open_page, "R2")  # by clicks alone
        for row in ("#t3", "#t6 .mk-row[data-mark='bond']", "#t8"):
            mouse.click(f"{row} button[value='accept']")
        for row in ("#t4", "#t5", "#t6 .mk-row[data-mark='goal']"):
            mouse.click(f"{row} button[value='reject']")
        settle_down(mouse)
        mouse.click("#t8 .said")
        mouse.click("[data-do='readHere']")
        settle_down(mouse)
        mouse.wait_for_timeout(900)
        mouse.click("button:has-text('Terminer la séance')")
        mouse.wait_for_selector("text=Vous avez terminé cette séance.")
    with serving(database, small_session(), blind=True) as blind_page:
        page = opened(blind_page, "R3")
        assert page.locator(".mk-row").count() == 0
        press(page, "j", "j", "j", "j", "i", "r", "Enter")  # turn 4: a withdrawal, found without the machine
        page.wait_for_selector("#t4 .mk-row[data-status='added']")
        press(page, "j", "j", "j", "j", "s")
        settle_down(page)
        page.wait_for_timeout(900)
        page.click("text=Terminer et voir les marques de la machine")
        page.wait_for_selector("#t3 .mk-row")
        arbiter = opened(blind_page, "A1", at=blind_page.session(tail="/settle"))
        open_rows, settled_rows = (arbiter.locator(f"[data-row]{only}") for only in (":not(.settled)", ".settled"))
        while open_rows.count():
            done, row = settled_rows.count(), open_rows.first
            boxes = row.locator("input[name='keep']")
            for number in range(boxes.count()):  # what two readers gave stands, on turn 4 what the blind one heard
                names = row.locator("fieldset label").nth(number).locator(".mark-p").last.inner_text()
                boxes.nth(number).set_checked(names.count("R") >= 2 or "R3" in names)
            row.locator("input[name='reason']").fill("deux lectures sur trois")
            row.locator("button.strong").click()
            settled_rows.nth(done).wait_for()
        sessions = export_sessions(blind_page.store, adjudicated=True)
    (session,) = sessions
    settled = {t.index + 1: sorted((m.label, *m.types) for m in t.markers) for t in session.turns if t.markers}
    assert settled[4] == [("rupture", "withdrawal")] and {m.origin.kind for t in session.turns for m in t.markers} == {OriginKind.ADJUDICATED}
    assert session.turns[3].extra["settled"]["reason"] == "deux lectures sur trois"
    write_sessions(tmp_path / "relectures.jsonl", sessions)
    corpus = str(write_corpus(tmp_path / "corpus"))
    given = {"corpus": corpus, "reviewed": (str(tmp_path / "relectures.jsonl"),)}
    folder = train_model(dataclasses.replace(config(tiny_base, tmp_path / "appris"), **given))
    told = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["trained_on"]["reviewed"]
    assert told["sessions"] == 1 and told["turns"] == 8 and told["people"] == 4  # three readers and the arbiter
    bare = dataclasses.replace(small_session(), turns=tuple(dataclasses.replace(t, markers=(), probabilities=None) for t in small_session().turns))
    tagger = Tagger.load(folder)
    outputs = tagger.network.architecture.outputs
    logits = tagger.score(bare).logits[3]
    assert logits[outputs.index("withdrawal")] > 0 > logits[outputs.index("confrontation")]
