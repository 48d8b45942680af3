"""What the README and the LISEZMOI tell people to type works, with the shipped model and the shipped examples."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

README, LISEZMOI = REPOSITORY / "README.md", REPOSITORY / "LISEZMOI.md"


def blocks(path: Path, language: str) -> list[str]:
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [block for kind, block in fences if kind == language]


def commands(path: Path) -> list[str]:
    return [line[2:] for block in blocks(path, "console") for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A working folder in which the data and the manual are those of the repository."""
    for name in ("data", "annotation_guidelines"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    return tmp_path


@pytest.mark.slow
def test_les_commandes_du_readme_marchent(place):
    given = commands(README)
    assert given == commands(LISEZMOI) and len(given) >= 3
    for command in given:
        program, *arguments = shlex.split(command)
        assert program == "alliance-nlp"
        answer = subprocess.run(
            [sys.executable, "-m", "alliance_nlp.cli", *arguments], cwd=place, capture_output=True, text=True
        )
        assert answer.returncode == 0 or arguments[0] == "check", (command, answer.stderr)
        assert "Traceback" not in answer.stderr
    assert (place / "out/index.html").is_file() and (place / "out-2/turns.csv").is_file()


@pytest.mark.slow
def test_le_python_du_readme_marche(place):
    (code,) = blocks(README, "python")
    answer = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert re.search(r"(goal|task|bond|rupture|repair)", answer.stdout)


def test_chaque_commande_et_chaque_sortie_est_dans_le_readme():
    text = README.read_text(encoding="utf-8")
    help_text = subprocess.run(
        [sys.executable, "-m", "alliance_nlp.cli", "--help"], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}
    ).stdout
    names = re.findall(r"^  ([a-z]+)  ", help_text.partition("Commands:")[2], flags=re.MULTILINE)
    assert "annotate" in names
    for name in names:
        assert f"`{name}`" in text or f"alliance-nlp {name}" in text, name


def test_les_regles_du_makefile_citees_existent():
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make (\w+)", "".join(blocks(README, "sh"))):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_l_image_de_l_architecture_nomme_chaque_module():
    drawing = next(block for block in blocks(README, "") if "src/alliance_nlp/" in block)
    package = REPOSITORY / "src/alliance_nlp"
    rooms = {p.name for p in package.iterdir() if (p.is_dir() and (p / "__init__.py").exists()) or p.suffix == ".py"}
    for room in rooms - {"__init__.py"}:
        assert room in drawing, room
