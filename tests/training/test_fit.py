"""Training learns: a handful of turns is learnt by heart, and the whole road writes a model that loads."""

import json
from pathlib import Path

import pytest

from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.scores import compare
from alliance_nlp.tagger import Tagger
from alliance_nlp.training import load_corpus, load_sessions
from alliance_nlp.training.config import TrainingConfig
from alliance_nlp.training.fit import fit, warm_cosine
from alliance_nlp.training.release import train_model

TURNS = (
    "T: <task>On reprend le carnet ensemble, ça vous va ?</task>",
    "P: <task>Oui, je l'ai rempli deux fois.</task>",
    "T: Hm hm.",
    "P: <confrontation>À quoi ça sert, vos exercices ?</confrontation>",
    "T: <repair>Je suis allé trop vite.</repair>",
    "P: <bond>Ici j'arrive à le dire.</bond>",
    "T: <goal>Reprendre le métro, c'est toujours ça ?</goal>",
    "P: <withdrawal>Si vous le dites.</withdrawal>",
)


def config(base: Path, output: Path, **changes) -> TrainingConfig:
    settings = {"learning_rate": 3e-3, "head_learning_rate": 3e-3, "dropout": 0.0, "hide_roles": 0.0, "asr_noise": 0.0}
    return TrainingConfig(
        name="essai", version="9", base=str(base), output=str(output), epochs=60, device="cpu", **settings | changes
    )


@pytest.mark.slow
def test_huit_tours_sont_appris_par_coeur(tiny_base, tmp_path, session_of):
    session = session_of(*TURNS)
    history = []
    fitted = fit(config(tiny_base, tmp_path), [session], [session], report=history.append)
    assert history[-1].loss < 0.1 * history[0].loss
    assert max(epoch.validation_map for epoch in history) == pytest.approx(1.0)
    assert fitted.device == "cpu"


def write_corpus(folder: Path) -> Path:
    """Write a corpus of three tiny sessions, one a split."""
    (folder / "sessions").mkdir(parents=True)
    for name in ("a", "b", "c"):
        meta = {"id": name, "speakers": {"T": "therapist", "P": "patient"}}
        text = "\n".join(["#meta " + json.dumps(meta), *TURNS, *TURNS]) + "\n"
        (folder / "sessions" / f"{name}.txt").write_text(text, encoding="utf-8")
    splits = {"train": ["a"], "validation": ["b"], "test": ["c"]}
    (folder / "splits.json").write_text(json.dumps(splits), encoding="utf-8")
    return folder


@pytest.mark.slow
def test_de_la_configuration_au_modele_charge(tiny_base, tmp_path):
    corpus = write_corpus(tmp_path / "corpus")
    folder = train_model(config(tiny_base, tmp_path / "essai", corpus=str(corpus)))
    tagger = Tagger.load(folder)
    gold = load_sessions("test", corpus)
    assert compare(gold, [tagger.tag(session) for session in gold]).macro_f1.value > 0.9  # it saw the same turns
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["version"] == tagger.origin.version == "9"
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"{metrics['macro_f1']:.3f}" in card and "fictional" in card
    assert 'base = "' in (folder / "training.toml").read_text()


def test_le_corpus_en_datasets(tmp_path):
    corpus = load_corpus(write_corpus(tmp_path / "corpus"))
    assert set(corpus) == {"train", "validation", "test"}
    row = corpus["train"][3]
    assert (row["session_id"], row["role"], row["labels"], row["types"]) == ("a", "patient", ["rupture"], ["confrontation"])
    assert row["text"] == "À quoi ça sert, vos exercices ?"
    span = row["markers"][0]["spans"][0]
    assert row["text"][span["start"] : span["end"]] == row["text"]


def test_sans_corpus_ou_sans_base_le_message_dit_quoi_faire(tmp_path, session_of):
    with pytest.raises(ConfigError, match="splits.json"):
        load_sessions("train", tmp_path)
    with pytest.raises(ConfigError, match="make_base"):
        fit(config(tmp_path / "rien", tmp_path), [session_of(*TURNS)], [])


def test_le_pas_monte_puis_descend():
    shares = [warm_cosine(step, 100, 0.1) for step in range(100)]
    assert shares[9] == max(shares) == 1.0
    assert shares[0] == 0.1 and shares[-1] < 0.06
    assert all(a >= b for a, b in zip(shares[9:], shares[10:], strict=False))
