"""A model run by torch: on a GPU, in training, and on a CPU where ONNX Runtime is not installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from alliance_nlp.errors import ModelError
from alliance_nlp.tagger.model import AllianceModel
from alliance_nlp.tagger.network import Floats, Ints

CPU_TOKENS = 512  # larger batches hold more padding (benchmarks/speed.py)
GPU_TOKENS = 16_384  # a GPU wants larger ones


class TorchNetwork:
    """``AllianceModel`` behind the interface of :class:`~alliance_nlp.tagger.network.Network`, where the model is."""

    backend = "torch"

    def __init__(self, model: AllianceModel) -> None:
        self.model = model.eval()
        self.architecture = model.architecture
        self.device = model.roles.weight.device
        self.batch_tokens = CPU_TOKENS if self.device.type == "cpu" else GPU_TOKENS

    @torch.inference_mode()
    def encode(self, input_ids: Ints, attention_mask: Ints) -> Floats:
        """(pieces, tokens) twice → token states (pieces, tokens, hidden)."""
        return self._out(self.model.encode(self._in(input_ids), self._in(attention_mask)))

    @torch.inference_mode()
    def contextualise(self, vectors: Floats, roles: Ints, speakers: Ints) -> tuple[Floats, Floats]:
        """(turns, hidden), (turns,), (turns,) → context (turns, hidden), logits (turns, outputs)."""
        context = self.model.contextualise(self._in(vectors), self._in(roles), self._in(speakers))
        return self._out(context), self._out(self.model.turn_logits(context))

    @torch.inference_mode()
    def evidence_logits(self, states: Floats, context: Floats) -> Floats:
        """(tokens, hidden) twice → (tokens, labels)."""
        return self._out(self.model.evidence_logits(self._in(states)[:, None], self._in(context))[:, 0])

    def _in(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.device)

    @staticmethod
    def _out(values: Tensor) -> Floats:
        return values.float().cpu().numpy()


def load_torch(folder: Path, device: str) -> TorchNetwork:
    """Return the model of a directory on ``device``; ModelError when there is no such device or no model."""
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError("tagger.no_cuda")
    return TorchNetwork(AllianceModel.from_pretrained(folder).to(device))
