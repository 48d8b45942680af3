"""The annotation manual: complete, and in step with the label scheme, the exercise and its key."""

import re
from pathlib import Path

import pytest

from alliance_nlp.evaluation.agreement import measure_agreement
from alliance_nlp.formats import read_transcript
from alliance_nlp.labels import default_label_set

FOLDER = Path(__file__).parents[1] / "annotation_guidelines"
GUIDE = (FOLDER / "guide.md").read_text(encoding="utf-8")
FRENCH = {"goal": "but", "task": "tâche", "bond": "lien", "withdrawal": "retrait", "confrontation": "confrontation", "repair": "réparation"}
RULINGS = {"T": 10, "G": 4, "B": 5, "R": 12, "P": 7}


def section(number: int) -> str:
    return re.split(r"^## \d+\. ", GUIDE, flags=re.MULTILINE)[number]


@pytest.mark.parametrize("tag", default_label_set().markup_tags)
def test_chaque_marqueur_a_au_moins_huit_exemples_et_huit_contre_exemples(tag):
    text = next(part for part in re.split(r"^### ", section(3), flags=re.MULTILINE) if f"(`{tag}`)" in part.split("\n")[0])
    yes, no = text.split("\nNon :\n")
    for examples in (yes.split("\nOui", 1)[1], no):
        assert len(re.findall(r"^\d+\. ", examples, flags=re.MULTILINE)) >= 8
    assert "**Définition.**" in text and "**Signes.**" in text
    for example in re.findall(r"^\d+\. .*(?:\n(?!\d+\.|\n).*)*", yes.split("\nOui", 1)[1], flags=re.MULTILINE):
        assert example.count("**") >= 2, example  # its evidence is shown
    assert "**" not in no.split("---")[0]


def test_chaque_precision_du_schema_est_la():
    for letter, count in RULINGS.items():
        for number in range(1, count + 1):
            assert f"**{letter}{number}.**" in section(5)
    assert len(re.findall(r"^\d+\. \*\*", section(4), flags=re.MULTILINE)) == 10


def test_vingt_cinq_cas_chacun_avec_sa_decision():
    cases = re.split(r"^\*\*\d+\. ", section(6), flags=re.MULTILINE)[1:]
    assert len(cases) == 25
    assert all("\n→ " in case for case in cases)


def test_l_exercice_du_manuel_est_celui_des_fichiers_et_la_correction_aussi():
    key, bare = (read_transcript(FOLDER / name) for name in ("exercice_corrige.txt", "exercice.txt"))
    assert len(key.turns) == 60 and not any(turn.markers for turn in bare.turns)
    assert [turn.text for turn in bare.turns] == [turn.text for turn in key.turns]
    rows = dict(re.findall(r"^\| (\d+) \| (.*?) \|", section(7), flags=re.MULTILINE))
    for turn in key.turns:
        assert f"\n{turn.index + 1}. **{turn.speaker}** : {turn.text}\n" in GUIDE
        tags = [FRENCH[tag] for tag in default_label_set().markup_tags if tag in turn.labels | turn.types]
        assert set(re.findall(r"`(.+?)`", rows[str(turn.index + 1)])) == set(tags)


def test_on_peut_comparer_sa_lecture_a_la_correction():
    key, bare = (read_transcript(FOLDER / name) for name in ("exercice_corrige.txt", "exercice.txt"))
    agreement = measure_agreement({"moi": [bare], "correction": [key]})
    assert agreement.turns == 60 and len(agreement.differences) == sum(bool(turn.markers) for turn in key.turns)


def test_les_liens_du_sommaire_menent_quelque_part():
    titles = re.findall(r"^## (.+)$", GUIDE, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    for anchor in re.findall(r"\]\(#(.+?)\)", GUIDE):
        assert anchor in anchors, anchor
