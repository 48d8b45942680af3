"""What comes out of a review: session records for `agreement`, `evaluate` and `annotate`; the plan of turns; the commands."""

import csv
import dataclasses
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.agreement import measure_agreement
from alliance_nlp.evaluation.likeness import NOT_THERAPY
from alliance_nlp.evaluation.scores import compare
from alliance_nlp.record import dumps, from_record
from alliance_nlp.review.doubt import thresholds
from alliance_nlp.review.export import export_sessions, unsettled
from alliance_nlp.review.plan import DOUBT, RANDOM, plan
from alliance_nlp.transcript import Marker, Notice, Origin, OriginKind, Span
from tests.review.conftest import LINES, machine_session
from tests.review.served import small_session


@pytest.fixture
def two_readers(store):
    """A says yes twice and no once; B differs on the rupture.  Both are done."""
    for turn, action, key in ((0, "accept", "task"), (1, "reject", "task"), (3, "accept", "rupture")):
        store.decide("s1", turn, "A", action, marker=key, seen=0)
        store.decide("s1", turn, "B", "reject" if turn == 3 else action, marker=key, comment="avis", seen=0)
    store.decide("s1", 2, "A", "flag", seen=0)
    store.finish("s1", "A"), store.finish("s1", "B")
    return store


def given(session):
    return [[(m.origin.kind.value, m.origin.name, m.label) for m in turn.markers] for turn in session.turns]


def test_l_export_d_un_relecteur(two_readers):
    (mine,) = export_sessions(two_readers, reviewer="A")
    assert given(mine) == [
        [("human", "A", "task")], [], [], [("human", "A", "rupture")], [("model", "petit-modèle", "repair")], []
    ]  # fmt: skip
    assert [turn.extra.get("reviewed_by") for turn in mine.turns] == [["A"], ["A"], None, ["A"], None, None]
    assert mine.turns[2].extra["flagged_by"] == ["A"] and mine.turns[0].markers[0].probability is None
    assert from_record(json.loads(dumps(mine))) == mine
    (theirs,) = export_sessions(two_readers, reviewer="B")
    assert theirs.turns[0].extra["comments"][0]["text"] == "avis"
    assert export_sessions(two_readers, reviewer="Z") == []


def test_les_exports_vont_dans_agreement_et_evaluate(two_readers):
    readings = {code: export_sessions(two_readers, reviewer=code) for code in "AB"}
    (difference,) = measure_agreement(readings).differences
    assert difference.turn == 3
    assert compare(readings["A"], [two_readers.transcript("s1")]).turns == 3  # les tours relus


def test_l_export_arbitré_attend_que_tout_soit_réglé(two_readers):
    assert unsettled(two_readers) == {"s1": 1} and export_sessions(two_readers, adjudicated=True) == []
    marker = Marker("rupture", Origin(OriginKind.HUMAN, "?"), types=("withdrawal",), spans=(Span(5, 19),))
    two_readers.adjudicate("s1", 3, "C", [marker], "déférence")
    (settled,) = export_sessions(two_readers, adjudicated=True)
    assert given(settled)[:4] == [[("adjudicated", "A+B", "task")], [], [], [("adjudicated", "C", "rupture")]]
    assert settled.turns[3].extra["settled"]["reason"] == "déférence"
    assert settled.turns[3].extra["reviewed_by"] == ["A", "B", "C"]
    with pytest.raises(ConfigError):
        export_sessions(two_readers, reviewer="A", adjudicated=True)


def test_l_export_de_tous_met_les_lectures_côte_à_côte(two_readers):
    (everything,) = export_sessions(two_readers)
    assert given(everything)[0] == [("human", "A", "task"), ("human", "B", "task")]
    assert everything.turns[0].extra["reviewed_by"] == ["A", "B"]


def test_une_décision_sans_place_sort_avec_la_séance(store):
    store.decide("s1", 3, "A", "accept", marker="rupture", seen=0)
    changed = machine_session(*LINES[:3], ("P", "Tout autre chose, en fait.", {}), *LINES[4:])
    store.add_sessions([changed])
    (session,) = export_sessions(store, reviewer="A")
    (lost,) = session.extra["unplaced"]
    assert lost["text"] == LINES[3][1] and lost["markers"][0]["label"] == "rupture"


# ------------------------------------------------------------------------------------------ the plan


def corpus(sessions=12, turns=30, seed=3):
    """Return sessions with uneven probabilities of `task`, tagged from 0.5 up."""
    values = np.random.default_rng(seed).beta(0.5, 1.5, (sessions, turns))
    return [
        machine_session(
            *(("P", f"Tour {k} de la séance {row}.", {"task": float(p)} if p >= 0.5 else {}) for k, p in enumerate(line)),
            session_id=f"s{row}",
        )
        for row, line in enumerate(values)
    ]


def test_le_seuil_se_lit_dans_les_séances():
    cut = thresholds(corpus())["task"]
    lowest = min(p for s in corpus() for t in s.turns if t.labels for p in [t.probabilities["task"]])
    assert 0.02 < cut <= lowest and thresholds([])["bond"] == 0.5


def test_le_plan_prend_les_tours_douteux_et_une_part_au_hasard():
    sessions = corpus()
    rows = plan(sessions, 50, seed=1)
    assert len(rows) == len({(r.session_id, r.turn) for r in rows}) == 50
    assert [sum(r.reason == reason for r in rows) for reason in (DOUBT, RANDOM)] == [40, 10]
    assert {r.inclusion for r in rows if r.reason == DOUBT} == {1.0}
    assert {r.inclusion for r in rows if r.reason == RANDOM} == {10 / (360 - 40)}
    assert len({r.session_id for r in rows}) == 12
    chosen, drawn = ([r.doubt for r in rows if r.reason == reason] for reason in (DOUBT, RANDOM))
    assert np.mean(chosen) > np.mean(drawn)
    assert plan(sessions, 50, seed=1) == rows != plan(sessions, 50, seed=2)
    assert {r for r in plan(sessions, 50, seed=2) if r.reason == DOUBT} == {r for r in rows if r.reason == DOUBT}


def test_la_prévalence_estimée_par_les_probabilités_d_inclusion_est_sans_biais():
    sessions = corpus()
    truth = {(s.session_id, t.index): (t.index * 7 + len(s.session_id)) % 5 == 0 for s in sessions for t in s.turns}
    estimates = [
        sum(truth[r.session_id, r.turn] / r.inclusion for r in plan(sessions, 60, seed=seed)) for seed in range(300)
    ]
    error = np.std(estimates) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - sum(truth.values())) < 4 * error and error > 0


def test_ce_qui_est_déjà_relu_n_est_pas_au_plan():
    (session,) = corpus(sessions=1, turns=4)
    turns = list(session.turns)
    turns[2] = dataclasses.replace(turns[2], extra={"reviewed_by": ["A"]})
    rows = plan([dataclasses.replace(session, turns=tuple(turns))], 99, seed=0)
    assert [r.turn for r in rows] == [0, 1, 3] and {r.inclusion for r in rows} == {1.0}
    with pytest.raises(ConfigError):
        plan([session], 0, seed=0)


# -------------------------------------------------------------------------------------- the commands


def alliance(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "alliance_nlp.cli", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", env={**os.environ, "LC_ALL": "fr_FR.UTF-8"}, timeout=120,
    )  # fmt: skip


def test_exporter_et_planifier_depuis_la_ligne_de_commande(two_readers, tmp_path):
    out = tmp_path / "A.jsonl"
    answer = alliance("review", "export", tmp_path / "relecture.sqlite", "--out", out, "--reviewer", "A")
    assert answer.returncode == 0 and "1 séance(s)" in answer.stderr, answer.stderr
    assert [from_record(json.loads(line)) for line in out.read_text(encoding="utf-8").splitlines()] == export_sessions(two_readers, reviewer="A")
    answer = alliance("review", "export", tmp_path / "relecture.sqlite", "--out", tmp_path / "ab.jsonl", "--adjudicated")
    assert answer.returncode == 1 and "arbitrer" in answer.stderr
    answer = alliance("review", "plan", out, "--n", 2, "--out", tmp_path / "plan.csv")
    assert answer.returncode == 0, answer.stderr
    with (tmp_path / "plan.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    planned = [row for row in rows if row["reason"] in (DOUBT, RANDOM)]
    assert len(planned) == 2 and {int(row["turn"]) for row in planned} <= {2, 4, 5}
    assert {int(row["turn"]) for row in rows if row["reason"] == "decided"} == {0, 1, 3}
    assert [(row["session_id"], row["turns"]) for row in rows if row["reason"] == "population"] == [("s1", "6")]
    assert "carnet" not in (tmp_path / "plan.csv").read_text(encoding="utf-8")
    answer = alliance("review", "export", tmp_path / "absente.sqlite", "--out", out)
    assert answer.returncode == 2 and "absente.sqlite" in answer.stderr and not (tmp_path / "absente.sqlite").exists()


def test_un_chemin_après_review_ouvre_la_page_et_un_nom_de_commande_la_lance():
    import typer
    from typer.testing import CliRunner

    from alliance_nlp.cli.review import SERVER, ServerByDefault

    app = typer.Typer(cls=ServerByDefault)
    app.command(SERVER)(lambda annotations, db="": typer.echo(f"page {annotations} {db}"))
    app.command("export")(lambda database: typer.echo(f"export {database}"))
    run = CliRunner().invoke
    assert run(app, ["out/annotations.jsonl", "--db", "r.sqlite"]).output == "page out/annotations.jsonl r.sqlite\n"
    assert run(app, ["--db", "r.sqlite", "a.jsonl"]).output == "page a.jsonl r.sqlite\n"
    assert run(app, ["export", "r.sqlite"]).output == "export r.sqlite\n"
    assert "export" in run(app, ["--help"]).output


def test_a_plan_draws_no_turn_of_a_conversation_left_unmarked():
    marked = small_session("seance-1")
    withheld = dataclasses.replace(
        marked,
        session_id="boutique",
        turns=tuple(dataclasses.replace(turn, markers=(), needs_review=False) for turn in marked.turns),
        warnings=(Notice(NOT_THERAPY),),
    )
    assert {row.session_id for row in plan([marked, withheld], 12, seed=0)} == {"seance-1"}
    assert thresholds([marked, withheld]) == thresholds([marked])
