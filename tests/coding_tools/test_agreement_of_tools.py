"""A full use: one session coded by A in Label Studio and by B in INCEpTION gives a table of agreement."""

import json
import sys

import pytest

from alliance_nlp.batch.annotators import annotators, only_annotator
from alliance_nlp.formats import read_bytes
from tests.coding_tools.sessions import plain_session, written
from tests.coding_tools.test_inception import add, annotated, exported
from tests.coding_tools.test_label_studio import drawn
from tests.coding_tools.test_label_studio import exported as tasks_exported


def run(*arguments, capsys):
    """Run a command in this process, and return its exit status and what it printed."""
    from alliance_nlp.cli import main

    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as stopped:
        patch.setattr(sys, "argv", ["alliance-nlp", *map(str, arguments)])
        main()
    return stopped.value.code, capsys.readouterr()


def test_deux_codages_faits_ailleurs_donnent_un_accord(tmp_path, capsys):
    session = plain_session()
    by_a = tasks_exported(session, regions=[drawn("but", 0, 3, 25), drawn("rupture : retrait", 1, 0, 17, id="r2")], by={"id": 1, "email": "a"})
    (tmp_path / "project-1.json").write_text(json.dumps([by_a]), encoding="utf-8")
    by_b = annotated(exported(session), "b", lambda root: (add(root, 26, 43, label="rupture", ruptureType="retrait"), add(root, 49, 52, label="lien")))
    (tmp_path / "b.xmi").write_bytes(by_b)
    for source, name in (("project-1.json", "A"), ("b.xmi", "B")):
        code, said = run("convert", tmp_path / source, "--to", "session-record", "--out", tmp_path / f"{name}.jsonl", capsys=capsys)
        assert code == 0, said.err
    code, said = run("agreement", tmp_path / "A.jsonl", tmp_path / "B.jsonl", "--json", capsys=capsys)
    table = json.loads(said.out)
    assert code == 0 and (table["sessions"], table["turns"]) == (1, 3)
    tagged = {row["name"]: row["tagged"] for row in table["by_label"]}
    assert tagged == {"goal": [1, 0], "task": [0, 0], "bond": [0, 1], "rupture": [1, 1], "withdrawal": [1, 1], "confrontation": [0, 0], "repair": [0, 0]}
    agreed = {row["name"]: row["coefficients"]["percent"]["value"] for row in table["by_label"]}
    assert agreed["rupture"] == 1.0 and agreed["goal"] == pytest.approx(2 / 3)
    code, said = run("agreement", tmp_path / "A.jsonl", tmp_path / "B.jsonl", capsys=capsys)
    assert code == 0 and said.out.count("\n") > 5


def test_un_annotateur_parmi_plusieurs(tmp_path, capsys):
    tasks = tasks_exported(plain_session(markers=False), regions=[drawn("but", 0, 3, 25)], by={"id": 1, "email": "a"})
    tasks["annotations"].append({"completed_by": {"id": 2, "email": "b"}, "result": [drawn("lien", 2, 0, 2)]})
    place = tmp_path / "deux.json"
    place.write_text(json.dumps([tasks]), encoding="utf-8")
    for name, labels in (("a", ["goal"]), ("b", ["bond"])):
        out = tmp_path / f"{name}.jsonl"
        code, _ = run("convert", place, "--to", "session-record", "--annotator", name, "--out", out, capsys=capsys)
        (session,) = read_bytes(out.read_bytes(), out.name)
        assert code == 0 and [m.label for turn in session.turns for m in turn.markers] == labels
        assert all(turn.extra["reviewed_by"] == [name] for turn in session.turns)
    code, said = run("agreement", tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--json", capsys=capsys)
    assert code == 0 and json.loads(said.out)["turns"] == 3
    code, said = run("convert", place, "--to", "session-record", "--annotator", "zoé", "--out", tmp_path / "z.jsonl", capsys=capsys)
    assert code == 2 and "a, b" in said.err and not (tmp_path / "z.jsonl").exists()


def test_les_marques_d_une_personne_seule(session_of):
    session = session_of("T: <task>On note ?</task>", "P: Oui.")
    assert annotators(session) == [] and only_annotator(session, "a") == session


@pytest.mark.parametrize("export", ["label-studio", "refi-qda", "inception"])
def test_convert_ecrit_et_relit_chaque_format(tmp_path, capsys, export, session_of):
    if export == "inception":
        pytest.importorskip("cassis", reason="le complément inception n'est pas installé")
    source = tmp_path / "s1.txt"
    source.write_text('#meta {"id": "s1", "speakers": {"T": "therapist", "P": "patient"}}\nT: <task>On note ?</task>\nP: Oui 😀.\n', encoding="utf-8")
    code, said = run("convert", source, "--to", export, "--out", tmp_path / "out", capsys=capsys)
    assert code == 0, said.err
    found = [path for path in (tmp_path / "out").rglob("*") if path.suffix in (".xmi", ".qdpx") or path.name == "tasks.json"]
    assert len(found) == 1 and set(written(export, [])) <= {path.name for path in (tmp_path / "out").rglob("*")}
    code, said = run("convert", found[0], "--to", "markup", "--out", tmp_path / "again", capsys=capsys)
    assert code == 0 and "<task>On note ?</task>" in (tmp_path / "again" / "s1.txt").read_text(encoding="utf-8")
