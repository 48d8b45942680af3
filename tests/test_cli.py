"""The command line as its users meet it: real processes, real files, exit statuses, French and English."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from alliance_nlp import __version__

SPEECH = "Thérapeute : On reprend le carnet ensemble ?\nPatient : Oui, je l'ai rempli.\n" * 3


def alliance(*arguments, language="fr_FR.UTF-8", stdin=None, **more) -> subprocess.CompletedProcess:
    environment = {**os.environ, "LC_ALL": language, "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-m", "alliance_nlp.cli", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", env=environment, input=stdin, timeout=120, **more,
    )  # fmt: skip


@pytest.fixture
def seance(tmp_path: Path) -> Path:
    path = tmp_path / "seance.txt"
    path.write_text(SPEECH, encoding="utf-8")
    return path


def test_l_aide_repond_en_moins_d_une_demi_seconde():
    for option in ("--help", "--version"):
        times = []
        for _ in range(3):
            began = time.monotonic()
            answer = alliance(option)
            times.append(time.monotonic() - began)
            assert answer.returncode == 0 and not answer.stderr
        assert min(times) < 0.5, option


def test_la_version():
    assert alliance("--version").stdout == f"alliance-nlp {__version__}\n"


@pytest.mark.parametrize(("language", "said"), [("fr_FR.UTF-8", "sans réseau"), ("en_GB.UTF-8", "without a network"), ("C", "without a network")])
def test_l_aide_parle_la_langue_de_la_machine(language, said):
    assert said in " ".join(alliance("--help", language=language).stdout.split())


@pytest.mark.parametrize("command", ["annotate", "check", "report", "schema", "doctor", "train", "evaluate", "agreement", "corpus", "review"])
def test_chaque_commande_a_son_aide(command):
    answer = alliance(command, "--help")
    assert answer.returncode == 0 and "--help" in answer.stdout


def test_annoter_un_fichier(seance, tmp_path, tiny_model):
    answer = alliance("annotate", seance, "--out", tmp_path / "out", "--model", tiny_model)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == "" and "1 séance(s), 6 tours" in answer.stderr and "index.html" in answer.stderr
    assert "carnet" not in answer.stderr
    assert (tmp_path / "out/reports/seance.html").is_file()


def test_annoter_l_entree_standard_et_repondre_en_json(tmp_path, tiny_model):
    answer = alliance("annotate", "-", "--out", tmp_path / "out", "--model", tiny_model, "--json", stdin=SPEECH)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["files"][0]["sessions"] == ["stdin"]


def test_un_fichier_mauvais_donne_le_statut_1_et_l_autre_est_fait(seance, tmp_path, tiny_model):
    (tmp_path / "vide.txt").write_bytes(b"")
    answer = alliance("annotate", tmp_path / "vide.txt", seance, "--out", tmp_path / "out", "--model", tiny_model)
    assert answer.returncode == 1
    assert "vide.txt" in answer.stderr and "1 en échec" in answer.stderr
    assert len((tmp_path / "out/annotations.jsonl").read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("annotate", "nulle-part.txt", "--out", "o"), "nulle-part.txt"),
        (("annotate", "SEANCE", "--out", "o", "--model", "licorne"), "licorne"),
        (("annotate", "SEANCE", "--out", "o", "--roles", "T=chef"), "chef"),
        (("annotate", "SEANCE", "--out", "o", "--roles", "T"), "--roles"),
        (("annotate", "SEANCE", "--out", "o", "--device", "tpu"), "tpu"),
        (("annotate", "SEANCE"), "--out"),
        (("annoter",), "annoter"),
        (("check", "--inconnu", "SEANCE"), "--inconnu"),
        (("evaluate", "--reference", "SEANCE"), "--hypothesis"),
        (("train", "--config", "nulle-part.toml"), "nulle-part.toml"),
    ],
)
def test_une_erreur_d_usage_donne_le_statut_2_et_dit_quoi(seance, tmp_path, arguments, said):
    answer = alliance(*(seance if a == "SEANCE" else a for a in arguments), cwd=tmp_path)
    assert answer.returncode == 2, answer.stderr
    assert said in answer.stderr and "Traceback" not in answer.stderr


def test_les_roles_donnes_l_emportent(tmp_path, tiny_model):
    path = tmp_path / "s.txt"
    path.write_text("Alix : Bonjour.\nDominique : Bonjour.\n" * 3, encoding="utf-8")
    answer = alliance("annotate", path, "--out", tmp_path / "out", "--model", tiny_model, "--roles", "Alix=patient,Dominique=therapist")
    assert answer.returncode == 0, answer.stderr
    record = json.loads((tmp_path / "out/annotations.jsonl").read_text(encoding="utf-8"))
    assert [(s["id"], s["role"]) for s in record["speakers"]] == [("Alix", "patient"), ("Dominique", "therapist")]


def test_check_montre_ce_qui_a_ete_lu_sans_montrer_le_texte(seance):
    answer = alliance("check", seance)
    assert "Thérapeute" in answer.stdout and "seance.txt" in answer.stdout
    assert "carnet" not in answer.stdout + answer.stderr


def test_check_en_json(seance):
    answer = alliance("check", seance, "--json")
    assert len(json.loads(answer.stdout)["sessions"]) == 1


def test_strict_privacy_refuse_le_fichier_et_ne_le_cite_pas(tmp_path, tiny_model):
    path = tmp_path / "nom.txt"
    path.write_text("T : Votre numéro ?\nP : C'est le 06 39 98 41 27, et mon mail zoe.durandeau@exemple.fr.\n" * 2, encoding="utf-8")
    refused = alliance("annotate", path, "--out", tmp_path / "out", "--model", tiny_model, "--strict-privacy")
    assert refused.returncode == 1 and "durandeau" not in refused.stderr and "39 98" not in refused.stderr
    warned = alliance("annotate", path, "--out", tmp_path / "out", "--model", tiny_model)
    assert warned.returncode == 0
    record = json.loads((tmp_path / "out/annotations.jsonl").read_text(encoding="utf-8"))
    assert any(w["code"].startswith("privacy.") for w in record["warnings"])
    assert "durandeau" not in json.dumps(record["warnings"])


def test_le_schema_est_un_schema():
    jsonschema.Draft202012Validator.check_schema(json.loads(alliance("schema").stdout))


def test_les_rapports_seuls(seance, tmp_path, tiny_model):
    alliance("annotate", seance, "--out", tmp_path / "out", "--model", tiny_model, "--no-report")
    answer = alliance("report", tmp_path / "out/annotations.jsonl", "--out", tmp_path / "r", "--format", "html,md,json")
    assert answer.returncode == 0, answer.stderr
    assert {p.suffix for p in (tmp_path / "r/reports").iterdir()} == {".html", ".md", ".json"}


def test_evaluer_une_lecture_contre_elle_meme(seance, tmp_path, tiny_model):
    alliance("annotate", seance, "--out", tmp_path / "out", "--model", tiny_model)
    records = tmp_path / "out/annotations.jsonl"
    answer = alliance("evaluate", "--reference", records, "--hypothesis", records, "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["macro_f1"]["value"] == 1.0


def test_comparer_deux_lectures(seance, tmp_path, tiny_model):
    alliance("annotate", seance, "--out", tmp_path / "out", "--model", tiny_model)
    records = tmp_path / "out/annotations.jsonl"
    gold = tmp_path / "gold.jsonl"
    record = json.loads(records.read_text(encoding="utf-8"))
    for turn in record["turns"]:
        turn.update(markers=[], probabilities=None)
    record["turns"][0]["markers"] = [
        {"label": "task", "types": [], "probability": None, "spans": [{"start": 0, "end": 2}],
         "origin": {"kind": "human", "name": "R1", "version": None}}
    ]  # fmt: skip
    gold.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
    answer = alliance("evaluate", "--reference", gold, "--hypothesis", gold, "--versus", tiny_model, "--json")
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)["versus"]
    macro = found["differences"][0]
    assert (found["first"], found["second"]) == (str(tiny_model), str(gold))
    assert macro["name"] == "macro_f1" and macro["second"] == 1 and macro["first"] < 1 and macro["difference"]["value"] > 0
    text = alliance("evaluate", "--reference", gold, "--hypothesis", gold, "--versus", tiny_model).stdout
    assert f"A = {tiny_model}" in text and f"B = {gold}" in text
    missing = alliance("evaluate", "--reference", gold, "--hypothesis", gold, "--versus", tmp_path / "rien.jsonl")
    assert missing.returncode == 2 and "rien.jsonl" in missing.stderr


def test_la_reference_est_un_fichier_ou_une_part_du_corpus(seance):
    for wrong in (("--split", "essai"), ("--split", "test", "--reference", seance), ()):
        answer = alliance("evaluate", *wrong, "--hypothesis", seance)
        assert answer.returncode == 2 and "--split" in answer.stderr


def test_sans_reseau_rien_ne_change(seance, tmp_path, tiny_model):
    """Every socket is refused in the process; the whole job still runs."""
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise OSError('no network in this test')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "sys.argv = ['alliance-nlp', *sys.argv[1:]]\n"
        "from alliance_nlp.cli import main; main()\n"
    )
    command = [sys.executable, "-c", code, "annotate", str(seance), "--out", str(tmp_path / "out"), "--model", str(tiny_model)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr


# ------------------------------------------------------------------------------------ agreement, corpus

META = '#meta {"id": "s1", "speakers": {"T": "therapist", "P": "patient"}}\n'


@pytest.fixture
def two_readings(tmp_path: Path) -> list[Path]:
    texts = {
        "anne": "T: <task>On reprend le carnet, ça vous va ?</task>\nP: <task>D'accord.</task>\nT: Hm.\nP: <withdrawal>Bof.</withdrawal>\n",
        "bruno": "T: <task>On reprend le carnet, ça vous va ?</task>\nP: D'accord.\nT: Hm.\nP: <confrontation>Bof.</confrontation>\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.txt").write_text(META + text, encoding="utf-8")
    return [tmp_path / f"{name}.txt" for name in texts]


def test_l_accord_de_deux_annotateurs_se_lit_et_se_compte(two_readings, tmp_path):
    answer = alliance("agreement", *two_readings, "--differences", tmp_path / "ecarts.csv")
    assert answer.returncode == 0 and "anne, bruno. Lus par tous : séances 1, tours 4." in answer.stdout
    assert "carnet" not in answer.stdout
    assert (tmp_path / "ecarts.csv").read_text(encoding="utf-8").splitlines() == [
        "session_id,turn,speaker,anne,bruno", "s1,1,P,task,", "s1,3,P,withdrawal,confrontation",
    ]  # fmt: skip
    table = json.loads(alliance("agreement", *two_readings, "--json").stdout)
    task = next(row for row in table["by_label"] if row["name"] == "task")
    assert task["tagged"] == [2, 1] and task["coefficients"]["f1"]["value"] == pytest.approx(2 / 3)


def test_un_accord_impossible_est_dit(two_readings):
    assert alliance("agreement", two_readings[0]).returncode == 2
    wrong = alliance("agreement", *two_readings, "--by", "couleur")
    assert wrong.returncode == 2 and "label, session, pair" in wrong.stderr


def test_le_corpus_se_verifie_se_compte_et_se_construit(tmp_path):
    checked = json.loads(alliance("corpus", "check", "--json").stdout)
    assert checked["problems"] == [] and checked["splits"]["train"]["turns"] > 3000
    assert alliance("corpus", "check", tmp_path).returncode == 2
    assert "Séances par approche" in alliance("corpus", "stats").stdout
    built = alliance("corpus", "build", "--out", tmp_path / "fiches")
    assert built.returncode == 0 and (tmp_path / "fiches" / "test.jsonl").is_file()
    scored = alliance("evaluate", "--split", "test", "--hypothesis", tmp_path / "fiches" / "test.jsonl", "--json")
    scores = json.loads(scored.stdout)
    assert scores["macro_f1"]["value"] == 1.0 and scores["turns"] == checked["splits"]["test"]["turns"]
