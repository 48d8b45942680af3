"""The changed copies on which a tagger is tried."""

from alliance_nlp.training.robustness import one_sentence, recognised

LINES = ("T: <task>On reprend le carnet, ça vous va ?</task>", "P: <task>D'accord.</task> Je l'ai là. Ce n'est pas fini…")


def test_un_texte_reconnu_n_a_ni_majuscule_ni_ponctuation_et_garde_ses_marques(session_of):
    session = session_of(*LINES)
    heard = recognised(session)
    assert heard == recognised(session)  # the same slips each time
    assert [turn.text for turn in heard.turns] != [turn.text for turn in session.turns]
    for before, after in zip(session.turns, heard.turns, strict=True):
        assert after.text == after.text.lower() and not set(".,?…") & set(after.text)
        assert before.labels == after.labels
        (span,) = after.markers[0].spans
        assert after.text[span.start : span.end].startswith(before.text[:2].lower())


def test_une_phrase_ou_plusieurs(session_of):
    session = session_of(*LINES, "T: Oui", "P: Non. Enfin si.")
    assert [one_sentence(session, turn) for turn in session.turns] == [True, False, True, False]
