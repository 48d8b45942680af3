"""A session beside the earlier ones of its dyad."""

from __future__ import annotations

import dataclasses

import pytest

from alliance_nlp.patterns import contrast, dyad_session


@pytest.fixture
def counted(session_of):
    """Return a function: how many of ten turns agree, and the session's place in the dyad → its counts."""

    def build(tasks: int, **metadata):
        lines = [f"{'TP'[n % 2]}: <task>D'accord.</task>" if n < tasks else f"{'TP'[n % 2]}: Hm." for n in range(10)]
        session = session_of(*lines, session_id=str(metadata.get("session_number", "x")))
        return dyad_session(dataclasses.replace(session, metadata={"dyad_id": "d1", **metadata}))

    return build


def test_la_seance_est_mise_a_cote_des_precedentes(counted):
    first, second, now, later = (counted(n, session_number=k) for k, n in ((1, 1), (2, 3), (3, 5), (4, 9)))
    found = contrast(now, [later, second, now, first])
    assert [session.number for session in found.earlier] == [1, 2]
    (task,) = [entry for entry in found.labels if entry.name == "task"]
    assert (task.now, task.now_per_100, found.earlier_turns) == (5, 50.0, 20)
    assert (task.earlier, task.earlier_per_100, task.lowest_per_100, task.highest_per_100) == (4, 20.0, 10.0, 30.0)


def test_une_autre_dyade_ne_compte_pas(counted):
    other = dataclasses.replace(counted(3, session_number=1), dyad="d2")
    assert contrast(counted(3, session_number=2), [other]) is None


def test_sans_dyade_ou_sans_ordre_il_n_y_a_pas_de_contraste(counted):
    now = counted(3, session_number=2)
    assert contrast(dataclasses.replace(now, dyad=None), [counted(3, session_number=1)]) is None
    assert contrast(now, [counted(3, session_number=2), counted(3)]) is None


def test_la_date_ordonne_quand_les_numeros_manquent(counted):
    first, now = counted(2, date="2024-03-05"), counted(4, date="2024-03-12")
    assert contrast(first, [now]) is None
    assert contrast(now, [first]).earlier == (first,)
    assert contrast(now, [counted(2, date="au printemps")]) is None


def test_une_seance_sans_tour_n_est_pas_une_precedente(counted):
    empty = dataclasses.replace(counted(0, session_number=1), turns=0, labels={})
    assert contrast(counted(2, session_number=2), [empty]) is None
