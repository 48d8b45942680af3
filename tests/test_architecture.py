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
    {"pipeline", "batch", "training", "doctor", "review/app"},
    {"cli"},
]
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
HEAVY = {"torch", "transformers", "spacy", "datasets", "sklearn", "tokenizers", "onnxruntime", "onnx"}
MODULES = sorted(PACKAGE.rglob("*.py"))


REVIEW_APP = {"access", "acts", "app", "calls", "cards", "entrance", "forms", "pages", "rendering", "replace_page", "security", "server", "together"}
REVIEW_APP |= {"views", "words"}  # the web application; the other modules of review/ are the store beneath it
WEB = {"starlette", "uvicorn", "argon2", "anyio"}


def room(parts: tuple[str, ...]) -> str:
    return "review/app" if parts[0] == "review" and parts[1:2] and parts[1] in REVIEW_APP else parts[0]


def room_of(path: Path) -> str:
    return room(tuple(part.removesuffix(".py") for part in path.relative_to(PACKAGE).parts))


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
    here = room_of(path)
    if here == "__init__":
        return
    assert here in LEVEL, f"« {here} » manque dans la table des couches"
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "alliance_nlp" and parts[1:2] and parts[1] in LEVEL:
            assert LEVEL[room(tuple(parts[1:]))] <= LEVEL[here], f"{path.name} importe {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_les_bibliotheques_lourdes_restent_dans_leur_coin(path):
    here = room_of(path)
    # exports: a DocBin is made by spaCy alone, inside the function that writes one
    allowed = {"tagger": HEAVY, "training": HEAVY, "privacy": {"spacy"}, "doctor": {"torch"}, "exports": {"spacy"}}.get(here, set())
    heavy = {name.split(".")[0] for name in imports(path)} & HEAVY
    assert heavy <= allowed
    at_import = {name.split(".")[0] for name in imports(path, top_only=True)} & HEAVY
    assert not at_import or here in {"tagger", "training"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_le_serveur_web_reste_dans_la_page_de_relecture(path):
    assert room_of(path) == "review/app" or not {name.split(".")[0] for name in imports(path)} & WEB


@pytest.mark.parametrize("core", sorted(LAYERS[0] | LAYERS[1]))
def test_le_coeur_n_emploie_que_la_bibliotheque_standard(core):
    paths = [p for p in MODULES if room_of(p) == core]
    for path in paths:
        outside = {name.split(".")[0] for name in imports(path)} - {"alliance_nlp", "tomli"}
        assert outside <= set(sys.stdlib_module_names)


def test_l_aide_n_importe_rien_de_lourd():
    import subprocess

    code = "import sys, alliance_nlp.cli; print(sorted({m.split('.')[0] for m in sys.modules}))"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in (*HEAVY, *WEB, "numpy", "jinja2", "lxml"):
        assert f"'{heavy}'" not in names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_un_module_tient_sur_quelques_pages(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
