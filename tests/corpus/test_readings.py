"""Second readings: tags kept apart from the text, put back where they were."""

import json

import pytest

from alliance_nlp.corpus.folder import SPLITS, load_sessions
from alliance_nlp.corpus.readings import apply_reading, reading_row
from alliance_nlp.errors import ConfigError

LINES = ("T: <task>On reprend, ça vous va ?</task>", "P: <confrontation>Encore ça.</confrontation> <withdrawal>Bof, rien.</withdrawal>",
         "T: Hm.", "P: <bond>Vous, <repair>au moins</repair></bond>, vous restez.")  # fmt: skip


def test_une_lecture_ecrite_puis_relue_donne_les_memes_marques(session_of):
    session = session_of(*LINES)
    bare = session_of(*(line for line in ("T: On reprend, ça vous va ?", "P: Encore ça. Bof, rien.", "T: Hm.",
                                          "P: Vous, au moins, vous restez.")))  # fmt: skip
    row = json.loads(json.dumps(reading_row(session, "lecteur-3")))
    again = apply_reading(bare, row)
    assert reading_row(again, "lecteur-3") == {**row, "tags": [tuple(tag) for tag in row["tags"]]}
    assert {m.origin.name for turn in again.turns for m in turn.markers} == {"lecteur-3"}
    assert again.turns[1].types == {"confrontation", "withdrawal"}


def test_toutes_les_seances_du_corpus_passent_par_une_lecture_sans_perte():
    for split in SPLITS:
        for session in load_sessions(split)[:4]:
            row = reading_row(session, "corpus")
            again = apply_reading(session, row)
            assert reading_row(again, "corpus") == row
            assert [t.labels | t.types for t in again.turns] == [t.labels | t.types for t in session.turns]


def test_une_lecture_d_un_autre_texte_est_refusee(session_of):
    row = reading_row(session_of("T: Bonjour.", "P: Bonjour."), "x")
    with pytest.raises(ConfigError, match="essai"):
        apply_reading(session_of("T: Bonsoir.", "P: Bonjour."), row)
