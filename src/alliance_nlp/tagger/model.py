"""The network: each turn is encoded once, a small transformer reads the sequence of turns, heads decide.

    tokens ──encoder──▶ token states ──mean──▶ turn vectors ──session layers──▶ context ──▶ turn logits
                             └───────────────────────────────── + context ──▶ evidence logits

The session layers attend to a bounded past and at most five turns ahead in all (label scheme, "Unit"), with
relative positions only, so a session gives the same result read whole or in windows.  The encoder is any Hugging
Face encoder; it sits under its own base-model prefix, so ``AutoModel.from_pretrained`` on a model directory gives
the tuned encoder and :class:`AllianceModel` the whole.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoConfig, AutoModel, PretrainedConfig

from alliance_nlp.errors import ModelError
from alliance_nlp.model_folder import WEIGHTS
from alliance_nlp.tagger.architecture import CONFIG_KEY, Architecture, read_architecture
from alliance_nlp.tagger.encoding import ROLE_GROUPS


class SessionLayer(nn.Module):
    """One pre-norm transformer layer over turns with local attention and learned relative biases."""

    def __init__(self, hidden: int, architecture: Architecture, ahead: int) -> None:
        super().__init__()
        self.heads, self.past, self.ahead = architecture.heads, architecture.past, ahead
        self.norm1, self.norm2 = nn.LayerNorm(hidden), nn.LayerNorm(hidden)
        self.qkv, self.out = nn.Linear(hidden, 3 * hidden), nn.Linear(hidden, hidden)
        self.up, self.down = nn.Linear(hidden, architecture.ffn), nn.Linear(architecture.ffn, hidden)
        self.distance_bias = nn.Parameter(torch.zeros(self.heads, self.past + ahead + 1))
        self.speaker_bias = nn.Parameter(torch.zeros(self.heads))
        self.dropout = nn.Dropout(architecture.dropout)

    def forward(self, turns: Tensor, speakers: Tensor) -> Tensor:
        """(turns, hidden), (turns,) → (turns, hidden)."""
        turns = turns + self.dropout(self.attend(self.norm1(turns), speakers))
        return turns + self.dropout(self.down(F.gelu(self.up(self.norm2(turns)))))

    def attend(self, turns: Tensor, speakers: Tensor) -> Tensor:
        length, hidden = turns.shape
        qkv = self.qkv(turns).view(length, 3, self.heads, hidden // self.heads)
        query, key, value = qkv.permute(1, 2, 0, 3)  # each (heads, turns, hidden / heads)
        place = torch.arange(length, device=turns.device)
        distance = place[None, :] - place[:, None]  # (turns, turns), > 0 is the future
        seen = (distance >= -self.past) & (distance <= self.ahead)
        bias = self.distance_bias[:, distance.clamp(-self.past, self.ahead) + self.past]  # (heads, turns, turns)
        same = (speakers[:, None] == speakers[None, :]).to(bias.dtype)
        bias = (bias + self.speaker_bias[:, None, None] * same).masked_fill(~seen, -math.inf)
        mixed = F.scaled_dot_product_attention(query[None], key[None], value[None], attn_mask=bias[None])[0]
        return self.out(mixed.transpose(0, 1).reshape(length, hidden))


class AllianceModel(nn.Module):
    """Encoder, session layers, turn head and evidence head."""

    def __init__(self, config: PretrainedConfig, architecture: Architecture, encoder: nn.Module | None = None) -> None:
        super().__init__()
        encoder = encoder if encoder is not None else AutoModel.from_config(config)
        if getattr(encoder, "pooler", None) is not None:
            encoder.pooler = None  # BERT's sentence head: never trained here, never read
        self.encoder_name = encoder.base_model_prefix
        self.config, self.architecture = config, architecture
        self.add_module(self.encoder_name, encoder)
        hidden = config.hidden_size
        self.roles = nn.Embedding(len(ROLE_GROUPS), hidden)
        self.layers = nn.ModuleList(SessionLayer(hidden, architecture, ahead) for ahead in architecture.ahead)
        self.enter, self.leave = nn.LayerNorm(hidden), nn.LayerNorm(hidden)
        self.turn_head = nn.Linear(hidden, len(architecture.outputs))
        self.evidence_token = nn.Linear(hidden, hidden)
        self.evidence_context = nn.Linear(hidden, hidden, bias=False)
        self.evidence_head = nn.Linear(hidden, len(architecture.evidence))
        self.dropout = nn.Dropout(architecture.dropout)
        nn.init.normal_(self.roles.weight, std=0.02)

    @property
    def encoder(self) -> nn.Module:
        """The Hugging Face encoder."""
        return self.get_submodule(self.encoder_name)

    def encode(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(pieces, tokens) twice → token states (pieces, tokens, hidden)."""
        return self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    def contextualise(self, turn_vectors: Tensor, roles: Tensor, speakers: Tensor) -> Tensor:
        """(turns, hidden), (turns,), (turns,) → what each turn means where it stands, (turns, hidden)."""
        context = self.dropout(self.enter(turn_vectors) + self.roles(roles))
        for layer in self.layers:
            context = layer(context, speakers)
        return self.leave(context)

    def turn_logits(self, context: Tensor) -> Tensor:
        """(turns, hidden) → (turns, outputs)."""
        return self.turn_head(self.dropout(context))

    def evidence_logits(self, states: Tensor, context: Tensor) -> Tensor:
        """Token states (pieces, tokens, hidden) and their turns' context (pieces, hidden) → (pieces, tokens, labels)."""
        mixed = self.evidence_token(states) + self.evidence_context(context)[:, None]
        return self.evidence_head(F.gelu(self.dropout(mixed)))

    # ------------------------------------------------------------------------------ on disk

    def save_pretrained(self, path: Path, *, dtype: torch.dtype = torch.float16) -> None:
        """Write ``config.json`` and ``model.safetensors`` (weights in ``dtype``)."""
        path.mkdir(parents=True, exist_ok=True)
        outputs = self.architecture.outputs
        self.config.update(
            {
                "architectures": [type(self).__name__],
                "id2label": dict(enumerate(outputs)),
                "label2id": {name: place for place, name in enumerate(outputs)},
                CONFIG_KEY: asdict(self.architecture),
            }
        )
        self.config.dtype = dtype
        self.config.save_pretrained(path)
        weights = {name: tensor.to(dtype).contiguous() for name, tensor in self.state_dict().items()}
        save_file(weights, path / WEIGHTS, metadata={"format": "pt"})

    @classmethod
    def from_pretrained(cls, path: str | Path, *, local_files_only: bool = True) -> AllianceModel:
        """Return the model of a directory, float32, ready to read; ModelError when it is no tagger."""
        path = Path(path)
        if not (path / WEIGHTS).is_file():
            raise ModelError("tagger.no_weights", file=str(path))
        architecture = read_architecture(path)
        config = AutoConfig.from_pretrained(path, local_files_only=local_files_only)
        config.dtype = torch.float32
        model = cls(config, architecture)
        weights = {name: tensor.float() for name, tensor in load_file(path / WEIGHTS).items()}
        missing, unexpected = model.load_state_dict(weights, strict=False)
        if missing or unexpected:
            raise ModelError("tagger.other_weights", file=str(path), missing=len(missing), extra=len(unexpected))
        return model.eval()
