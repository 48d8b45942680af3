"""Imports point one way: the table of the README, held by reading the imports."""

import ast
import sys
from pathlib import Path

import pytest

import alliance_nlp

PACKAGE = Path(alliance_nlp.__file__).parent
LAYERS = [
    {"errors", "messages", "toml"},
    {"transcript", "labels", "record", "shipped", "model_folder", "file_names"},
    {"formats", "segmentation", "speakers", "privacy", "evaluation", "patterns", "checking", "corpus", "statistics"},
    {"tagger", "report", "exports", "review"},
    {"pipeline", "batch", "training", "doctor"},
    {"cli"},
]
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
HEAVY = {"torch", "transformers", "spacy", "datasets", "sklearn", "tokenizers", "onnxruntime", "onnx"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path, *, top_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    nodes = tree.body if top_only else ast.walk(tree)
    names: set[str] = set()
    for node in nodes:
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_les_imports_ne_montent_jamais(path):
    room = room_of(path)
    if room == "__init__":
        return
    assert room in LEVEL, f"« {room} » manque dans la table des couches"
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "alliance_nlp" and parts[1:2] and parts[1] in LEVEL:
            assert LEVEL[parts[1]] <= LEVEL[room], f"{path.name} importe {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_les_bibliotheques_lourdes_restent_dans_leur_coin(path):
    room = room_of(path)
    allowed = {"tagger": HEAVY, "training": HEAVY, "privacy": {"spacy"}, "doctor": {"torch"}}.get(room, set())
    heavy = {name.split(".")[0] for name in imports(path)} & HEAVY
    assert heavy <= allowed
    at_import = {name.split(".")[0] for name in imports(path, top_only=True)} & HEAVY
    assert not at_import or room in {"tagger", "training"}


@pytest.mark.parametrize("room", sorted(LAYERS[0] | LAYERS[1]))
def test_le_coeur_n_emploie_que_la_bibliotheque_standard(room):
    paths = [p for p in MODULES if room_of(p) == room]
    for path in paths:
        outside = {name.split(".")[0] for name in imports(path)} - {"alliance_nlp", "tomli"}
        assert outside <= set(sys.stdlib_module_names)


def test_l_aide_n_importe_rien_de_lourd():
    import subprocess

    code = "import sys, alliance_nlp.cli; print(sorted({m.split('.')[0] for m in sys.modules}))"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in (*HEAVY, "numpy", "jinja2", "lxml"):
        assert f"'{heavy}'" not in names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_un_module_tient_sur_quelques_pages(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
