"""``alliance-nlp convert`` as its users meet it: what comes out, where, and what is said when something is wrong."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alliance_nlp import toml
from alliance_nlp.batch import convert as conversion
from alliance_nlp.batch.convert import ConvertSettings, convert
from alliance_nlp.batch.inputs import InputFile, find_inputs
from alliance_nlp.errors import ConfigError, TranscriptFormatError
from alliance_nlp.exports.base import Export, ExportedFile, ExportOptions, needed
from alliance_nlp.exports.registry import EXPORTS, find_export
from alliance_nlp.formats import SUFFIXES, read_sessions
from alliance_nlp.messages import catalogue
from alliance_nlp.transcript import Transcript
from tests.conftest import REPOSITORY

SPEECH = "Thérapeute : On reprend le carnet ensemble ?\nPatient : Oui, je l'ai rempli.\n" * 3
RECORD = {"schema": "alliance-nlp/session/1", "speakers": [{"id": "T", "role": "therapist"}]}


def alliance(*arguments, language="fr_FR.UTF-8", stdin=None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "alliance_nlp.cli", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", input=stdin, timeout=300, env={**os.environ, "LC_ALL": language, "COLUMNS": "120"},
    )  # fmt: skip


def record(session_id: str, *speakers: str | None, text: str = "le carnet rouge") -> str:
    turns = [{"index": place, "speaker": speaker, "text": text} for place, speaker in enumerate(speakers)]
    return json.dumps({**RECORD, "session_id": session_id, "turns": turns}, ensure_ascii=False) + "\n"


def run(folder: Path, export: str | Export, out: Path, **settings) -> conversion.Conversion:
    chosen = find_export(export) if isinstance(export, str) else export
    return convert(find_inputs([folder], SUFFIXES, out=out), chosen, out, ConvertSettings(**settings))


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """Three files: two sessions without fault, one that the markup cannot hold."""
    folder = tmp_path / "données"
    folder.mkdir()
    (folder / "a.txt").write_text(SPEECH, encoding="utf-8")
    (folder / "b.jsonl").write_text(record("sans-nom", "T", None), encoding="utf-8")
    (folder / "c.jsonl").write_text(record("c", "T"), encoding="utf-8")
    return folder


# ------------------------------------------------------------------------------------------ the command


def test_la_commande_convertit_dit_ce_qui_manque_et_rend_le_statut_1(given, tmp_path):
    (given / "vide.txt").write_bytes(b"")
    answer = alliance("convert", given, "--to", "markup", "--out", tmp_path / "o", "--json")
    assert answer.returncode == 1 and "Traceback" not in answer.stderr
    assert names(tmp_path / "o") == ["a.txt", "c.txt"]
    told = json.loads(answer.stdout)
    assert told["sessions"] == 2 and [Path(path).name for path in told["written"]] == ["a.txt", "c.txt"]
    assert [failure["file"] for failure in told["failed"]] == ["b.jsonl", "vide.txt"]
    assert "« sans-nom »" in answer.stderr and "vide.txt" in answer.stderr and "2 séance(s)" in answer.stderr
    assert "carnet" not in answer.stdout + answer.stderr


def test_l_entree_standard_se_convertit(tmp_path):
    answer = alliance("convert", "-", "--to", "session-record", "--out", tmp_path / "s.jsonl", stdin=SPEECH)
    assert answer.returncode == 0, answer.stderr
    assert json.loads((tmp_path / "s.jsonl").read_text(encoding="utf-8"))["session_id"] == "stdin"


def test_une_seconde_fois_la_commande_dit_ce_qui_est_la_et_n_ecrit_rien(given, tmp_path):
    (tmp_path / "o").mkdir()
    (tmp_path / "o/c.txt").write_text("à moi", encoding="utf-8")
    answer = alliance("convert", given, "--to", "markup", "--out", tmp_path / "o")
    assert answer.returncode == 2 and "c.txt existe déjà" in answer.stderr and "--overwrite" in answer.stderr
    assert names(tmp_path / "o") == ["c.txt"] and (tmp_path / "o/c.txt").read_text(encoding="utf-8") == "à moi"


@pytest.mark.parametrize("language", ["fr_FR.UTF-8", "C"])
def test_l_aide_donne_une_ligne_par_format(language):
    lines = alliance("convert", "--help", language=language).stdout.splitlines()
    for export in EXPORTS:
        said = catalogue("exports")[export.name_code]["fr" if language.startswith("fr") else "en"]
        assert any(line.split() == [export.id, *said.split()] for line in lines), export.id


def test_un_format_inconnu_est_une_erreur_d_usage(given, tmp_path):
    answer = alliance("convert", given, "--to", "licorne", "--out", tmp_path / "o")
    assert answer.returncode == 2 and "licorne" in answer.stderr and "session-record" in answer.stderr
    assert not (tmp_path / "o").exists()


# ------------------------------------------------------------------------------------------ where


def test_un_export_d_un_fichier_va_dans_le_fichier_ou_dans_le_dossier_donne(given, tmp_path):
    assert run(given, "session-record", tmp_path / "tout.jsonl").written == [tmp_path / "tout.jsonl"]
    assert run(given, "session-record", tmp_path / "dossier").written == [tmp_path / "dossier/sessions.jsonl"]


def test_une_seule_seance_va_dans_le_fichier_donne(tmp_path):
    (tmp_path / "c.jsonl").write_text(record("c", "T"), encoding="utf-8")
    assert run(tmp_path / "c.jsonl", "markup", tmp_path / "autre.txt").written == [tmp_path / "autre.txt"]
    assert read_sessions(tmp_path / "autre.txt")[0].session_id == "c"


def test_plusieurs_seances_ne_vont_pas_dans_un_fichier(tmp_path):
    (tmp_path / "deux.jsonl").write_text(record("a", "T") + record("b", "T"), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        run(tmp_path / "deux.jsonl", "markup", tmp_path / "o.txt")
    assert raised.value.code == "exports.one_place" and names(tmp_path) == ["deux.jsonl"]


def test_un_nom_d_un_autre_format_n_est_pas_un_dossier(given, tmp_path):
    with pytest.raises(ConfigError) as raised:
        run(given, "session-record", tmp_path / "o.csv")
    assert ".jsonl" in raised.value.message("fr") and not (tmp_path / "o.csv").exists()


def test_les_resultats_dans_le_dossier_lu_ne_sont_pas_relus(given):
    run(given, "session-record", given / "o/tout.jsonl")
    assert run(given, "session-record", given / "o", overwrite=True).sessions == 3


# ------------------------------------------------------------------------------------------ sessions


def test_deux_seances_du_meme_nom_ont_deux_fichiers(tmp_path):
    for folder in ("lundi", "mardi"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "s.jsonl").write_text(record("Séance/1", "T"), encoding="utf-8")
    done = run(tmp_path, "markup", tmp_path / "o")
    assert names(tmp_path / "o") == ["Séance_1-2.txt", "Séance_1.txt"]
    assert [(r.file, r.given, r.new) for r in done.renamed] == [("mardi/s.jsonl", "Séance/1", "Séance/1-2")]


def test_l_ordre_de_l_entree_est_garde(tmp_path):
    for name in ("c", "a", "b"):
        (tmp_path / f"{name}.jsonl").write_text(record(f"z{name}", "T"), encoding="utf-8")
    inputs = [InputFile(tmp_path / f"{name}.jsonl", f"{name}.jsonl") for name in ("c", "a", "b")]
    convert(inputs, find_export("session-record"), tmp_path / "o", ConvertSettings())
    assert [session.session_id for session in read_sessions(tmp_path / "o/sessions.jsonl")] == ["zc", "za", "zb"]


def test_rien_de_lisible_n_ecrit_rien(tmp_path):
    (tmp_path / "vide.txt").write_bytes(b"")
    done = run(tmp_path / "vide.txt", "session-record", tmp_path / "o")
    assert not done.written and len(done.failed) == 1 and not (tmp_path / "o").exists()


def refusing(transcripts, options: ExportOptions) -> Iterator[ExportedFile]:
    """An export of the whole corpus that looks at every session before it writes."""
    kept = list(transcripts)
    if any(turn.speaker is None for session in kept for turn in session.turns):
        raise TranscriptFormatError("formats.markup_cannot_name", turn=0)
    yield ExportedFile("tout.txt", " ".join(session.session_id for session in kept).encode())
    yield ExportedFile("conf.txt", b"toujours la meme")


def test_un_export_de_tout_le_corpus_laisse_de_cote_la_seance_fautive(given, tmp_path):
    done = run(given, Export("essai", ".txt", False, refusing), tmp_path / "o")
    assert (tmp_path / "o/tout.txt").read_text() == "a c" and names(tmp_path / "o") == ["conf.txt", "tout.txt"]
    assert [error.params["session"] for error in done.failed] == ["sans-nom"] and (done.sessions, done.left_out) == (3, 1)


def test_deux_mille_seances_passent_sans_s_accumuler(tmp_path):
    data = record("s", "T", text="mot " * 50).encode()
    alive: list[int] = []

    class Many(InputFile):
        def read(self) -> bytes:
            return data.replace(b'"s"', f'"{self.name}"'.encode())

    def one_by_one(transcripts, options):
        for number, transcript in enumerate(transcripts):
            if number % 500 == 499:
                alive.append(sum(type(thing) is Transcript for thing in gc.get_objects()))
            yield ExportedFile(f"{transcript.session_id}.txt", b".")

    before = sum(type(thing) is Transcript for thing in gc.get_objects())
    inputs = [Many(None, f"s{number}") for number in range(2000)]
    done = convert(inputs, Export("essai", ".txt", False, one_by_one), tmp_path / "o", ConvertSettings())
    assert len(done.written) == 2000 and len(alive) == 4
    assert max(alive) - before < 10


def test_une_interruption_ne_laisse_rien(given, tmp_path):
    def interrupted(transcripts, options):
        for transcript in transcripts:
            yield ExportedFile(f"{transcript.session_id}.txt", b".")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(given, Export("essai", ".txt", False, interrupted), tmp_path / "o")
    assert not (tmp_path / "o").exists()


def test_une_bibliotheque_manquante_se_dit_en_une_phrase(given, tmp_path):
    def lacking(transcripts, options):
        needed("licorne_arrow", "parquet")
        yield ExportedFile("x.txt", b"")

    def importing(transcripts, options):
        import licorne_arrow  # noqa: F401

        yield ExportedFile("x.txt", b"")

    for write in (lacking, importing):
        with pytest.raises(ConfigError) as raised:
            run(given, Export("essai", ".txt", False, write, extra="parquet"), tmp_path / "o")
        assert "pip install 'alliance-nlp[parquet]'" in raised.value.message("fr")
    assert not (tmp_path / "o").exists()


def test_chaque_export_a_son_nom_dans_les_deux_langues():
    for export in EXPORTS:
        assert set(catalogue("exports")[export.name_code]) == {"fr", "en"}, export.id


def test_chaque_supplement_existe():
    extras = toml.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for export in EXPORTS:
        assert export.extra is None or export.extra in extras, export.id
