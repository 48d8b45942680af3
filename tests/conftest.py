"""What many tests share: a tiny random tagger built on the spot, and sessions written with inline marks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from alliance_nlp.formats import read_bytes
from alliance_nlp.transcript import Transcript

REPOSITORY = Path(__file__).parents[1]

# A busy machine makes a test slow, not wrong: no example is given a deadline.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

SPEECH = [
    "On reprend le carnet ensemble, ça vous va ?",
    "Oui, je l'ai rempli deux fois cette semaine.",
    "Ben, j'sais pas trop à quoi ça sert, vos exercices.",
    "Je suis allé trop vite, je crois.",
    "Ici j'arrive à dire ce que je ne dis à personne.",
    "Ce que je voudrais, c'est reprendre le métro sans avoir peur.",
    "Hm hm. Et ensuite ? [rire] Mon frère, il devait passer dimanche.",
]


@pytest.fixture
def session_of() -> Callable[..., Transcript]:
    """Return a function: lines of authoring markup (« T: … », « P: <task>…</task> ») → a transcript."""

    def build(*lines: str, session_id: str = "essai", **speakers: str) -> Transcript:
        roles = speakers or {"T": "therapist", "P": "patient"}
        meta = {"id": session_id, "speakers": roles}
        text = "#meta " + json.dumps(meta) + "\n" + "\n".join(lines) + "\n"
        (transcript,) = read_bytes(text.encode(), f"{session_id}.txt")
        return transcript

    return build


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a tiny random encoder with a tokenizer learnt from ``SPEECH``."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(SPEECH, trainers.BpeTrainer(vocab_size=300, special_tokens=specials, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    folder = tmp_path_factory.mktemp("base")
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, cls_token="<s>", pad_token="<pad>", sep_token="</s>", unk_token="<unk>", mask_token="<mask>"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=48, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=96, max_position_embeddings=128, pad_token_id=1,
    )  # fmt: skip
    from alliance_nlp.training.fit import quiet_transformers

    with quiet_transformers():
        BertModel(config, add_pooling_layer=False).eval().save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_model(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a whole (untrained, uncalibrated) tagger: same files as a real one."""
    from alliance_nlp.tagger.calibration import Calibration, OutputCalibration
    from alliance_nlp.training.config import TrainingConfig
    from alliance_nlp.training.fit import new_model, seed_everything

    seed_everything(1)
    size = {"max_tokens": 40, "previous_tokens": 6}
    config = TrainingConfig(name="tout-petit", version="0", base=str(tiny_base), output="", **size)
    model, tokenizer = new_model(config)
    folder = tmp_path_factory.mktemp("models") / "tout-petit"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    names = model.architecture.outputs
    Calibration({name: OutputCalibration(threshold=0.5) for name in names}).save(folder)
    (folder / "metrics.json").write_text('{"name": "tout-petit", "version": "0"}', encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def tiny_tagger(tiny_model: Path):
    """Return the tiny tagger, loaded."""
    from alliance_nlp.tagger import Tagger

    return Tagger.load(tiny_model)
