"""Training learns: a handful of turns is learnt by heart, and the whole road writes a model that loads."""

import dataclasses
import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from lxml import etree

from alliance_nlp.corpus.pairs import load_pairs, read_pairs
from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.scores import compare
from alliance_nlp.tagger import Tagger
from alliance_nlp.tagger.encoding import role_group
from alliance_nlp.tagger.reading import allowed_outputs, encode_for, score_session
from alliance_nlp.tagger.tokens import Tokens
from alliance_nlp.tagger.torch_network import TorchNetwork
from alliance_nlp.training import load_corpus, load_sessions
from alliance_nlp.training.checkpoint import forget_state, state_folder
from alliance_nlp.training.config import TrainingConfig
from alliance_nlp.training.epochs import chunks_of_epoch, epoch_updates, sessions_of_epoch
from alliance_nlp.training.examples import Chunk
from alliance_nlp.training.fit import fit, new_model, positive_weights, update_loss, warm_cosine, without_words
from alliance_nlp.training.pictures import COVERAGE, RELIABILITY
from alliance_nlp.training.release import average_with, measure_model, train_model
from alliance_nlp.training.turns import read_turns

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


def test_un_apprentissage_tue_reprend_et_finit_avec_les_memes_poids(tiny_base, tmp_path, session_of, monkeypatch):
    from alliance_nlp.training import fit as fitting

    monkeypatch.setattr(fitting, "SAVE_EVERY_S", 0.0)  # after every update
    session = session_of(*TURNS, *TURNS)
    changes = {"dropout": 0.1, "hide_roles": 0.3, "asr_noise": 0.3, "chunk_turns": 4, "word_dropout": 0.1}
    whole = dataclasses.replace(config(tiny_base, tmp_path / "une", **changes), epochs=3)
    expected = fit(whole, [session], [session])

    class Killed(Exception):
        pass

    calls = 0
    real = fitting.update_loss

    def until_killed(*arguments, **options):
        nonlocal calls
        calls += 1
        if calls == 7:  # in the second epoch
            raise Killed
        return real(*arguments, **options)

    forget_state(state_folder(whole.output))
    monkeypatch.setattr(fitting, "update_loss", until_killed)
    with pytest.raises(Killed):
        fit(whole, [session], [session])
    monkeypatch.setattr(fitting, "update_loss", real)
    resumed = fit(whole, [session], [session])
    assert [epoch.loss for epoch in resumed.history] == [epoch.loss for epoch in expected.history]
    for name, tensor in expected.model.state_dict().items():
        assert tensor.equal(resumed.model.state_dict()[name]), name


def test_l_etat_d_une_autre_configuration_n_est_pas_repris(tiny_base, tmp_path, session_of):
    session = session_of(*TURNS)
    one = dataclasses.replace(config(tiny_base, tmp_path / "une"), epochs=1)
    fit(one, [session], [session])
    other = fit(dataclasses.replace(one, epochs=2), [session], [session])
    assert [epoch.number for epoch in other.history] == [1, 2]


@pytest.mark.slow
def test_les_paires_s_apprennent(tiny_base, tmp_path, session_of):
    """What only the turn before decides is learnt from pairs."""
    text = """#pairs {"id": "p1", "writer": 1, "split": "train"}
#pair p1-001 | withdrawal / none | qui est visé
#a
T: Et ici, avec moi ?
P: <withdrawal>Oh, rien.</withdrawal>
#b
T: Et dans le sac ?
P: Oh, rien.
"""
    (tmp_path / "p1.txt").write_text(text, encoding="utf-8")
    pairs = read_pairs(tmp_path / "p1.txt")
    fitted = fit(config(tiny_base, tmp_path / "une"), [session_of(*TURNS)], [session_of(*TURNS)], pairs=pairs)
    place = fitted.model.architecture.outputs.index("withdrawal")
    network, tokens = TorchNetwork(fitted.model), Tokens.of(fitted.tokenizer)
    first, second = (score_session(network, tokens, member).logits[-1, place] for member in pairs[0].members)
    assert first > 0 > second


def test_lire_plusieurs_echanges_ensemble_ne_change_rien(tiny_base, tmp_path, session_of):
    settings = config(tiny_base, tmp_path, evidence_weight=0.0)
    model, tokenizer = new_model(settings)
    model.eval()
    weights = positive_weights([session_of(*TURNS)], model.architecture.outputs, 0.5)
    chunks = [Chunk(session_of(*lines), 0, 0, len(lines)) for lines in (TURNS[:2], TURNS[2:5], TURNS[5:6])]

    def loss(*some: Chunk) -> float:
        return float(update_loss(model, Tokens.of(tokenizer), some, settings, weights).detach())

    def scored(chunk: Chunk) -> int:  # outputs that the scheme lets each turn's role carry
        allowed = allowed_outputs(model.architecture.outputs)
        return sum(int(allowed[role_group(chunk.transcript.role_of(turn))].sum()) for turn in chunk.transcript.turns)

    together = sum(loss(chunk) * scored(chunk) for chunk in chunks) / sum(map(scored, chunks))
    assert loss(*chunks) == pytest.approx(together, rel=1e-5)


def test_le_contexte_d_un_morceau_est_lu_de_meme_mais_sans_gradient(tiny_base, tmp_path, session_of):
    """The turns that are context alone give the same vectors; only what is scored moves the encoder."""
    model, tokenizer = new_model(config(tiny_base, tmp_path))
    model.eval()
    tokens = Tokens.of(tokenizer)
    session = encode_for(model.architecture, tokens, session_of(*TURNS))

    def read(still: int) -> tuple[torch.Tensor, list[torch.Tensor]]:
        return read_turns(model, session, pad_id=tokens.pad_id, batch_tokens=64, still=still)

    whole, states = read(0)
    split, still_states = read(3)
    assert torch.allclose(whole, split, atol=1e-5)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(states, still_states, strict=True))
    assert [state.requires_grad for state in still_states] == [piece.turn >= 3 for piece in session.pieces]
    assert all(state.requires_grad for state in states)


def test_la_moyenne_avec_le_depart_est_celle_des_poids(tiny_base, tmp_path):
    settings = config(tiny_base, tmp_path)
    mine, other = new_model(settings)[0], new_model(dataclasses.replace(settings, seed=7))[0]
    with torch.no_grad():
        other.turn_head.weight.fill_(1.0)
    before = {name: tensor.clone() for name, tensor in mine.state_dict().items()}
    average_with(mine, other, 0.25)
    for name, tensor in mine.state_dict().items():
        assert torch.allclose(tensor, 0.75 * before[name] + 0.25 * other.state_dict()[name], atol=1e-6), name


def test_la_moyenne_ne_change_pas_la_clé_du_parcours(tiny_base, tmp_path):
    """It is done after the run: a finished run is taken up again and averaged, not learnt anew."""
    settings = config(tiny_base, tmp_path, start="m")
    assert dataclasses.replace(settings, start_share=0.5).identity == settings.identity


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
    rows = {row["level"]: row for row in metrics["robustness"]}
    assert rows["as_is"]["macro_f1"] == pytest.approx(metrics["macro_f1"]) and "several_sentences" in rows
    assert f"{rows['as_recognised']['macro_f1']:.3f}" in card
    for name in (RELIABILITY, COVERAGE):
        assert f"({name})" in card and etree.parse(folder / name).getroot().tag.endswith("svg")
    assert 'base = "' in (folder / "training.toml").read_text()
    assert not state_folder(str(folder)).exists()
    again = dataclasses.replace(config(tiny_base, folder, corpus=str(corpus)), version="10")
    assert measure_model(again) == folder  # the corpus may have grown: the same weights, measured again
    measured = json.loads((folder / "metrics.json").read_text())
    assert {**measured, "version": "9"} == metrics


def test_rien_a_mesurer_est_dit(tiny_base, tmp_path):
    with pytest.raises(ConfigError, match="metrics.json"):
        measure_model(config(tiny_base, tmp_path / "vide"))


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


def test_word_dropout_hides_words_and_nothing_else(tiny_base, tmp_path, session_of):
    model, tokenizer = new_model(config(tiny_base, tmp_path))
    session = encode_for(model.architecture, Tokens.of(tokenizer), session_of(*TURNS * 4))
    torch.manual_seed(0)
    seen = without_words(session, 0.5, -7)
    words = hidden = 0
    for before, after in zip(session.pieces, seen.pieces, strict=True):
        assert len(after.input_ids) == len(before.input_ids)
        assert after.input_ids[: before.own.start] == before.input_ids[: before.own.start]
        for (start, end), old, new in zip(before.offsets, before.input_ids[before.own], after.input_ids[after.own], strict=True):
            assert new in (old, -7)
            words += end > start
            hidden += new == -7
            assert new == old or end > start  # special tokens and the prefix stay
    assert 0.4 < hidden / words < 0.6
    assert without_words(session, 0.0, -7) == session


def test_word_dropout_is_what_training_reads(tiny_base, tmp_path, session_of, monkeypatch):
    from alliance_nlp.training import fit as fitting

    seen = []
    read = fitting.read_turns
    monkeypatch.setattr(fitting, "read_turns", lambda model, session, **rest: seen.append(session) or read(model, session, **rest))
    settings = dataclasses.replace(config(tiny_base, tmp_path), epochs=1, word_dropout=1.0)
    fit(settings, [session_of(*TURNS)], [session_of(*TURNS)])
    blank = new_model(settings)[1].mask_token_id
    assert all(set(np.array(p.input_ids[p.own])[[b > a for a, b in p.offsets]]) == {blank} for p in seen[0].pieces)


def test_an_epoch_learns_from_a_share_of_the_pairs(tiny_base, tmp_path):
    pairs = load_pairs("train")[:100]
    settings = config(tiny_base, tmp_path, pairs_at_once=4, pairs_share=0.33)
    first, second = (epoch_updates([], pairs, settings, random.Random(seed)) for seed in (0, 1))
    assert sorted(len(update) for update in first) == [2] + [8] * 8  # 33 pairs of two members
    names = [{chunk.transcript.session_id for update in epoch for chunk in update} for epoch in (first, second)]
    assert names[0] != names[1]


def test_new_sessions_are_read_every_epoch_and_a_share_of_the_known_ones(tiny_base, tmp_path, session_of):
    train = [session_of(*TURNS, session_id=f"s{number:03}") for number in range(1, 15)]
    settings = config(tiny_base, tmp_path, new_from="s011", rehearsal=0.3)
    epochs = [{s.session_id for s in sessions_of_epoch(train, settings, random.Random(seed))} for seed in range(8)]
    new = {"s011", "s012", "s013", "s014"}
    assert all(new < epoch and len(epoch) == 3 + 4 for epoch in epochs)
    assert len(set.union(*epochs)) > 7
    assert chunks_of_epoch(train, settings) == 7
    with pytest.raises(ConfigError, match="new_from"):
        sessions_of_epoch(train, config(tiny_base, tmp_path, new_from="s999", rehearsal=0.3), random.Random(0))


def test_without_rehearsal_every_session_is_read_every_epoch(tiny_base, tmp_path, session_of):
    train = [session_of(*TURNS, session_id=f"s{number:03}") for number in range(1, 6)]
    settings = config(tiny_base, tmp_path)
    assert sessions_of_epoch(train, settings, random.Random(0)) == train
    assert chunks_of_epoch(train, settings) == 5
