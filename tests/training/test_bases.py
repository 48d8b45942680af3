"""Any encoder of the BERT family will do as a base: tiny random ones of three families are trained, saved and loaded."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    CamembertConfig,
    CamembertModel,
    ModernBertConfig,
    ModernBertModel,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaModel,
)

from alliance_nlp.tagger import Tagger
from alliance_nlp.tagger.calibration import Calibration, OutputCalibration
from alliance_nlp.tagger.reading import score_session
from alliance_nlp.tagger.tokens import Tokens
from alliance_nlp.tagger.torch_network import TorchNetwork
from alliance_nlp.training.config import TrainingConfig
from alliance_nlp.training.fit import fit, quiet_transformers
from tests.conftest import SPEECH

SIZES = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 96}
ROBERTA = {"cls": "<s>", "pad": "<pad>", "sep": "</s>", "unk": "<unk>", "mask": "<mask>"}
BERT = {"cls": "[CLS]", "pad": "[PAD]", "sep": "[SEP]", "unk": "[UNK]", "mask": "[MASK]"}
BASES = {
    "camembert": (CamembertModel, CamembertConfig, ROBERTA, {"max_position_embeddings": 130, "pad_token_id": 1}),
    "xlm-roberta": (XLMRobertaModel, XLMRobertaConfig, ROBERTA, {"max_position_embeddings": 130, "pad_token_id": 1}),
    "modernbert": (ModernBertModel, ModernBertConfig, BERT, {"max_position_embeddings": 128, "global_attn_every_n_layers": 2}),
}
TURNS = (
    "T: <task>On reprend le carnet ensemble, ça vous va ?</task>",
    "P: <confrontation>À quoi ça sert, vos exercices ?</confrontation>",
    "T: <repair>Je suis allé trop vite.</repair>",
    "P: <bond>Ici j'arrive à le dire.</bond>",
)


def write_base(folder: Path, family: str) -> Path:
    """Write a tiny random encoder of a family with a tokenizer of its kind."""
    model, settings, specials, sizes = BASES[family]
    tokenizer = Tokenizer(models.BPE(unk_token=specials["unk"]))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.train_from_iterator(
        SPEECH, trainers.BpeTrainer(vocab_size=300, special_tokens=list(specials.values()), show_progress=False)
    )
    names = {f"{name}_token": token for name, token in specials.items()}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    ids = {f"{name}_token_id": tokenizer.token_to_id(specials[name]) for name in ("cls", "sep")}
    torch.manual_seed(0)
    config = settings(vocab_size=tokenizer.get_vocab_size(), **SIZES, **{"pad_token_id": 1, **ids, **sizes})
    with quiet_transformers():
        model(config).eval().save_pretrained(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(BASES))
def test_une_base_de_cette_famille_s_entraine_se_garde_et_se_recharge(family, tmp_path, session_of):
    session = session_of(*TURNS)
    base = write_base(tmp_path / "base", family)
    config = TrainingConfig(
        name="essai", version="9", base=str(base), output=str(tmp_path / "essai"), epochs=12, prefix="", max_tokens=100,
        learning_rate=3e-3, head_learning_rate=3e-3, dropout=0.0, hide_roles=0.0, asr_noise=0.0, device="cpu",
    )  # fmt: skip
    fitted = fit(config, [session], [session])
    assert fitted.history[-1].loss < 0.7 * fitted.history[0].loss
    folder = tmp_path / "essai"
    fitted.model.save_pretrained(folder, dtype=torch.float32)
    fitted.tokenizer.save_pretrained(folder)
    Calibration({name: OutputCalibration() for name in fitted.model.architecture.outputs}).save(folder)
    expected = score_session(TorchNetwork(fitted.model), Tokens.of(fitted.tokenizer), session)
    tagger = Tagger.load(folder)
    np.testing.assert_allclose(tagger.score(session).logits, expected.logits, atol=1e-5)
    assert len(tagger.tag(session).turns) == len(TURNS)
