"""A model run by ONNX Runtime: three graphs that read their weights out of ``model.safetensors``.

The graphs (``encoder.onnx``, ``session.onnx``, ``evidence.onnx``, written by ``training.graphs``) hold no weights of their own:
each names the bytes of the weights file that it wants (ONNX external data), so that nothing is kept twice.  They carry a
fingerprint of that file's header; where it differs, the weights have changed since and the graphs must not be used.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np

from alliance_nlp.model_folder import WEIGHTS
from alliance_nlp.tagger.architecture import read_architecture
from alliance_nlp.tagger.network import Floats, Ints

GRAPHS = ("encoder", "session", "evidence")
FINGERPRINTS = "graphs.json"  # beside the graphs: their hashes, and the fingerprint of the weights they were made for
QUIET = 3  # ONNX Runtime's level for errors alone


class OnnxNetwork:
    """The graphs of a model directory, loaded."""

    backend = "onnx"
    batch_tokens = 512  # larger batches hold more padding (benchmarks/speed.py)

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads()
        options.log_severity_level = QUIET
        self.architecture = read_architecture(folder)
        self.sessions: dict[str, Any] = {
            name: onnxruntime.InferenceSession(folder / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
            for name in GRAPHS
        }

    def encode(self, input_ids: Ints, attention_mask: Ints) -> Floats:
        """(pieces, tokens) twice → token states (pieces, tokens, hidden)."""
        return self.sessions["encoder"].run(None, {"input_ids": input_ids, "attention_mask": attention_mask})[0]

    def contextualise(self, vectors: Floats, roles: Ints, speakers: Ints) -> tuple[Floats, Floats]:
        """(turns, hidden), (turns,), (turns,) → context (turns, hidden), logits (turns, outputs)."""
        context, logits = self.sessions["session"].run(None, {"vectors": vectors, "roles": roles, "speakers": speakers})
        return context, logits

    def evidence_logits(self, states: Floats, context: Floats) -> Floats:
        """(tokens, hidden) twice → (tokens, labels)."""
        return self.sessions["evidence"].run(None, {"states": states[:, None], "context": context})[0][:, 0]


def threads() -> int:
    """Return how many threads compute: OMP_NUM_THREADS as for torch, else the processors this process may use."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def weights_header(path: Path) -> tuple[dict[str, Any], int, str]:
    """Return a safetensors file's table of tensors, where its data begin, and the fingerprint of both and the file's size."""
    with path.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        header = stream.read(length)
    digest = hashlib.sha256(header + str(path.stat().st_size).encode()).hexdigest()
    return json.loads(header), 8 + length, digest


def graph_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each graph; OSError when one is missing."""
    return {name: hashlib.sha256((folder / f"{name}.onnx").read_bytes()).hexdigest() for name in GRAPHS}


def graphs_fit(folder: Path) -> bool:
    """True when a model directory has all graphs, as they were written, for its weights file."""
    try:
        known = json.loads((folder / FINGERPRINTS).read_text(encoding="utf-8"))
        return known == {"weights": weights_header(folder / WEIGHTS)[2], "graphs": graph_hashes(folder)}
    except (OSError, ValueError, KeyError, struct.error):
        return False
