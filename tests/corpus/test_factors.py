"""The factors that scores are broken down by."""

import dataclasses

from alliance_nlp.corpus.factors import factor_levels
from alliance_nlp.corpus.folder import load_sessions, read_cards


def test_une_seance_et_sa_carte_donnent_des_niveaux(session_of):
    plain = dataclasses.replace(session_of("T: Bonjour.", "P: Bonjour."), session_id="s1")
    talk = dataclasses.replace(plain, session_id="s2", metadata={"therapy": False})
    card = {"approach": "couple (TCC)", "setting": "CMP, visio", "patient_talk": "québécois", "arc": "bilan: tout", "style": "plain"}
    levels = factor_levels([plain, talk], {"s1": card, "s2": card})
    assert {factor: table for factor, table in levels.items() if table != {"s1": table.get("s1")}} == {}  # no ordinary talk
    assert {factor: table["s1"] for factor, table in levels.items()} == {
        "approach": "couple", "setting": "at a distance", "people": "one patient", "transcription": "verbatim",
        "patient's French": "regional or overseas French", "arc": "bilan", "style": "plain talk",
    }  # fmt: skip


def test_toute_seance_du_corpus_a_ses_niveaux():
    sessions = load_sessions("validation")
    levels = factor_levels(sessions, read_cards())
    therapies = {s.session_id for s in sessions if s.metadata.get("therapy") is not False}
    assert all(set(table) == therapies for table in levels.values())
    assert {"plain talk", "written as a scene"} == set(levels["style"].values())
