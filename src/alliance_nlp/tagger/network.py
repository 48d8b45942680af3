"""What runs a model: torch, or ONNX Runtime, behind one small interface of numpy arrays.

ONNX Runtime reads the same weights file and starts in half a second where torch and transformers need seven; on a GPU torch runs.
``load_network`` chooses; both give the same logits (tests hold them within 1e-3).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.errors import ModelError
from alliance_nlp.tagger.architecture import Architecture

BACKENDS = ("auto", "onnx", "torch")
Ints, Floats = NDArray[np.int64], NDArray[np.float32]


class Network(Protocol):
    """A loaded model."""

    architecture: Architecture
    backend: str
    batch_tokens: int  # padded tokens that are best read at once

    def encode(self, input_ids: Ints, attention_mask: Ints) -> Floats:
        """(pieces, tokens) twice → token states (pieces, tokens, hidden)."""

    def contextualise(self, vectors: Floats, roles: Ints, speakers: Ints) -> tuple[Floats, Floats]:
        """Turn vectors (turns, hidden), role groups and speakers (turns,) → context (turns, hidden), logits (turns, outputs)."""

    def evidence_logits(self, states: Floats, context: Floats) -> Floats:
        """Token states and the context of each token's turn, both (tokens, hidden) → (tokens, labels)."""


def load_network(folder: Path, *, backend: str = "auto", device: str = "cpu") -> Network:
    """Return the model of a directory on the best backend that is here, or on the one that is asked for.

    ``auto``: torch on a GPU; on a CPU ONNX Runtime when it is installed and the directory holds graphs that fit its weights.
    Raises ModelError for an unknown backend, or one that cannot run this model.
    """
    if backend not in BACKENDS:
        raise ModelError("tagger.bad_backend", found=backend, expected=", ".join(BACKENDS))
    if backend != "torch" and device == "cpu":
        from alliance_nlp.tagger.onnx_network import OnnxNetwork, graphs_fit

        able = importlib.util.find_spec("onnxruntime") is not None and graphs_fit(folder)
        if able:
            return OnnxNetwork(folder)
    if backend == "onnx":
        raise ModelError("tagger.no_onnx", file=str(folder))
    from alliance_nlp.tagger.torch_network import load_torch

    return load_torch(folder, device)
