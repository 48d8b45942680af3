"""ELAN: which tiers are talk, who speaks, what is kept aside, and label tiers made by people."""

from __future__ import annotations

import pytest

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.transcript import OriginKind, Transcript
from tests.formats.oral_files import eaf, read, turns
from tests.formats.talk_samples import sample

REF = "<ANNOTATION><REF_ANNOTATION ANNOTATION_ID='{id}' ANNOTATION_REF='{of}'{more}><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
TYPES = (
    '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="words" CONSTRAINTS="Symbolic_Subdivision" TIME_ALIGNABLE="false"/>'
    '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="tag" CONSTRAINTS="Symbolic_Association" TIME_ALIGNABLE="false"/>'
    '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="within" CONSTRAINTS="Included_In" TIME_ALIGNABLE="true"/>'
    '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="coded" TIME_ALIGNABLE="true" CONTROLLED_VOCABULARY_REF="cv"/>'
)
T = ('TIER_ID="T" PARTICIPANT="Thérapeute"', "default-lt", [("t1", 0, 2000, "Et le carnet ?"), ("t2", 6000, 7000, "D'accord.")])
P = ('TIER_ID="P" PARTICIPANT="Patiente"', "default-lt", [("p1", 2000, 5500, "Si vous le dites, je n'ai rien noté.")])


def child(tier: str, parent: str, kind: str, rows: list[tuple[str, str, str]], more: str = "") -> str:
    """Return a tier of annotations that hang on others: (id, the other's id, value)."""
    inner = "".join(REF.format(id=identity, of=of, value=value, more="") for identity, of, value in rows)
    return f'<TIER TIER_ID="{tier}" PARENT_REF="{parent}" LINGUISTIC_TYPE_REF="{kind}" {more}>{inner}</TIER>'


def codes(session: Transcript) -> list[str]:
    return [notice.code for notice in session.warnings if notice.code.startswith("oral.")]


def marks(session: Transcript) -> list[tuple[int, str, tuple[str, ...], list[str], str]]:
    """Return each marker: turn, label, types, evidence, who gave it."""
    return [
        (turn.index, m.label, m.types, [turn.text[s.start : s.end] for s in m.spans], m.origin.name) for turn in session.turns for m in turn.markers
    ]


# ---------------------------------------------------------------------------------------- talk


def test_le_locuteur_est_le_participant_sinon_la_piste() -> None:
    session = read(eaf([T, ('TIER_ID="Stagiaire"', "default-lt", [("s1", 7000, 8000, "Merci.")])]), "a.eaf")
    assert [(who, text) for who, text, *_ in turns(session)] == [("Thérapeute", "Et le carnet ? D'accord."), ("Stagiaire", "Merci.")]


def test_les_tours_suivent_le_temps_et_non_les_pistes() -> None:
    session = read(eaf([T, P]), "a.eaf")
    assert [(who, start_s) for who, _, start_s, _ in turns(session)] == [("Thérapeute", 0.0), ("Patiente", 2.0), ("Thérapeute", 6.0)]


def test_un_repère_sans_valeur_garde_sa_place_et_ne_vaut_jamais_zéro() -> None:
    tier = ('TIER_ID="P"', "default-lt", [("p1", 3000, None, "Un."), ("p2", None, None, "Deux."), ("p3", None, 9000, "Trois.")])
    other = ('TIER_ID="T"', "default-lt", [("t1", 1000, 2000, "Alors ?"), ("t2", 9500, 9900, "Bien.")])
    session = read(eaf([tier, other]), "a.eaf")
    assert turns(session) == [("T", "Alors ?", 1.0, 2.0), ("P", "Un. Deux. Trois.", 3.0, 9.0), ("T", "Bien.", 9.5, 9.9)]


def test_sans_aucun_temps_l_ordre_des_repères_est_gardé() -> None:
    session = read(eaf([('TIER_ID="P"', "default-lt", [("p1", None, None, "Un."), ("p2", None, None, "Deux.")])]), "a.eaf")
    assert turns(session) == [("P", "Un. Deux.", None, None)]


@pytest.mark.parametrize("name", ["Bruits", "comments", "Noise", "geste_main", "code_periodic", "glose (fr)", "mots"])
def test_une_piste_d_autre_chose_n_est_pas_lue_comme_parole(name: str) -> None:
    session = read(eaf([T, P, (f'TIER_ID="{name}"', "default-lt", [("x1", 100, 900, "porte")])]), "a.eaf")
    assert "porte" not in "".join(turn.text for turn in session.turns)
    assert session.metadata["elan"]["tiers"][0]["annotations"] == [{"start_s": 0.1, "end_s": 0.9, "value": "porte"}]
    (notice,) = [n for n in session.warnings if n.code == "oral.elan_tiers_aside"]
    assert notice.params == {"count": 1, "tiers": name}


def test_une_piste_de_durées_mesurées_n_est_pas_de_la_parole() -> None:
    session = read(eaf([T, P, ('TIER_ID="SD" PARTICIPANT="Patiente"', "default-lt", [("x1", 100, 900, "0.643"), ("x2", 1000, 1900, "(1,2 s)")])]), "a.eaf")
    assert {who for who, *_ in turns(session)} == {"Thérapeute", "Patiente"}


def test_les_types_nommés_transcription_l_emportent_sur_les_analyses() -> None:
    talk = ('TIER_ID="L"', "orthography", [("a1", 0, 1000, "Je dors mal.")])
    other = ('TIER_ID="L haussements" PARTICIPANT="L"', "shrug", [("a2", 0, 1000, "épaules")])
    assert [(who, text) for who, text, *_ in turns(read(eaf([talk, other]), "a.eaf"))] == [("L", "Je dors mal.")]


def test_un_vocabulaire_contrôlé_est_résolu_et_gardé_à_part() -> None:
    coded = '<TIER TIER_ID="affect" LINGUISTIC_TYPE_REF="coded"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="c1" CVE_REF="e1" TIME_SLOT_REF1="t1s" TIME_SLOT_REF2="t1e"><ANNOTATION_VALUE/></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>'
    vocabulary = '<CONTROLLED_VOCABULARY CV_ID="cv"><CV_ENTRY_ML CVE_ID="e1"><CVE_VALUE LANG_REF="fra">joie</CVE_VALUE></CV_ENTRY_ML></CONTROLLED_VOCABULARY>'
    session = read(eaf([T, P], more=coded, types=TYPES + vocabulary), "a.eaf")
    assert session.metadata["elan"]["tiers"][0]["annotations"][0]["value"] == "joie"


def test_les_pistes_dépendantes_restent_auprès_du_tour() -> None:
    gloss = child("P-trad", "P", "tag", [("g1", "p1", "If you say so")])
    session = read(eaf([T, P], more=gloss, types=TYPES), "a.eaf")
    assert session.turns[1].extra == {"elan": {"P-trad": ["If you say so"]}}
    assert codes(session) == ["oral.aside"]


def test_quand_la_piste_mère_ne_porte_que_des_numéros_la_parole_est_dans_sa_fille() -> None:
    refs = ('TIER_ID="ref@MR"', "default-lt", [("r1", 0, 1000, "kor.001"), ("r2", 1000, 2000, "kor.002")])
    texts = child("tx@MR", "ref@MR", "words", [("w1", "r1", "Je"), ("w2", "r1", "dors."), ("w3", "r2", "Mal.")])
    free = child("ft@MR", "ref@MR", "tag", [("f1", "r1", "I sleep"), ("f2", "r2", "Badly")])
    session = read(eaf([refs], more=texts + free, types=TYPES), "a.eaf")
    assert turns(session) == [("MR", "Je dors. Mal.", 0.0, 2.0)]


def test_deux_pistes_au_même_participant_sont_deux_locuteurs_et_c_est_dit() -> None:
    copied = ('TIER_ID="Patient" PARTICIPANT="Thérapeute"', "default-lt", [("x1", 2500, 3000, "Oui.")])
    session = read(eaf([T, copied]), "a.eaf")
    assert {who for who, *_ in turns(session)} == {"T", "Patient"}
    assert "oral.shared_names" in codes(session)


def test_le_chemin_de_l_enregistrement_n_est_jamais_gardé() -> None:
    assert "Dupont" not in repr(read(eaf([T, P]), "a.eaf"))


def test_un_fichier_sans_parole_est_refusé_avec_ses_pistes() -> None:
    with pytest.raises(TranscriptFormatError) as error:
        read(eaf([('TIER_ID="CHI"', "default-lt", [("a1", 0, 1, "0."), ("a2", 2, 3, "0.")])]), "a.eaf")
    assert (error.value.code, error.value.params["tiers"]) == ("oral.elan_no_talk", "CHI")


def test_des_renvois_en_cercle_finissent() -> None:
    circle = child("w1", "w2", "words", [("c1", "c2", "a"), ("c2", "c1", "b")]) + child("w2", "w1", "words", [("c3", "c3", "c")])
    assert len(turns(read(eaf([T, P], more=circle, types=TYPES), "a.eaf"))) == 3


# ---------------------------------------------------------------------------------------- labels


def test_une_piste_d_étiquette_sous_la_parole_devient_un_marqueur_humain() -> None:
    label = child("Retrait@Patiente", "P", "words", [("m1", "p1", "Si vous le dites"), ("m2", "p1", "rien noté")], 'ANNOTATOR="SUP1"')
    session = read(eaf([T, P], more=label, types=TYPES), "a.eaf")
    assert marks(session) == [(1, "rupture", ("withdrawal",), ["Si vous le dites", "rien noté"], "SUP1")]
    assert session.turns[1].markers[0].origin.kind is OriginKind.HUMAN
    assert "oral.elan_labels" in codes(session)


def test_une_piste_d_étiquette_libre_marque_le_tour_avec_lequel_elle_partage_le_plus_de_temps() -> None:
    label = ('TIER_ID="accord sur les tâches@Thérapeute"', "default-lt", [("m1", 1900, 6900, "d’accord")])
    session = read(eaf([T, P, label]), "a.eaf")
    assert marks(session) == [(2, "task", (), ["D'accord"], "elan")]


def test_une_remarque_au_lieu_d_un_extrait_est_gardée_comme_note() -> None:
    label = child("bond@P", "P", "tag", [("m1", "p1", "ton chaleureux")])
    marker = read(eaf([T, P], more=label, types=TYPES), "a.eaf").turns[1].markers[0]
    assert (marker.spans, marker.extra) == ((), {"note": "ton chaleureux"})


def test_une_rupture_sans_type_ne_peut_pas_être_un_marqueur() -> None:
    label = child("rupture@P", "P", "words", [("m1", "p1", "rien noté"), ("m2", "p1", "")])
    session = read(eaf([T, P], more=label, types=TYPES), "a.eaf")
    assert marks(session) == []
    assert [n.params for n in session.warnings if n.code == "oral.elan_untyped"] == [{"count": 2}]


def test_une_étiquette_hors_de_toute_parole_est_comptée() -> None:
    session = read(eaf([T, P, ('TIER_ID="goal"', "default-lt", [("m1", 8000, 9000, "x")])]), "a.eaf")
    assert [n.params for n in session.warnings if n.code == "oral.elan_loose_labels"] == [{"count": 1}]


# ---------------------------------------------------------------------------------------- files made by others

TALKS = {
    "childproject__example": {"FA1": 4, "FA2": 3},
    "nzilbb_en__mop03-2b": {"mop03-2b": 7, "interviewer": 6},
    "nzilbb_en__test_utterance_word": {"participant": 7, "interviewer": 6},
    "teicorpo_fr__DOC_FR_2020_CHOIX_5": {"Mélanie": 9, "Eloise": 9, "Rou": 1},
    "teicorpo_fr__TestElan1": {"SpL": 166, "SpR": 165, "CAM": 9},
    "teicorpo_fr__short": {"Lily": 2, "MOT": 2},
}


@pytest.mark.parametrize("name", TALKS)
def test_chaque_exemple_donne_ses_locuteurs(name: str) -> None:
    session = read(sample(f"eaf/{name}.eaf").read_bytes(), f"{name}.eaf")
    said = [turn.speaker for turn in session.turns]
    assert {speaker: said.count(speaker) for speaker in dict.fromkeys(said)} == TALKS[name]


def test_l_exemple_sans_un_mot_est_refusé() -> None:
    with pytest.raises(TranscriptFormatError) as error:
        read(sample("eaf/childproject__eaf.eaf").read_bytes(), "eaf.eaf")
    assert error.value.code == "oral.elan_no_talk"
