"""What people decided is learnt, what nobody read teaches nothing, and what measures the model is never learnt."""

import dataclasses
import json

import pytest
import torch

from alliance_nlp.errors import ConfigError
from alliance_nlp.record import dumps
from alliance_nlp.tagger import Tagger
from alliance_nlp.tagger.tokens import Tokens
from alliance_nlp.training.config import TrainingConfig, read_config, to_toml
from alliance_nlp.training.examples import Chunk, known_targets
from alliance_nlp.training.fit import first_model, fit, positive_weights, run_key, update_loss
from alliance_nlp.training.release import train_model
from alliance_nlp.training.reviewed import load_reviewed, teaching, with_reviewed
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span
from tests.conftest import REPOSITORY
from tests.training.test_fit import config, write_corpus

MACHINE, ANNE = Origin(OriginKind.MODEL, "m", "1"), Origin(OriginKind.HUMAN, "anne")
LINES = ("T: On reprend le carnet ?", "P: Oui, deux fois.", "T: Hm hm.", "P: À quoi ça sert ?", "T: Et le métro ?", "P: Je ne sais pas.")


def mark(label: str, origin: Origin, *types: str, words: int = 3) -> Marker:
    return Marker(label, origin, types=types, spans=(Span(0, words),))


def reviewed_session(session_of, session_id: str = "vraie", **given):
    """Return six turns: anne reviewed turns 0 and 1 (a task; nothing), accepted one of two machine marks on turn 3; the machine
    marked turns 4 and 5, which nobody read."""
    session = session_of(*LINES, session_id=session_id)
    marks = {0: (mark("task", ANNE),), 3: (mark("rupture", ANNE, "confrontation"), mark("bond", MACHINE)), 4: (mark("goal", MACHINE),), 5: (mark("task", MACHINE),)}
    read = {0: ["anne"], 1: ["anne"]}
    turns = tuple(
        dataclasses.replace(t, markers=(marks | given.get("marks", {})).get(t.index, ()), extra={"reviewed_by": read[t.index]} if t.index in read else {})
        for t in session.turns
    )
    return dataclasses.replace(session, turns=turns)


def write(tmp_path, *sessions, name="relectures.jsonl"):
    path = tmp_path / name
    path.write_text("".join(dumps(session) + "\n" for session in sessions), encoding="utf-8")
    return str(path)


def gradients(model, tokens, session, settings, weights):
    model.zero_grad(set_to_none=True)
    update_loss(model, tokens, [Chunk(session, 0, 0, len(session.turns))], settings, weights).backward()
    return {name: torch.zeros_like(p) if p.grad is None else p.grad.clone() for name, p in model.named_parameters()}


def test_ce_que_personne_n_a_lu_n_est_ni_présent_ni_absent(session_of):
    session = teaching(reviewed_session(session_of))
    outputs = ("goal", "task", "bond", "rupture", "withdrawal", "confrontation", "repair")
    known = {turn.index: {o for o, k in zip(outputs, row, strict=True) if k} for turn, row in zip(session.turns, known_targets(session, outputs).tolist(), strict=True)}
    assert known == {0: set(outputs), 1: set(outputs), 2: set(), 3: {"rupture", "confrontation"}, 4: set(), 5: set()}
    assert [m.origin.kind for turn in session.turns for m in turn.markers] == [OriginKind.HUMAN] * 2


def test_une_séance_lue_en_entier_par_un_autre_outil_est_sue_en_entier(session_of):
    session = session_of(*LINES)
    read = dataclasses.replace(session, turns=(dataclasses.replace(session.turns[0], markers=(mark("task", ANNE),)), *session.turns[1:]))
    assert known_targets(teaching(read), ("task",)).all()
    begun = dataclasses.replace(read, turns=(*read.turns[:5], dataclasses.replace(read.turns[5], markers=(mark("bond", MACHINE),))))
    assert known_targets(teaching(begun), ("task",)).flatten().tolist() == [True, False, False, False, False, False]


def test_les_tours_masqués_ne_donnent_exactement_aucun_gradient(tiny_base, tmp_path, session_of):
    settings = config(tiny_base, tmp_path)
    model, tokenizer = first_model(settings)
    tokens = Tokens.of(tokenizer)
    nobody = teaching(reviewed_session(session_of, marks={0: (), 3: (mark("bond", MACHINE),)}))
    nobody = dataclasses.replace(nobody, turns=tuple(dataclasses.replace(t, extra={"unread": True}) for t in nobody.turns))
    weights = positive_weights([nobody], model.architecture.outputs, 0.5)
    assert all(not grad.any() for grad in gradients(model, tokens, nobody, settings, weights).values())
    # what the machine marks on unread turns changes nothing, to the last bit
    one, other = (
        teaching(reviewed_session(session_of, marks={4: marks})) for marks in ((), (mark("goal", MACHINE), mark("repair", MACHINE, words=9)))
    )
    model.eval()
    first, second = (gradients(model, tokens, session, settings, weights) for session in (one, other))
    assert any(grad.any() for grad in first.values())
    assert all(first[name].equal(second[name]) for name in first)


def test_un_marqueur_dont_les_mots_sont_perdus_apprend_la_marque_et_non_ses_mots(tiny_base, tmp_path, session_of):
    settings = config(tiny_base, tmp_path)
    model, tokenizer = first_model(settings)
    lost = teaching(reviewed_session(session_of, marks={0: (dataclasses.replace(mark("task", ANNE), spans=()),), 3: ()}))
    weights = positive_weights([lost], model.architecture.outputs, 0.5)
    grads = gradients(model, Tokens.of(tokenizer), lost, settings, weights)
    assert not grads["evidence_head.weight"].any() and grads["turn_head.weight"].any()


def test_la_clé_d_une_configuration_d_avant_ne_change_pas(session_of):
    """The identity of a configuration without the later keys is what it was before there were any: the plain text of its values."""
    plain = read_config(REPOSITORY / "models/configs/alliance-fr-small-0.3.toml")
    assert plain.identity == repr(plain) and "start" not in repr(plain) and "reviewed" not in repr(plain)
    for change in ({"start": "m"}, {"reviewed": ("a.jsonl",)}, {"corpus_share": 0.5}):
        assert dataclasses.replace(plain, **change).identity != plain.identity
    before, after = reviewed_session(session_of), reviewed_session(session_of)
    read_more = dataclasses.replace(after.turns[2], extra={"reviewed_by": ["anne"]})
    after = dataclasses.replace(after, turns=(*after.turns[:2], read_more, *after.turns[3:]))
    assert run_key(plain, [teaching(before)], []) != run_key(plain, [teaching(after)], [])


def test_la_configuration_des_relectures_se_lit_et_s_écrit(tmp_path):
    shipped = read_config(REPOSITORY / "models/configs/relectures.toml", reviewed=["a \"b\".jsonl"])
    assert shipped.start == "alliance-fr-small" and shipped.base == "" and shipped.reviewed == ('a "b".jsonl',)
    path = tmp_path / "c.toml"
    path.write_text(to_toml(shipped), encoding="utf-8")
    assert read_config(path) == shipped
    path.write_text('name = "x"\nversion = "1"\nbase = "b"\noutput = "o"\nreviewed = "a.jsonl"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="reviewed"):
        read_config(path)


def test_ce_qui_mesure_le_modèle_ne_s_apprend_pas(tmp_path, session_of):
    corpus = str(write_corpus(tmp_path / "corpus"))
    measured = reviewed_session(session_of, "b")
    with pytest.raises(ConfigError, match="validation"):
        load_reviewed([write(tmp_path, measured)], corpus)
    from alliance_nlp.training import load_sessions

    (test,) = load_sessions("test", corpus)
    renamed = dataclasses.replace(test, session_id="autre-nom")
    with pytest.raises(ConfigError, match="test"):
        load_reviewed([write(tmp_path, renamed)], corpus)
    good = write(tmp_path, reviewed_session(session_of))
    with pytest.raises(ConfigError, match="vraie"):
        load_reviewed([good, good], corpus)
    with pytest.raises(ConfigError, match="relectures"):
        load_reviewed([write(tmp_path, session_of(*LINES, session_id="vide"))], corpus)


def test_une_séance_d_apprentissage_relue_cède_la_place_à_sa_relecture(tmp_path, session_of):
    corpus = str(write_corpus(tmp_path / "corpus"))
    reviewed = load_reviewed([write(tmp_path, reviewed_session(session_of, "a"), reviewed_session(session_of))], corpus)
    assert reviewed.facts() == {"sessions": 2, "turns": 4, "markers": 4, "people": 1}
    train = with_reviewed([session_of(*LINES, session_id="a"), session_of(*LINES, session_id="z")], reviewed)
    assert [session.session_id for session in train] == ["z", "a", "vraie"]


@pytest.mark.slow
def test_une_poignée_de_corrections_s_apprend_depuis_un_modèle_et_se_recharge(tiny_base, tmp_path, session_of):
    """A model is trained; anne says that one of its marks is another; the model that goes on from there has learnt it."""
    corpus = str(write_corpus(tmp_path / "corpus"))
    first = train_model(dataclasses.replace(config(tiny_base, tmp_path / "premier", corpus=corpus), epochs=30))
    talk = session_of("T: On reprend le carnet ensemble, ça vous va ?", "P: Si vous le dites.", "T: Hm hm.", session_id="vraie")
    corrected = {1: (mark("bond", ANNE, words=15),)}  # « Si vous le dites » : ici, chaleureux
    turns = tuple(dataclasses.replace(t, markers=corrected.get(t.index, ()), extra={"reviewed_by": ["anne"]} if t.index else {}) for t in talk.turns)
    file = write(tmp_path, dataclasses.replace(talk, turns=turns))
    again = TrainingConfig(
        name="suite", version="2", base="", output=str(tmp_path / "suite"), corpus=corpus, epochs=40, device="cpu", start=str(first),
        reviewed=(file,), learning_rate=3e-3, head_learning_rate=3e-3, hide_roles=0.0, asr_noise=0.0,
    )  # fmt: skip
    weights = first_model(again)[0].state_dict()
    before = Tagger.load(first).score(talk)
    folder = train_model(again)
    names = Tagger.load(folder).network.architecture.outputs
    place = names.index("bond")
    after = Tagger.load(folder).score(talk)
    assert after.logits[1, place] > 0 > before.logits[1, place]
    assert weights.keys() == first_model(dataclasses.replace(again, start=str(folder)))[0].state_dict().keys()
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["trained_on"]["reviewed"] == {"sessions": 1, "turns": 2, "markers": 1, "people": 1}
    assert metrics["trained_on"]["start"]["version"] == "9" and metrics["split_sizes"]["train"] == 1
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "2 turns reviewed by 1 person" in card and "Keep this model where the transcripts are kept" in card
    assert f'reviewed = ["{file}"]' in (folder / "training.toml").read_text(encoding="utf-8")


def test_partir_d_un_modèle_garde_ses_poids_et_sa_façon_de_lire(tiny_model, tmp_path, session_of):
    settings = dataclasses.replace(config(tmp_path / "rien", tmp_path / "suite"), start=str(tiny_model), epochs=1, learning_rate=0.0, head_learning_rate=0.0)
    fitted = fit(settings, [session_of(*LINES)], [session_of("T: <task>On note ?</task>")])
    kept = first_model(settings)[0].state_dict()
    assert all(kept[name].equal(tensor) for name, tensor in fitted.model.state_dict().items())
    assert fitted.model.architecture.previous_tokens == 6
