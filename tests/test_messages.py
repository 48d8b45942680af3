"""Every sentence exists in French and in English, with the same places to fill, and every code used exists."""

import re
import string
from pathlib import Path

import pytest

from alliance_nlp import messages
from alliance_nlp.messages import LANGUAGES, catalogue, render, user_language

ROOMS = sorted(path.stem for path in Path(messages.__file__).parent.glob("*.toml"))
PACKAGE = Path(messages.__file__).parents[1]
FILE_NAMES = {"training.toml", "review.css", "review.js", "corpus.json", "speakers.json"}  # look like codes


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("room", ROOMS)
def test_chaque_phrase_existe_dans_les_deux_langues(room):
    for key, sentences in catalogue(room).items():
        assert set(sentences) == set(LANGUAGES), f"{room}.{key}"
        assert fields(sentences["fr"]) == fields(sentences["en"]), f"{room}.{key}"


def test_chaque_code_employe_existe():
    pattern = re.compile(rf'"((?:{"|".join(ROOMS)})\.[a-z0-9_]+)"')
    for path in PACKAGE.rglob("*.py"):
        for code in set(pattern.findall(path.read_text(encoding="utf-8"))) - FILE_NAMES:
            room, _, key = code.partition(".")
            assert key in catalogue(room), f"{path.name}: {code}"


def test_pas_de_guillemets_droits_en_francais():
    for room in ROOMS:
        for key, sentences in catalogue(room).items():
            assert '"' not in re.sub(r"<[^>]*>", "", sentences["fr"]), f"{room}.{key}"


@pytest.mark.parametrize(
    ("variables", "language"),
    [({"LANG": "fr_FR.UTF-8"}, "fr"), ({"LANG": "fr_CA"}, "fr"), ({"LANG": "C"}, "en"), ({}, "en"),
     ({"LC_ALL": "en_US.UTF-8", "LANG": "fr_FR"}, "en"), ({"LC_MESSAGES": "fr_BE", "LANG": "de_DE"}, "fr")],
)  # fmt: skip
def test_la_langue_est_celle_de_la_machine(monkeypatch, variables, language):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert user_language() == language


def test_une_phrase_est_remplie():
    assert render("batch.renamed", "fr", given="a", new="b").startswith("Une autre séance s'appelle déjà « a »")
