"""Session records: several a file, unchanged, and the line of what is wrong."""

import json

import pytest

from alliance_nlp.errors import AllianceError
from alliance_nlp.formats import read_bytes
from alliance_nlp.record import dumps, to_record
from alliance_nlp.transcript import Role, Speaker, Transcript, Turn


def session(name, **extra):
    return Transcript(
        session_id=name,
        turns=(
            Turn(0, "T", "Vous avez pu noter ?", 0.0, 2.5, line=3),
            Turn(1, "T", "Le carnet 😀 e\u0301 ?"),
        ),
        speakers=(Speaker("T", Role.THERAPIST, {"age": 40}),),
        metadata={"dyad_id": "d07"},
        extra=extra,
    )


def refused(data, name="seances.jsonl"):
    with pytest.raises(AllianceError) as caught:
        read_bytes(data, name)
    return caught.value


def test_plusieurs_seances_par_fichier_reviennent_telles_quelles():
    sessions = [session("s1", salle="B"), session("s2", suivi=[1, {"x": None}])]
    data = "\n\n".join(map(dumps, sessions)).encode()
    assert read_bytes(data, "seances.jsonl") == sessions


def test_deux_tours_de_suite_du_meme_locuteur_ne_sont_pas_recousus():
    (read,) = read_bytes(dumps(session("s1")).encode(), "s.jsonl")
    assert len(read.turns) == 2 and read.turns[1].text == "Le carnet 😀 e\u0301 ?"


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", ["s.json", "s.txt"])
def test_un_json_tient_une_seance_ou_une_liste(indent, name):
    record = to_record(session("s1"))
    for content, count in ((record, 1), ([record, record], 2)):
        read = read_bytes(json.dumps(content, indent=indent).encode(), name)
        assert [found.session_id for found in read] == ["s1"] * count


def test_un_json_de_plusieurs_lignes_d_enregistrements_se_lit_aussi():
    data = "\n".join([dumps(session("s1")), dumps(session("s2"))]).encode()
    assert len(read_bytes(data, "s.json")) == 2


def test_une_marque_d_ordre_des_octets_est_toleree():
    assert read_bytes(b"\xef\xbb\xbf" + dumps(session("s1")).encode(), "s.jsonl")[0].session_id == "s1"


def test_une_ligne_tronquee_est_nommee():
    error = refused((dumps(session("s1")) + "\n" + dumps(session("s2"))[:-40]).encode())
    assert (error.code, error.file, error.line) == ("formats.bad_json", "seances.jsonl", 2)
    assert error.message("fr").startswith("seances.jsonl:2: JSON incorrect")


def test_un_champ_incorrect_est_nomme_avec_sa_ligne_sans_le_texte():
    record = to_record(session("s1"))
    record["turns"][0]["text"] = 12
    record["turns"][1]["text"] = "Secret."
    error = refused((dumps(session("s0")) + "\n" + json.dumps(record)).encode())
    assert (error.file, error.line) == ("seances.jsonl", 2)
    assert "turns[0].text" in error.message("fr") and "Secret" not in error.message("fr")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "formats.empty_file"),
        (b"bonjour", "formats.bad_json"),
        (b"{" * 100_000, "formats.bad_json"),
        (b"[1, 2]", "core.bad_record"),
        (b'{"schema": "alliance-nlp/session/9"}', "core.unknown_schema"),
        ('{"schema": "é"}'.encode("latin-1"), "formats.record_not_utf8"),
        (b'{"schema": "\\ud83d"}', "formats.half_characters"),
    ],
)
def test_ce_qui_n_est_pas_un_enregistrement_est_refuse(data, code):
    error = refused(data)
    assert error.code == code and error.file == "seances.jsonl"
    assert error.message("fr") and error.message("en")
