"""What decisions mean: undo is exact, turns are independent, a replay is the state."""

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.review.decisions import MARKING, Action, Decision, Result, Status, active, next_redo, next_undo, replay
from tests.review.conftest import LINES, machine_session

SESSION = machine_session(*LINES)
PLAIN = [Action.ACCEPT, Action.REJECT, Action.CHANGE, Action.ADD, Action.NONE, Action.COMMENT, Action.FLAG, Action.SEEN]


@st.composite
def histories(draw, turns=(0, 3)):
    """Any history a store could hold: plain decisions, and undos of what stands."""
    history = []
    for sequence in range(1, draw(st.integers(1, 14)) + 1):
        turn = draw(st.sampled_from(turns))
        able = [d for d in active(history) if d.turn == turn]
        if able and draw(st.booleans()):
            undone = draw(st.sampled_from(able))
            history.append(decision(sequence, turn, Action.UNDO, undoes=undone.sequence))
        else:
            history.append(plain(draw, sequence, turn))
    return history


def plain(draw, sequence, turn):
    action = draw(st.sampled_from(PLAIN))
    key = SESSION.turns[turn].markers[0].label
    label = draw(st.sampled_from(["goal", "task", "bond"]))
    result = Result(label if action in (Action.ADD, Action.CHANGE) else key, ("withdrawal",) if key == "rupture" else ())
    if action in (Action.ADD, Action.CHANGE):
        result = Result(label)
    comment = "à revoir" if action is Action.COMMENT else None
    kept = result if action in MARKING - {Action.NONE} else None
    return decision(sequence, turn, action, marker=key, result=kept, comment=comment, blind=draw(st.booleans()))


def decision(sequence, turn, action, **more):
    return Decision(sequence, "s1", turn, "A", action, "2026-01-01T00:00:00+00:00", **more)


def states(history):
    return [without_sequence(replay(SESSION.turns[t], [d for d in history if d.turn == t], "A")) for t in (0, 3)]


def without_sequence(state):
    markers = [dataclasses.replace(item, key=item.key.rstrip("0123456789"), sequence=0) for item in state.markers]
    comments = [comment.text for comment in state.comments]
    return dataclasses.replace(state, sequence=0, markers=tuple(markers), comments=tuple(comments))


@given(histories())
@settings(max_examples=300, deadline=None)
def test_annuler_la_derniere_décision_rend_exactement_l_état_d_avant(history):
    last = history[-1]
    undone = [*history, decision(last.sequence + 1, last.turn, Action.UNDO, undoes=last.sequence)]
    assert states(undone) == states(history[:-1])


@given(histories())
@settings(max_examples=200, deadline=None)
def test_annuler_une_annulation_refait(history):
    last = history[-1]
    undone = decision(last.sequence + 1, last.turn, Action.UNDO, undoes=last.sequence)
    redone = decision(last.sequence + 2, last.turn, Action.UNDO, undoes=undone.sequence)
    assert states([*history, undone, redone]) == states(history)


@given(histories())
@settings(max_examples=200, deadline=None)
def test_l_ordre_de_tours_indépendants_est_indifférent(history):
    apart = [d for d in history if d.turn == 3] + [d for d in history if d.turn == 0]
    places = {d.sequence: k + 1 for k, d in enumerate(apart)}
    renumbered = [
        dataclasses.replace(d, sequence=places[d.sequence], undoes=d.undoes and places[d.undoes]) for d in apart
    ]
    assert states(renumbered) == states(history)


@given(histories())
@settings(max_examples=200, deadline=None)
def test_tout_annuler_pas_à_pas_rend_la_lecture_de_la_machine_puis_tout_refaire_la_dernière(history):
    plain_only = [d for d in history if d.action not in (Action.UNDO, Action.SEEN)]
    walked, passed = list(plain_only), [states(plain_only)]
    while (target := next_undo(walked)) is not None:
        walked.append(decision(100 + len(walked), target.turn, Action.UNDO, undoes=target.sequence))
        passed.append(states(walked))
    assert passed[-1] == states([])
    for before in passed[-2::-1]:
        target = next_redo(walked)
        walked.append(decision(100 + len(walked), target.turn, Action.UNDO, undoes=target.sequence))
        assert states(walked) == before
    assert next_redo(walked) is None


def test_pas_de_marqueur_écarte_tout_et_compte_comme_une_relecture():
    state = replay(SESSION.turns[0], [decision(1, 0, Action.NONE)], "A")
    assert state.standing == () and state.reviewed
    assert [item.status for item in state.markers] == [Status.REJECTED]


def test_vu_ne_suffit_pas_tant_qu_un_marqueur_de_la_machine_attend():
    assert not replay(SESSION.turns[0], [decision(1, 0, Action.SEEN)], "A").reviewed
    assert replay(SESSION.turns[2], [decision(1, 2, Action.SEEN)], "A").reviewed


def test_en_aveugle_la_machine_n_a_pas_à_être_tranchée():
    added = decision(1, 0, Action.ADD, result=Result("goal"), blind=True)
    state = replay(SESSION.turns[0], [added], "A")
    assert state.reviewed and state.blind and [m.label for m in state.own] == ["goal"]
    open_one = dataclasses.replace(added, blind=False)
    assert not replay(SESSION.turns[0], [open_one], "A").reviewed


def test_une_décision_garde_son_sens_quand_la_machine_ne_marque_plus_le_tour():
    accepted = decision(1, 0, Action.ACCEPT, marker="task", result=Result("task", (), SESSION.turns[0].markers[0].spans))
    bare = dataclasses.replace(SESSION.turns[0], markers=())
    (marker,) = replay(bare, [accepted], "A").own
    assert marker.label == "task" and marker.origin.name == "A" and marker.probability is None
