"""Chunks, targets and the changes made to sessions in training."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_nlp.tagger.encoding import encode_session
from alliance_nlp.training.examples import (
    as_recognised,
    augment,
    chunk_transcript,
    cut_chunks,
    edit_turn,
    hide_roles,
    token_targets,
    turn_targets,
)
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Span, Turn

AUTHOR = Origin(OriginKind.AUTHORED, "essai")


def marked(text: str, *evidence: str) -> Turn:
    spans = tuple(Span(text.index(words), text.index(words) + len(words)) for words in evidence)
    return Turn(0, "P", text, markers=(Marker("task", AUTHOR, spans=spans),))


def evidence(turn: Turn) -> list[str]:
    return [turn.text[span.start : span.end] for marker in turn.markers for span in marker.spans]


def test_comme_un_logiciel_de_dictee_la_preuve_suit_le_texte():
    turn = as_recognised(marked("Oui. [rire] D'accord, je le ferai !", "D'accord, je le ferai"), random.Random(0))
    assert turn.text == "oui  d'accord je le ferai "
    assert evidence(turn) == ["d'accord je le ferai"]


def test_un_tour_qui_n_est_que_ponctuation_reste():
    turn = Turn(0, "P", "[silence 8 s] …")
    assert as_recognised(turn, random.Random(0)) == turn


@given(st.data())
def test_ce_qui_reste_d_une_preuve_vient_de_la_preuve(data):
    text = data.draw(st.text("abc de,.", min_size=3, max_size=30).filter(str.strip))
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    edits = [(a, b, "") for a, b in zip(places[::2], places[1::2], strict=False) if a < b]
    turn = edit_turn(Turn(0, "P", text, markers=(Marker("goal", AUTHOR, spans=(span,)),)), edits)
    removed = {place for a, b, _ in edits for place in range(a, b)}
    if turn.text != text:
        kept = "".join(c for place, c in enumerate(text) if place not in removed and span.start <= place < span.end)
        assert evidence(turn) == [kept]


def test_les_morceaux_notent_chaque_tour_une_seule_fois(session_of):
    session = session_of(*(f"{'TP'[n % 2]}: tour numéro {n}" for n in range(23)))
    for offset in (1, 4, 8, 30):
        chunks = cut_chunks(session, chunk_turns=8, context_turns=3, offset=offset)
        assert [n for chunk in chunks for n in range(chunk.scored, chunk.end)] == list(range(23))
        for chunk in chunks:
            part = chunk_transcript(chunk)
            assert part.turns[0].text == session.turns[chunk.start].text
            assert chunk.scored - chunk.start == min(3, chunk.scored)


def test_les_cibles_d_un_tour(session_of):
    session = session_of("P: <confrontation>À quoi ça sert ?</confrontation> <bond>Mais avec vous, oui.</bond>", "T: Hm hm.")
    names = ("goal", "bond", "rupture", "withdrawal", "confrontation")
    np.testing.assert_array_equal(turn_targets(session, names), [[0, 1, 1, 0, 1], [0, 0, 0, 0, 0]])


def test_les_cibles_des_mots_sont_la_preuve_et_rien_d_autre(session_of, tiny_tagger):
    session = session_of("P: Ben, <task>je l'ai rempli</task> deux fois.")
    encoded = encode_session(session, tiny_tagger.tokens, prefix="query: ", max_tokens=40)
    target = token_targets(session, encoded, 0, ("goal", "task"))
    text, offsets = session.turns[0].text, encoded.pieces[0].offsets
    chosen = [text[a:b] for (a, b), value in zip(offsets, target[:, 1], strict=True) if value == 1]
    assert "".join(chosen).replace(" ", "") == "jel'airempli"
    assert (target[:, 0] == -1).all()


def test_cacher_les_roles(session_of):
    assert {s.role for s in hide_roles(session_of("T: Bonjour.", "P: Bonjour.")).speakers} == {Role.UNKNOWN}


def test_la_parole_ordinaire_recoit_des_roles_au_hasard(session_of):
    session = session_of("A: Bonjour.", "B: Bonjour.", A="other", B="other")
    session = session.__class__(session.session_id, session.turns, session.speakers, metadata={"therapy": False})
    seen = {s.role for seed in range(30) for s in augment(session, random.Random(seed), hidden=0, noise=0).speakers}
    assert seen == {Role.THERAPIST, Role.PATIENT, Role.UNKNOWN, Role.OTHER}


def test_sans_changement_demande_la_seance_est_la_meme(session_of):
    session = session_of("T: Bonjour.", "P: <bond>Avec vous.</bond>")
    assert augment(session, random.Random(1), hidden=0.0, noise=0.0) == session


@pytest.mark.parametrize("seed", range(5))
def test_le_bruit_ne_perd_aucune_marque(session_of, seed):
    session = session_of("T: <task>On note ?</task>", "P: <task>D'accord.</task> <bond>[rire] Avec vous !</bond>")
    noisy = augment(session, random.Random(seed), hidden=0.0, noise=1.0)
    assert [turn.labels for turn in noisy.turns] == [turn.labels for turn in session.turns]
