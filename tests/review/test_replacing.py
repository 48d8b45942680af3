"""A newer transcript left decisions without a place: they are listed, placed or dropped by hand, and every step can be taken back."""

import csv
import dataclasses

import pytest

from alliance_nlp.errors import ConfigError, LabelError, StoreError
from alliance_nlp.review.carry import keep_human
from alliance_nlp.review.decisions import Action, Status
from alliance_nlp.review.export import conflicts_csv, export_sessions
from alliance_nlp.review.matching import nearest
from alliance_nlp.transcript import Marker, Span
from tests.review.conftest import LINES, machine_session

NEWER = (
    *LINES[:3],
    ("P", "Enfin… comme vous voulez, c'est vous le spécialiste, vous savez mieux que moi ce qu'il faut faire.", {"rupture": 0.5, "bond": 0.4}),
    ("T", "Attendez : je suis allé beaucoup trop vite, là.", {}),
    ("P", "Oui.", {}),
)


START = LINES[3][1].index("c'est vous")
SPECIALIST = Span(START, START + len("c'est vous le spécialiste"))


def decide(store, turn, reviewer, action, **more):
    return store.decide("s1", turn, reviewer, action, seen=store.turn_state("s1", turn, reviewer).sequence, **more)


@pytest.fixture
def changed(store):
    """Return a store whose session was transcribed anew after A had decided on turns 3 and 4 (« si vous voulez », « trop vite »)."""
    decide(store, 3, "A", "change", marker="rupture", types=("withdrawal",), spans=(SPECIALIST,))
    decide(store, 3, "A", "comment", comment="dit en souriant")
    decide(store, 4, "A", "reject", marker="repair")
    store.add_sessions([machine_session(*NEWER, sha256="b" * 64)])
    return store


def shown(store, reviewer="A"):
    return [(item.turn.index, item.lost, [near.place for near in item.near]) for item in store.waiting("s1", reviewer)]


def test_ce_qui_n_a_pas_retrouvé_sa_place_attend_son_auteur_avec_les_tours_possibles(changed):
    assert [(number, lost, near[0]) for number, lost, near in shown(changed)] == [(3, "turn", 3), (4, "turn", 4)]
    assert changed.waiting("s1", "B") == ()
    (first, second) = changed.waiting("s1", "A")
    assert first.turn.text == LINES[3][1] and [m.label for m in first.turn.markers] == ["rupture"] and second.turn.markers == ()


def test_replacer_refait_les_décisions_au_nom_de_leur_auteur_et_les_mots_suivent(changed):
    item = changed.waiting("s1", "A")[0]
    changed.place("s1", "A", item.key, 3)
    state = changed.turn_state("s1", 3, "A")
    (mine,) = state.own
    text = changed.transcript("s1").turns[3].text
    assert (mine.label, mine.types, mine.origin.name) == ("rupture", ("withdrawal",), "A")
    assert [text[s.start : s.end] for s in mine.spans] == ["c'est vous le spécialiste"]
    assert {m.key: m.status for m in state.markers} == {"bond": Status.REJECTED, "rupture": Status.CHANGED}
    assert state.reviewed and [c.text for c in state.comments] == ["dit en souriant"]
    assert [number for number, _, _ in shown(changed)] == [4]
    (session,) = export_sessions(changed, reviewer="A")
    assert [turn["index"] for turn in session.extra["unplaced"]] == [4]


def test_des_mots_perdus_ne_deviennent_pas_ceux_de_la_machine(store):
    decide(store, 3, "A", "change", marker="rupture", spans=(Span(0, 18),))  # « Bon, si vous voulez »
    store.add_sessions([machine_session(*NEWER, sha256="b" * 64)])
    store.place("s1", "A", store.waiting("s1", "A")[0].key, 3)
    state = store.turn_state("s1", 3, "A")
    assert [marker.spans for marker in state.own] == [()]
    assert {m.key: m.status for m in state.markers if m.original} == {"bond": Status.REJECTED, "rupture": Status.REJECTED}


def test_à_l_aveugle_la_marque_replacée_reste_la_sienne_et_se_voit(changed):
    """In blind mode the page shows only what the reviewer added: a placed mark is an added one, never the machine's taken over."""
    changed.place("s1", "A", changed.waiting("s1", "A")[0].key, 3, hidden=True)
    state = changed.turn_state("s1", 3, "A")
    assert [item.marker.label for item in state.markers if item.original is None] == ["rupture"]
    assert {item.status for item in state.markers if item.original} == {Status.REJECTED}


def test_reprendre_la_remet_dans_la_liste_et_annuler_sur_la_page_aussi(changed):
    before = changed.state("s1", "A").turns
    item = changed.waiting("s1", "A")[0]
    changed.place("s1", "A", item.key, 3)
    changed.take_back("s1", "A")
    assert [number for number, _, _ in shown(changed)] == [3, 4]
    assert [t.own for t in changed.state("s1", "A").turns] == [t.own for t in before]
    changed.place("s1", "A", item.key, 3)
    changed.undo("s1", "A")  # the session page's own undo takes the whole group
    assert [number for number, _, _ in shown(changed)] == [3, 4] and changed.turn_state("s1", 3, "A").own == ()
    with pytest.raises(StoreError):
        changed.take_back("s1", "A")
    changed.redo("s1", "A")
    assert [number for number, _, _ in shown(changed)] == [4]


def test_écarter_demande_un_motif_et_se_reprend(changed):
    item = changed.waiting("s1", "A")[1]
    with pytest.raises(ConfigError):
        changed.drop("s1", "A", item.key, "  ")
    changed.drop("s1", "A", item.key, "phrase coupée au montage")
    assert [number for number, _, _ in shown(changed)] == [3]
    (done,) = changed.replacements("s1", "A")
    assert done.turn is None and done.reason == "phrase coupée au montage"
    with pytest.raises(StoreError):
        changed.drop("s1", "A", item.key, "encore")
    changed.take_back("s1", "A", done.number)
    assert [number for number, _, _ in shown(changed)] == [3, 4]
    with pytest.raises(Exception, match="never"):
        changed.database.connection.execute("DELETE FROM replacements")


def test_un_tour_sans_marque_replacé_dit_encore_sans_marque(changed):
    item = changed.waiting("s1", "A")[1]
    changed.place("s1", "A", item.key, 4)
    assert changed.turn_state("s1", 4, "A").reviewed
    assert changed.decisions("s1", "A", 4)[-1].action is Action.NONE


def test_ce_qui_fut_décidé_depuis_sur_le_nouveau_tour_reste(changed):
    decide(changed, 3, "A", "accept", marker="bond")
    changed.place("s1", "A", changed.waiting("s1", "A")[0].key, 3)
    assert sorted(m.label for m in changed.turn_state("s1", 3, "A").own) == ["bond", "rupture"]


def test_une_rupture_ne_se_replace_pas_chez_le_thérapeute_et_rien_n_est_écrit(changed):
    item, before = changed.waiting("s1", "A")[0], len(changed.decisions("s1"))
    with pytest.raises(LabelError):
        changed.place("s1", "A", item.key, 4)
    with pytest.raises(StoreError):
        changed.place("s1", "A", item.key, 99)
    assert len(changed.decisions("s1")) == before and len(shown(changed)) == 2


def test_une_fois_terminée_la_séance_laisse_encore_replacer(changed):
    """Placing what was decided is not changing one's mind."""
    changed.finish("s1", "A")
    changed.place("s1", "A", changed.waiting("s1", "A")[0].key, 3)
    changed.take_back("s1", "A")
    assert len(shown(changed)) == 2


def test_un_tour_arbitré_se_replace_et_se_reprend(store):
    for code in "AB":
        decide(store, 3, code, "accept" if code == "A" else "reject", marker="rupture")
        store.finish("s1", code)
    marker = store.transcript("s1").turns[3].markers[0]
    store.adjudicate("s1", 3, "Z", [marker], "le ton")
    store.add_sessions([machine_session(*NEWER, sha256="b" * 64)])
    (item,) = store.waiting("s1", "Z")
    assert item.settled and item.turn.index == 3
    store.place("s1", "Z", item.key, 3)
    assert [m.label for m in store.settlements("s1")[3].markers] == ["rupture"] and store.waiting("s1", "Z") == ()
    store.take_back("s1", "Z")
    assert store.settlements("s1") == {} and len(store.waiting("s1", "Z")) == 1


def test_ce_que_annotate_n_a_pu_placer_se_replace_aussi(open_store):
    """`annotate` run again keeps people's markers in the record; what found no place there waits in the page."""
    read = machine_session(*LINES)
    mine = Marker("rupture", dataclasses.replace(read.turns[3].markers[0].origin, kind=read_kind(), name="A", version=None), types=("withdrawal",), spans=(Span(5, 19),))
    old = dataclasses.replace(read.turns[3], markers=(mine,), extra={"reviewed_by": ["A"]})
    carried = keep_human(dataclasses.replace(read, turns=(*read.turns[:3], old, *read.turns[4:])), machine_session(*NEWER, sha256="b" * 64))
    assert carried.transcript.extra["unplaced"]
    store = open_store("autre.sqlite")
    store.add_sessions([carried.transcript])
    (item,) = store.waiting("s1", "A")
    store.place("s1", "A", item.key, 3)
    assert [m.label for m in store.turn_state("s1", 3, "A").own] == ["rupture"] and store.waiting("s1", "A") == ()
    (session,) = export_sessions(store)
    assert "unplaced" not in session.extra and [m.label for m in session.turns[3].markers] == ["rupture"]


def read_kind():
    from alliance_nlp.transcript import OriginKind

    return OriginKind.HUMAN


def test_des_mots_perdus_attendent_jusqu_à_ce_qu_on_en_choisisse_d_autres(open_store):
    said = "Je suis allé trop vite la semaine dernière, je crois, et j'en suis {} pour vous."
    old, new = (machine_session(("T", said.format(word), {"repair": 0.8}), sha256=c * 64) for word, c in (("désolé", "a"), ("navrée", "b")))
    store = open_store("mots.sqlite")
    store.add_sessions([old])
    start = old.turns[0].text.index("désolé")
    for code in "AB":
        decide(store, 0, code, "change", marker="repair", spans=(Span(start, start + 6),))
    store.add_sessions([new])
    (item,) = store.waiting("s1", "A")
    assert (item.lost, item.place, item.near) == ("words", 0, ())
    with pytest.raises(StoreError):
        store.place("s1", "A", item.key, 0)
    decide(store, 0, "A", "change", marker="repair", spans=(Span(start, start + 6),))
    assert store.waiting("s1", "A") == ()
    store.drop("s1", "B", store.waiting("s1", "B")[0].key, "le ton seul")
    assert store.waiting("s1", "B") == ()


def test_l_export_des_conflits_les_montre_avec_ce_qu_ils_sont_devenus(changed):
    item = changed.waiting("s1", "A")[1]
    changed.drop("s1", "A", item.key, "=coupé")
    rows = list(csv.DictReader(conflicts_csv(changed).splitlines()))
    assert [(r["session_id"], r["reviewer"], r["earlier_turn"], r["status"]) for r in rows] == [("s1", "A", "4", "waiting"), ("s1", "A", "5", "dropped")]
    assert rows[0]["decision"] == "rupture:withdrawal" and rows[0]["candidate_1_turn"] == "4" and rows[0]["candidate_1_text"] == NEWER[3][1]
    assert rows[1]["reason"].startswith("'=")


def test_les_tours_proposés_sont_ceux_qui_partagent_le_plus_de_mots():
    new = ["Bonjour.", "Oui.", "Le carnet, je l'ai rempli. Et puis mon frère est venu.", "Non."]
    assert nearest("Et mon frère est venu.", new, expected=0)[0].place == 2  # two turns joined into one
    assert nearest("Oui.", ["Oui.", "Non.", "Oui."], expected=2)[0].place == 2
    assert nearest("…", ["a", "b", "c"], expected=1)[0].place == 1 and nearest("x", [], expected=0) == ()
