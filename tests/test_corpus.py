"""The corpus that is trained and measured on: readable, within the scheme, its splits kept apart."""

import json
from collections import defaultdict

import pytest

from alliance_nlp.labels import default_label_set
from alliance_nlp.training.corpus import SPLITS, corpus_folder, load_sessions
from alliance_nlp.transcript import Transcript

SHARED_WORDS = 8  # a run of this many words that carries a tag must not stand in two splits


@pytest.fixture(scope="module")
def corpus() -> dict[str, list[Transcript]]:
    return {split: load_sessions(split) for split in SPLITS}


def test_chaque_seance_est_dans_une_partie_et_une_seule():
    folder = corpus_folder()
    splits = json.loads((folder / "splits.json").read_text(encoding="utf-8"))
    names = [name for part in splits.values() for name in part]  # "reserve" waits for the next training
    assert len(names) == len(set(names))
    assert set(names) == {path.stem for path in (folder / "sessions").glob("*.txt")}


def test_chaque_seance_a_sa_fiche_et_ses_redacteurs_ne_passent_pas_d_une_partie_a_l_autre():
    folder = corpus_folder()
    cards = [json.loads(line) for line in (folder / "cards.jsonl").read_text(encoding="utf-8").splitlines()]
    writer = {card["id"]: card["writer"] for card in cards}
    splits = json.loads((folder / "splits.json").read_text(encoding="utf-8"))
    assert len(writer) == len(cards)
    writers = [{writer[name] for name in splits[split]} for split in SPLITS]
    assert not (writers[0] & writers[1] or writers[0] & writers[2] or writers[1] & writers[2])


def test_toutes_les_seances_se_lisent_sans_avertissement(corpus):
    for session in (s for sessions in corpus.values() for s in sessions):
        assert not session.warnings, session.session_id
        assert len(session.turns) >= 35
        assert session.source.file == f"{session.session_id}.txt"


def test_une_rupture_n_est_jamais_du_cote_du_therapeute(corpus):
    allowed = default_label_set()["rupture"].roles
    for session in (s for sessions in corpus.values() for s in sessions):
        for turn in session.turns:
            if "rupture" in turn.labels:
                assert session.role_of(turn).value in allowed, (session.session_id, turn.index)


def test_chaque_marque_a_sa_preuve(corpus):
    for session in (s for sessions in corpus.values() for s in sessions):
        for turn in session.turns:
            for marker in turn.markers:
                assert marker.spans and all(turn.text[s.start : s.end].strip() for s in marker.spans)


def test_la_parole_ordinaire_ne_porte_aucune_marque(corpus):
    talk = [s for sessions in corpus.values() for s in sessions if s.metadata["therapy"] is False]
    assert len(talk) >= 4
    assert not any(turn.markers for session in talk for turn in session.turns)


def test_la_plupart_des_tours_ne_portent_rien(corpus):
    for sessions in corpus.values():
        turns = [turn for session in sessions for turn in session.turns]
        assert 0.60 <= sum(not turn.markers for turn in turns) / len(turns) <= 0.80


def test_aucune_preuve_ne_revient_d_une_partie_a_l_autre(corpus):
    places = defaultdict(set)
    for split, sessions in corpus.items():
        for turn in (t for session in sessions for t in session.turns):
            for span in (s for marker in turn.markers for s in marker.spans):
                words = turn.text[span.start : span.end].lower().split()
                for start in range(len(words) - SHARED_WORDS + 1):
                    places[tuple(words[start : start + SHARED_WORDS])].add(split)
    assert [" ".join(run) for run, splits in places.items() if len(splits) > 1] == []
