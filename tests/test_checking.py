"""`check`: what was read, who speaks and why, what might identify somebody; never the text unless asked."""

import json

from alliance_nlp.checking import check_transcript, render_check
from alliance_nlp.formats import read_bytes

SPEECH = "Thérapeute : Bonjour, on commence ?\nPatiente : Oui. Mon numéro, c'est le 06 39 98 41 27.\n" * 2


def check(text: str = SPEECH):
    (transcript,) = read_bytes(text.encode(), "seance.txt")
    return check_transcript(transcript)


def test_les_tours_les_mots_et_les_roles():
    result = check().as_dict()
    assert (result["format"], result["encoding"], result["turns"]) == ("text", "utf-8", 4)
    assert [(s["id"], s["role"], s["role_source"], s["turns"]) for s in result["speakers"]] == [
        ("Thérapeute", "therapist", "name", 2), ("Patiente", "patient", "name", 2),
    ]  # fmt: skip


def test_un_numero_de_telephone_est_un_probleme_dit_sans_le_montrer():
    result = check()
    assert result.problems
    for language in ("fr", "en"):
        shown = render_check(result, language)
        assert "39 98" not in shown and "39 98" in render_check(result, language, show_text=True)
    assert "39 98" not in json.dumps(result.as_dict())
    finding = result.as_dict()["privacy"]["findings"][0]
    assert (finding["kind"], finding["turn"], finding["line"]) == ("phone", 1, 2)


def test_une_seance_sans_souci_n_en_signale_aucun():
    assert not check("Thérapeute : Bonjour.\nPatient : Bonjour, ça va.\n" * 3).problems


def test_un_role_inconnu_est_un_probleme_et_le_message_dit_quoi_faire():
    result = check("S1 : Bonjour.\nS2 : Bonjour.\n" * 3)
    assert result.problems and "--roles" in render_check(result, "fr")


def test_des_lignes_de_titre_mises_de_cote_ne_sont_qu_une_information():
    result = check("Séance 4\n12 mars 2026\n\nThérapeute : Bonjour.\nPatient : Bonjour.\n")
    assert result.transcript.warnings and not result.problems
