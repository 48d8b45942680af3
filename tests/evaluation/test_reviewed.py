"""A turn that nobody reviewed counts neither for nor against anybody."""

import dataclasses
import json

from alliance_nlp.evaluation.agreement import measure_agreement
from alliance_nlp.evaluation.reviewed import machine_markers, read_anew
from alliance_nlp.evaluation.scores import compare
from alliance_nlp.record import dumps, from_record
from alliance_nlp.review.carry import keep_human
from alliance_nlp.transcript import Marker, Origin, OriginKind
from tests.review.conftest import LINES, machine_session

HUMAN = Origin(OriginKind.HUMAN, "A")


def reviewed(labels, name="A"):
    """Return the session as `review export` writes it: {turn: label or None} reviewed, the machine's markers on the others."""
    session = machine_session(*LINES)
    turns = list(session.turns)
    for turn, label in labels.items():
        markers = (Marker(label, dataclasses.replace(HUMAN, name=name)),) if label else ()
        turns[turn] = dataclasses.replace(turns[turn], markers=markers, extra={"reviewed_by": [name]})
    return dataclasses.replace(session, turns=tuple(turns))


def test_un_modèle_n_est_jugé_que_sur_les_tours_relus():
    scores = compare([reviewed({0: "task", 3: None})], [machine_session(*LINES)])
    table = {output.name: (output.support, output.tagged) for output in scores.outputs}
    assert scores.turns == 2 and table["task"] == (1, 1) and table["rupture"] == (0, 1) and table["repair"] == (0, 0)


def test_une_séance_relue_sans_aucune_marque_n_emprunte_pas_celles_de_la_machine():
    agreement = measure_agreement({"A": [reviewed({0: None, 4: None})], "B": [reviewed({4: "repair", 1: None}, "B")]})
    assert agreement.turns == 1
    assert [(d.turn, d.labels) for d in agreement.differences] == [(4, ((), ("repair",)))]


def test_la_lecture_de_la_machine_reste_entière_sous_celle_des_personnes():
    """`annotate` run again keeps people's markers: what the machine marked there is set aside, and still measured."""
    kept = keep_human(reviewed({0: None, 3: "bond"}), machine_session(*LINES)).transcript
    assert [m.label for m in kept.turns[3].markers] == ["bond"]
    kept = from_record(json.loads(dumps(kept)))
    reference = reviewed({0: "task", 3: None})
    told, plain = (compare([reference], [hypothesis]) for hypothesis in (kept, machine_session(*LINES)))
    assert told.as_dict() == plain.as_dict()
    assert machine_markers(read_anew(kept.turns[3])) == ()


def test_le_modèle_qui_relit_une_séance_relue_est_jugé_sur_sa_nouvelle_lecture(tiny_tagger):
    kept = keep_human(reviewed({0: None, 3: "bond"}), machine_session(*LINES)).transcript
    anew, fresh = (tiny_tagger.tag(session) for session in (kept, machine_session(*LINES)))
    assert [machine_markers(turn) for turn in anew.turns] == [machine_markers(turn) for turn in fresh.turns]
    assert anew.turns[3].extra["reviewed_by"] == ["A"]
