"""A model directory's ONNX graphs: what ``tagger.onnx_network`` runs.  Needs ``onnx`` and ``onnxscript`` (the extra ``training``).

In: a model directory.  Out: ``encoder.onnx``, ``session.onnx``, ``evidence.onnx`` and ``graphs.json``.  torch exports each part; then
every weight in the graph is replaced by a pointer into ``model.safetensors`` (ONNX external data: file, offset, length) followed
by a cast to float32, which ONNX Runtime does once when it loads.  200 kB instead of a second copy of the weights.
"""

from __future__ import annotations

import importlib.util
import json
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from alliance_nlp.model_folder import WEIGHTS
from alliance_nlp.tagger.model import AllianceModel
from alliance_nlp.tagger.onnx_network import FINGERPRINTS, GRAPHS, graph_hashes, weights_header

OPSET = 20  # the first with Gelu as one operator
TYPES = {"F16": "FLOAT16", "F32": "FLOAT", "BF16": "BFLOAT16"}  # safetensors' names → ONNX's
UNDER = "model."  # where a part keeps the model, so the names of its weights are those of the file after this


class Encoder(nn.Module):
    """The encoder alone."""

    def __init__(self, model: AllianceModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(pieces, tokens) twice → (pieces, tokens, hidden)."""
        return self.model.encode(input_ids, attention_mask)


class Session(Encoder):
    """Session layers and turn head."""

    def forward(self, vectors: Tensor, roles: Tensor, speakers: Tensor) -> tuple[Tensor, Tensor]:
        """(turns, hidden), (turns,), (turns,) → (turns, hidden), (turns, outputs)."""
        context = self.model.contextualise(vectors, roles, speakers)
        return context, self.model.turn_logits(context)


class Evidence(Encoder):
    """The evidence head."""

    def forward(self, states: Tensor, context: Tensor) -> Tensor:
        """(tokens, 1, hidden), (tokens, hidden) → (tokens, 1, labels)."""
        return self.model.evidence_logits(states, context)


def can_write_graphs() -> bool:
    """True when what the export needs is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("onnx", "onnxscript"))


def write_graphs(folder: Path) -> bool:
    """Write a model directory's graphs; False, and nothing written, when the exporter is not installed or cannot take the encoder.

    A model without graphs is whole all the same: torch runs it.
    """
    for name in (*(f"{graph}.onnx" for graph in GRAPHS), FINGERPRINTS):
        (folder / name).unlink(missing_ok=True)  # of earlier weights
    if not can_write_graphs():
        return False
    model = AllianceModel.from_pretrained(folder)
    tensors, begin, fingerprint = weights_header(folder / WEIGHTS)
    with tempfile.TemporaryDirectory() as place:
        for name in GRAPHS:
            try:
                export(name, model, Path(place) / f"{name}.onnx")
            except torch.onnx.errors.OnnxExporterError:
                return False
        for name in GRAPHS:
            point_at_weights(Path(place) / f"{name}.onnx", folder / f"{name}.onnx", tensors, begin)
    table = {"weights": fingerprint, "graphs": graph_hashes(folder)}
    (folder / FINGERPRINTS).write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    return True


def export(name: str, model: AllianceModel, path: Path) -> None:
    """Write one part of the model as a graph with its weights beside it."""
    hidden = model.config.hidden_size
    rows, width = torch.export.Dim("rows"), torch.export.Dim("width")
    words, mask = torch.randint(5, 50, (3, 20)), torch.ones(3, 20, dtype=torch.long)
    mask[1, 12:] = 0  # without any padding the exporter leaves the mask out
    roles, speakers = torch.arange(30) % 3, torch.arange(30) % 2  # two tensors: the exporter takes one given twice for one input
    parts: dict[str, tuple[nn.Module, tuple[Tensor, ...], list[str], list[str], tuple[Any, ...]]] = {
        "encoder": (Encoder(model), (words, mask), ["input_ids", "attention_mask"], ["states"],
                    ({0: rows, 1: width},) * 2),
        "session": (Session(model), (torch.randn(30, hidden), roles, speakers), ["vectors", "roles", "speakers"],
                    ["context", "logits"], ({0: rows},) * 3),
        "evidence": (Evidence(model), (torch.randn(30, 1, hidden), torch.randn(30, hidden)), ["states", "context"],
                     ["evidence"], ({0: rows},) * 2),
    }  # fmt: skip
    part, inputs, names, outputs, shapes = parts[name]
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # torch's exporter warns about its own insides
        program = torch.onnx.export(
            part.eval(), inputs, dynamo=True, input_names=names, output_names=outputs, dynamic_shapes=shapes,
            optimize=False, verbose=False, opset_version=OPSET,
        )  # fmt: skip
        program.save(path, external_data=True)


def point_at_weights(source: Path, target: Path, tensors: Mapping[str, Any], begin: int) -> None:
    """Rewrite a graph so that it takes its weights from the weights file: ``tensors`` is its table, ``begin`` where data begin."""
    import onnx

    graph_model = onnx.load(source, load_external_data=False)
    graph = graph_model.graph
    kept, casts = [], []
    for weight in graph.initializer:
        entry = tensors.get(weight.name.removeprefix(UNDER))
        if entry is None:  # a table of the encoder's own, such as its positions: small, kept in the graph
            kept.append(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(weight, str(source.parent)), weight.name))
            continue
        start, end = entry["data_offsets"]
        kept.append(pointer(f"{weight.name}.stored", entry, offset=begin + start, length=end - start))
        casts.append(onnx.helper.make_node("Cast", [kept[-1].name], [weight.name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    for field in (graph.initializer, graph.node, graph.value_info, graph.metadata_props, graph_model.metadata_props):
        del field[:]
    for node in nodes:
        del node.metadata_props[:]  # where in the source code it came from: paths of the machine that made it
        node.doc_string = ""
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    onnx.save(graph_model, target)


def pointer(name: str, entry: Mapping[str, Any], *, offset: int, length: int) -> Any:
    """Return an ONNX tensor that lies in the weights file."""
    import onnx

    tensor = onnx.TensorProto(name=name, data_type=onnx.TensorProto.DataType.Value(TYPES[entry["dtype"]]))
    tensor.dims.extend(entry["shape"])
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", WEIGHTS), ("offset", str(offset)), ("length", str(length))):
        tensor.external_data.add(key=key, value=value)
    return tensor
