"""Two files of one conversation, one a speaker, are one session in check, annotate and convert; never two conversations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alliance_nlp.batch.convert import ConvertSettings, convert
from alliance_nlp.batch.inputs import find_inputs
from alliance_nlp.exports.registry import find_export
from alliance_nlp.formats import SUFFIXES, read_bytes
from tests.formats.talk_samples import sample
from tests.formats.test_textgrid import TALK, TURNS, short_form


def write(folder: Path, **names: str) -> Path:
    """Write one TextGrid a file: its stem → the speaker whose talk it holds."""
    for stem, speaker in names.items():
        (folder / f"{stem}.TextGrid").write_text(short_form({speaker: TALK[speaker]}), encoding="utf-8")
    return folder


def names_of(*paths: Path) -> list[str]:
    return [item.name for item in find_inputs(paths, SUFFIXES)]


def test_le_fichier_du_therapeute_et_celui_du_patient_sont_une_seule_seance(tmp_path) -> None:
    write(tmp_path, seance4_psy="T", seance4_patiente="P")
    (item,) = find_inputs([tmp_path], SUFFIXES)
    (session,) = read_bytes(item.read(), item.name)
    assert (item.name, session.session_id) == ("seance4.TextGrid", "seance4")
    assert [(turn.speaker, turn.text) for turn in session.turns] == TURNS
    (notice,) = [n for n in session.warnings if n.code == "talk_files.textgrid_together"]
    assert notice.params["files"] == "seance4_patiente.TextGrid + seance4_psy.TextGrid"


def test_donnes_un_par_un_ils_vont_aussi_ensemble_et_un_seul_reste_seul(tmp_path) -> None:
    write(tmp_path, s_doctor="T", s_patient="P")
    doctor, patient = tmp_path / "s_doctor.TextGrid", tmp_path / "s_patient.TextGrid"
    assert names_of(doctor, patient) == ["s.TextGrid"]
    assert names_of(doctor) == ["s_doctor.TextGrid"]


@pytest.mark.parametrize(
    "names",
    [
        {"seance_s1": "T", "seance_s2": "P"},  # numbers may count sessions
        {"seance_1": "T", "seance_2": "P"},
        {"a_psy": "T", "b_patient": "P"},  # two sessions
        {"s_patient": "T", "s_client": "P"},  # no therapist
        {"s_psy": "T", "s_patient": "P", "s_mere": "T"},  # three: which two?
        {"s_psy": "T", "s_patient": "T"},  # the same speaker in both
        {"s_psy": "T", "s_patient": "P", "s": "T"},  # the name is taken
    ],
)
def test_rien_d_incertain_n_est_reuni(tmp_path, names) -> None:
    write(tmp_path, **names)
    assert names_of(tmp_path) == sorted(f"{stem}.TextGrid" for stem in names)


def test_deux_dossiers_ne_se_melangent_pas(tmp_path) -> None:
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    write(tmp_path / "a", s_psy="T")
    write(tmp_path / "b", s_patient="P")
    assert names_of(tmp_path) == ["a/s_psy.TextGrid", "b/s_patient.TextGrid"]


def test_convert_ecrit_une_seance_pour_les_deux_fichiers(tmp_path) -> None:
    write(tmp_path, s_psy="T", s_patient="P")
    out = tmp_path / "out" / "s.jsonl"
    done = convert(find_inputs([tmp_path], SUFFIXES), find_export("session-record"), out, ConvertSettings())
    (line,) = out.read_text(encoding="utf-8").splitlines()
    assert done.sessions == 1 and len(json.loads(line)["turns"]) == 3


def test_la_consultation_d_autrui_en_deux_fichiers_est_une_conversation(tmp_path) -> None:
    paths = [sample(f"textgrid/primock57_en__day1_consultation01_{who}.TextGrid") for who in ("doctor", "patient")]
    (item,) = find_inputs(paths, SUFFIXES)
    (session,) = read_bytes(item.read(), item.name)
    assert item.name == "primock57_en__day1_consultation01.TextGrid"
    assert [turn.speaker for turn in session.turns[:6]] == ["Doctor", "Patient"] * 3 and len(session.turns) == 89
