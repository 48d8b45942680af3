"""The main job: what is written, what is done again, and what a killed run leaves behind."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from alliance_nlp.batch import BatchSettings, run_batch
from alliance_nlp.batch.inputs import find_inputs
from alliance_nlp.batch.outputs import atomic_writer
from alliance_nlp.errors import ConfigError, StoreError
from alliance_nlp.file_names import file_name
from alliance_nlp.formats import SUFFIXES
from alliance_nlp.model_folder import model_facts
from alliance_nlp.record import from_record
from alliance_nlp.tagger import Tagger

SPEECH = """Thérapeute : Bonjour, on reprend le carnet ensemble ?
Patiente : Oui, je l'ai rempli deux fois cette semaine.
Thérapeute : Hm hm. Et ensuite ?
Patiente : Ben, j'sais pas trop à quoi ça sert, vos exercices numéro {n}.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six small sessions, one of them in a subfolder."""
    source = tmp_path / "séances"
    (source / "groupe").mkdir(parents=True)
    for n in range(5):
        (source / f"seance-{n}.txt").write_text(SPEECH.format(n=n), encoding="utf-8")
    (source / "groupe" / "seance-9.txt").write_text(SPEECH.format(n=9), encoding="utf-8")
    return source


@pytest.fixture
def run(tiny_model: Path):
    """Return a function that annotates paths into a folder and returns the outcomes."""

    def annotate(paths, out, load=lambda: Tagger.load(tiny_model), **settings):
        inputs = find_inputs([str(path) for path in paths], SUFFIXES)
        return run_batch(inputs, out, load, model=model_facts(tiny_model), settings=BatchSettings(**settings))

    return annotate


def results(out: Path) -> dict[str, bytes]:
    """Return every result file by name, but run.json (it holds times)."""
    files = (p for p in out.rglob("*") if p.is_file() and p.name != "run.json" and ".parts" not in p.parts)
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in files}


def records(out: Path) -> list[str]:
    return (out / "annotations.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")


def refuse_to_load():
    raise AssertionError("the model was loaded although there was nothing to do")


def test_un_enregistrement_un_rapport_et_des_lignes_par_seance(run, folder, tmp_path):
    outcomes = run([folder], tmp_path / "out")
    names = [f"seance-{n}" for n in (9, 0, 1, 2, 3, 4)]
    sessions = [from_record(json.loads(line)) for line in records(tmp_path / "out")]
    assert [session.session_id for session in sessions] == names
    assert [outcome.file for outcome in outcomes][:2] == ["groupe/seance-9.txt", "seance-0.txt"]
    with (tmp_path / "out/turns.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["session_id"] for row in rows] == [name for name in names for _ in range(4)]
    assert rows[3]["role"] == "patient" and rows[3]["text"].endswith("numéro 9.")
    assert sorted(p.stem for p in (tmp_path / "out/reports").iterdir()) == sorted(names)
    assert "seance-3" in (tmp_path / "out/index.html").read_text(encoding="utf-8")
    told = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert [entry["status"] for entry in told["files"]] == ["done"] * 6
    assert told["model"]["name"] == "tout-petit" and len(told["model"]["sha256"]) == 64


def test_la_deuxieme_fois_rien_n_est_refait_et_rien_ne_change(run, folder, tmp_path):
    run([folder], tmp_path / "out")
    before = results(tmp_path / "out")
    outcomes = run([folder], tmp_path / "out", refuse_to_load)
    assert all(outcome.resumed for outcome in outcomes)
    assert results(tmp_path / "out") == before


def test_seul_le_fichier_change_est_refait(run, folder, tmp_path):
    run([folder], tmp_path / "out")
    (folder / "seance-2.txt").write_text(SPEECH.format(n="deux"), encoding="utf-8")
    outcomes = run([folder], tmp_path / "out")
    assert [outcome.file for outcome in outcomes if not outcome.resumed] == ["seance-2.txt"]
    assert results(tmp_path / "out") == fresh(run, folder, tmp_path)


def fresh(run, folder: Path, tmp_path: Path) -> dict[str, bytes]:
    run([folder], tmp_path / "fresh")
    return results(tmp_path / "fresh")


def test_un_fichier_retire_disparait_des_resultats(run, folder, tmp_path):
    run([folder], tmp_path / "out")
    (folder / "seance-2.txt").unlink()
    run([folder], tmp_path / "out", refuse_to_load)
    assert results(tmp_path / "out") == fresh(run, folder, tmp_path)


def test_d_autres_reglages_refont_tout(run, folder, tmp_path):
    run([folder], tmp_path / "out")
    assert not any(outcome.resumed for outcome in run([folder], tmp_path / "out", overwrite=True))
    assert not any(outcome.resumed for outcome in run([folder], tmp_path / "out", strict_privacy=True))


def test_un_mauvais_fichier_est_nomme_et_les_autres_sont_faits(run, folder, tmp_path):
    (folder / "seance-1.txt").write_bytes(b"")
    (folder / "abime.docx").write_bytes(b"PK\x03\x04 tronque")
    (folder / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    outcomes = run([folder], tmp_path / "out")
    failed = {outcome.file: outcome.error.message("fr") for outcome in outcomes if outcome.error}
    assert set(failed) == {"seance-1.txt", "abime.docx", "image.txt"}
    for file, message in failed.items():
        assert message.startswith(f"{file}:") and len(message) > len(file) + 20
    assert len(records(tmp_path / "out")) == 5
    assert "abime.docx" in (tmp_path / "out/index.html").read_text(encoding="utf-8")


def test_deux_seances_du_meme_nom_sont_gardees_toutes_les_deux(run, folder, tmp_path):
    (folder / "groupe" / "seance-0.txt").write_text(SPEECH.format(n="autre"), encoding="utf-8")
    outcomes = run([folder], tmp_path / "out")
    ids = [session for outcome in outcomes for session in outcome.sessions]
    assert len(ids) == len(set(ids)) == 7 and "seance-0-2" in ids
    assert [outcome.renamed for outcome in outcomes if outcome.renamed] == [("seance-0",)]
    record = next(line for line in records(tmp_path / "out") if '"seance-0-2"' in line)
    assert "batch.renamed" in record
    assert (tmp_path / "out/reports/seance-0-2.html").is_file()


def test_sans_rapport(run, folder, tmp_path):
    run([folder], tmp_path / "out", reports=False)
    assert not (tmp_path / "out/reports").exists() and not (tmp_path / "out/index.html").exists()


def test_un_dossier_ou_l_on_ne_peut_pas_ecrire(run, folder, tmp_path):
    (tmp_path / "out").write_text("un fichier à la place du dossier", encoding="utf-8")
    with pytest.raises(StoreError, match="--out"):
        run([folder], tmp_path / "out")


def test_rien_a_lire_et_chemin_inconnu(tmp_path):
    (tmp_path / "vide").mkdir()
    with pytest.raises(ConfigError, match=".txt"):
        find_inputs([str(tmp_path / "vide")], SUFFIXES)
    with pytest.raises(ConfigError, match="nulle-part"):
        find_inputs([str(tmp_path / "nulle-part")], SUFFIXES)


def test_un_fichier_donne_deux_fois_n_est_lu_qu_une(folder):
    paths = [str(folder / "seance-0.txt"), str(folder), str(folder / "seance-0.txt")]
    assert [item.name for item in find_inputs(paths, SUFFIXES)].count("seance-0.txt") == 1


def test_les_fichiers_caches_et_les_verrous_de_word_sont_laisses(folder):
    for name in (".seance.txt", "~$seance.docx"):
        (folder / name).write_text("x", encoding="utf-8")
    assert len(find_inputs([str(folder)], SUFFIXES)) == 6


def test_une_ecriture_interrompue_ne_laisse_pas_de_moitie(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("entier", encoding="utf-8")
    with pytest.raises(RuntimeError), atomic_writer(path) as stream:
        stream.write("moit")
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == "entier"


@pytest.mark.parametrize(("given", "name"), [("Séance 4/b", "Séance_4_b"), ("../../etc", "_.._etc"), ("..", "seance"), ("", "seance")])
def test_un_identifiant_donne_un_nom_de_fichier_sur(given, name):
    assert file_name(given).lstrip("_") == name.lstrip("_")
    assert "/" not in file_name(given) and not file_name(given).startswith(".")


KILLABLE = """
import sys, time
from pathlib import Path
from alliance_nlp.batch import BatchSettings, run_batch
from alliance_nlp.batch.inputs import find_inputs
from alliance_nlp.formats import SUFFIXES
from alliance_nlp.model_folder import model_facts
from alliance_nlp.tagger import Tagger
folder, out, model = map(Path, sys.argv[1:])
def slowly(progress):
    print(progress.done, flush=True)
    time.sleep(0.3)
run_batch(find_inputs([str(folder)], SUFFIXES), out, lambda: Tagger.load(model), model=model_facts(model),
          settings=BatchSettings(), report=slowly)
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 4])
def test_tue_en_route_puis_relance_donne_les_memes_octets(run, folder, tmp_path, tiny_model, after):
    command = [sys.executable, "-c", KILLABLE, str(folder), str(tmp_path / "out"), str(tiny_model)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for _ in range(after):
        process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    parts = list((tmp_path / "out/.parts").glob("*.jsonl"))
    assert after <= len(parts) < 6
    assert not (tmp_path / "out/annotations.jsonl").exists()  # nothing half-written stands there
    outcomes = run([folder], tmp_path / "out")
    assert sum(outcome.resumed for outcome in outcomes) == len(parts)
    assert results(tmp_path / "out") == fresh(run, folder, tmp_path)


def test_un_dossier_de_resultats_dans_le_dossier_lu_n_est_pas_relu(folder):
    (folder / "out").mkdir()
    (folder / "out" / "turns.csv").write_text("a,b\n", encoding="utf-8")
    assert len(find_inputs([str(folder)], SUFFIXES)) == 7
    assert len(find_inputs([str(folder)], SUFFIXES, out=folder / "out")) == 6
    assert len(find_inputs([str(folder)], SUFFIXES, out=folder)) == 7  # then nothing can be told apart


def test_sans_rapports_le_rapport_de_corpus_d_avant_s_en_va(run, folder, tmp_path):
    out = tmp_path / "out"
    run([folder], out)
    assert (out / "index.html").is_file() and (out / "tables" / "rates.csv").is_file()
    run([folder], out, reports=False)
    assert not (out / "index.html").exists() and not (out / "tables" / "rates.csv").exists()


def test_un_identifiant_tres_long_donne_un_nom_de_fichier_court_et_a_lui():
    long = "é" * 300
    name, other = file_name(long), file_name(long + "a")
    assert len(name.encode()) <= 150 and name != other and name.startswith("é")
    assert file_name("Séance 4/b") == "Séance_4_b"


# ------------------------------------------------------------------------------- people's decisions


def reviewed_folder(run, folder: Path, out: Path) -> None:
    """Annotate, then let a person mark one turn of seance-2 and review another, as `review export` writes it."""
    run([folder], out)
    lines = [json.loads(line) for line in records(out)]
    session = next(line for line in lines if line["session_id"] == "seance-2")
    origin = {"kind": "human", "name": "A", "version": None}
    session["turns"][0]["markers"] = [{"label": "bond", "types": [], "probability": None, "spans": [{"start": 0, "end": 7}], "origin": origin}]
    for turn in session["turns"][:2]:
        turn["reviewed_by"] = ["A"]
    session["turns"][1]["markers"] = []
    (out / "annotations.jsonl").write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def people_of(out: Path, session_id: str = "seance-2") -> list[tuple[int, list[str]]]:
    session = next(s for s in map(from_record, map(json.loads, records(out))) if s.session_id == session_id)
    return [(t.index, [f"{m.origin.kind.value}:{m.label}" for m in t.markers]) for t in session.turns if t.extra.get("reviewed_by")]


def test_ce_qu_une_personne_a_décidé_reste_quand_on_annote_de_nouveau(run, folder, tmp_path):
    out = tmp_path / "out"
    reviewed_folder(run, folder, out)
    run([folder], out, overwrite=True)
    assert people_of(out) == [(0, ["human:bond"]), (1, [])]
    before = results(out)
    run([folder], out, refuse_to_load)
    assert results(out) == before
    path = folder / "seance-2.txt"  # the transcript is corrected: another text, one turn more
    path.write_text("Patiente : [entre, s'assied]\n" + SPEECH.format(n=2).replace("et ensuite", "puis"), encoding="utf-8")
    run([folder], out)
    assert people_of(out) == [(1, ["human:bond"]), (2, [])]


def test_une_décision_sans_place_est_annoncée_dans_la_fiche_et_gardée(run, folder, tmp_path):
    out = tmp_path / "out"
    reviewed_folder(run, folder, out)
    (folder / "seance-2.txt").write_text(SPEECH.format(n=2).replace("Bonjour, on reprend le carnet ensemble", "Fait froid, non"), encoding="utf-8")
    run([folder], out)
    record = next(json.loads(line) for line in records(out) if '"seance-2"' in line)
    assert "store.not_carried" in [notice["code"] for notice in record["warnings"]]
    assert record["unplaced"][0]["markers"][0]["label"] == "bond" and people_of(out) == [(1, [])]


def test_un_fichier_retiré_puis_remis_retrouve_ses_décisions(run, folder, tmp_path):
    out = tmp_path / "out"
    reviewed_folder(run, folder, out)
    text = (folder / "seance-2.txt").read_bytes()
    (folder / "seance-2.txt").unlink()
    run([folder], out)
    run([folder], out)
    assert (out / "decided.jsonl").is_file()
    (folder / "seance-2.txt").write_bytes(text)
    run([folder], out)
    assert people_of(out) == [(0, ["human:bond"]), (1, [])] and not (out / "decided.jsonl").exists()


def test_un_fichier_renommé_retrouve_ses_décisions(run, folder, tmp_path):
    out = tmp_path / "out"
    reviewed_folder(run, folder, out)
    (folder / "seance-2.txt").rename(folder / "seance-deux.txt")
    run([folder], out)
    assert people_of(out, "seance-deux") == [(0, ["human:bond"]), (1, [])]


@pytest.fixture
def shop(tmp_path: Path, tiny_model: Path) -> tuple[Path, Path]:
    """One conversation of 60 turns, and the tiny model with a judgement that no session sounds like psychotherapy."""
    import shutil

    import numpy as np

    from alliance_nlp.tagger.calibration import Calibration, OutputCalibration
    from alliance_nlp.tagger.therapy import LEAST_TURNS, TherapyCheck

    model = tmp_path / "modeles" / "tout-petit"
    shutil.copytree(tiny_model, model)
    tagger = Tagger.load(model)
    names, hidden = tagger.network.architecture.outputs, 48
    Calibration({name: OutputCalibration(threshold=0.01) for name in names}).save(model)
    TherapyCheck(np.zeros(hidden), -9.0, unlike_below=-2.0).save(model)
    path = tmp_path / "boutique.txt"
    path.write_text("".join(f"{'TP'[n % 2]}: Trois euros dix, {n}.\n" for n in range(LEAST_TURNS)), encoding="utf-8")
    return path, model


def test_a_conversation_that_is_no_therapy_is_left_unmarked_and_told_of(shop, tmp_path):
    path, model = shop

    def annotate(**settings):
        inputs, out = find_inputs([str(path)], SUFFIXES), tmp_path / "out"
        outcomes = run_batch(inputs, out, lambda: Tagger.load(model), model=model_facts(model), settings=BatchSettings(**settings))
        (record,) = records(out)
        return outcomes, from_record(json.loads(record)), (out / "index.html").read_text(encoding="utf-8")

    (outcome,), session, index = annotate()
    assert outcome.unmarked == 1 and not any(turn.markers for turn in session.turns)
    page = (tmp_path / "out/reports/boutique.html").read_text(encoding="utf-8")
    assert "ne ressemble pas à une psychothérapie" in page and "rien n’a été relevé" not in page and "aucun tour douteux" not in page
    assert "n’entre ni dans les taux" in index
    with (tmp_path / "out/turns.csv").open(encoding="utf-8", newline="") as stream:
        assert {(row["task"], row["needs_review"]) for row in csv.DictReader(stream)} == {("", "0")}  # unknown, not 0
    (outcome,), _, _ = annotate()
    assert outcome.resumed and outcome.unmarked == 1
    assert json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))["files"][0]["unmarked"] == 1
    (outcome,), session, index = annotate(tag_all=True)  # another setting: nothing of the first run is taken over
    assert outcome.unmarked == 0 and not outcome.resumed and any(turn.markers for turn in session.turns)
    assert "n’entre ni dans les taux" not in index
    assert json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))["settings"]["tag_all"] is True


def test_the_model_s_hash_knows_its_judgement(shop, tiny_model):
    _, model = shop
    before = model_facts(model).sha256
    (model / "therapy.json").unlink()
    assert model_facts(model).sha256 != before
