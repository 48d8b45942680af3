"""Speed side by side, on one machine in one run: this tagger, and the usual recipe, on the same sessions.

    python benchmarks/speed.py                       # the table of the README (about 10 minutes on 2 cores)
    python benchmarks/speed.py --growth 10,40,160    # how time and memory grow with the number of sessions
    python benchmarks/speed.py --batches             # padded tokens a batch, for ``batch_tokens``

*The usual recipe*: Hugging Face's ``pipeline("text-classification")`` over an encoder of the shape of CamemBERT-base (random weights:
speed does not depend on them), one call a turn with the three turns before it, each padded alone.  *Tuned*: the same, inputs sorted by
length and read in batches of 16.  Each runs in a process of its own, so that its peak memory is its own; model loading is not
counted in turns/s.  The usual recipe reads the first turns of every session (``--recipe-turns`` in all): its cost a turn does not change
with their number.  The share of the peak is the encoder's multiplications over those of one large matrix product (fp32) timed in the same process.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

CONTENDERS = ("onnx", "torch", "recipe", "tuned")
CONTEXT_TURNS = 3
BATCH = 16


def sessions(number: int) -> list:
    """Return ``number`` sessions of the corpus' training split, from the start again when there are not enough."""
    from alliance_nlp.corpus.folder import load_sessions

    found = load_sessions("train")
    return [found[place % len(found)] for place in range(number)]


def measure_tagger(backend: str, number: int) -> dict:
    """Tag sessions with the shipped model."""
    from alliance_nlp import Tagger
    from alliance_nlp.tagger.reading import encode_for

    given = sessions(number)
    tagger = Tagger.load(backend=backend)
    tagger.tag(given[0])
    tokens = sum(
        len(piece.input_ids)
        for session in given
        for piece in encode_for(tagger.network.architecture, tagger.tokens, session).pieces
    )
    began, cpu = time.perf_counter(), time.process_time()
    for session in given:
        tagger.tag(session)
    seconds = time.perf_counter() - began
    config = json.loads((Path("models/alliance-fr-small") / "config.json").read_text(encoding="utf-8"))
    return row(given, seconds, time.process_time() - cpu, flops(config, tokens), sum(len(s.turns) for s in given))


def measure_recipe(*, tuned: bool, number: int, turns: int) -> dict:
    """Classify turns with their context by a pipeline over a CamemBERT-base-shaped encoder."""
    from transformers import AutoTokenizer, CamembertConfig, CamembertForSequenceClassification, pipeline

    given = sessions(number)
    each = -(-turns // number)
    texts = [
        " ".join(turn.text for turn in session.turns[max(0, place - CONTEXT_TURNS) : place + 1])
        for session in given
        for place in range(min(each, len(session.turns)))
    ]
    tokenizer = AutoTokenizer.from_pretrained("models/alliance-fr-small", local_files_only=True)
    config = CamembertConfig(
        vocab_size=len(tokenizer), hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072,
        max_position_embeddings=514, num_labels=7, pad_token_id=1,
    )  # fmt: skip
    model = CamembertForSequenceClassification(config).eval()
    classify = pipeline("text-classification", model=model, tokenizer=tokenizer, top_k=None, function_to_apply="sigmoid")
    lengths = [min(len(ids), 512) for ids in tokenizer(texts)["input_ids"]]
    options = {"truncation": True, "max_length": 512}
    classify(texts[0], **options)
    began, cpu = time.perf_counter(), time.process_time()
    if tuned:
        order = sorted(range(len(texts)), key=lengths.__getitem__)
        list(classify((texts[place] for place in order), batch_size=BATCH, **options))
    else:
        for text in texts:
            classify(text, **options)
    seconds = time.perf_counter() - began
    return row(given, seconds, time.process_time() - cpu, flops(config.to_dict(), sum(lengths)), len(texts))


def row(given: list, seconds: float, cpu: float, work: float, turns: int) -> dict:
    """Return one line of the table; memory first, before torch is imported to time the peak."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "sessions": len(given),
        "turns": turns,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "turns_per_second": turns / seconds,
        "peak_share": work / seconds / gemm_peak(),
        "memory_mb": memory,
    }


def flops(config: dict, tokens: int) -> float:
    """Return the encoder's multiply-adds of its matrices over so many tokens, as operations (attention's own products left out)."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    return 2.0 * tokens * config["num_hidden_layers"] * (4 * hidden * hidden + 2 * hidden * inner)


def gemm_peak() -> float:
    """Return fp32 operations a second of one large matrix product on this process' threads: the best of eight."""
    import torch

    left, right = torch.randn(2048, 1536), torch.randn(1536, 1536)
    best = 0.0
    for _ in range(8):
        began = time.perf_counter()
        left @ right
        best = max(best, 2 * 2048 * 1536 * 1536 / (time.perf_counter() - began))
    return best


def in_own_process(arguments: list[str]) -> dict:
    """Run one contender in a process of its own."""
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def compare(number: int, turns: int) -> None:
    """Print the table."""
    rows = {
        name: in_own_process(["--run", name, "--sessions", str(number), "--recipe-turns", str(turns)]) for name in CONTENDERS
    }
    print(f"{number} sessions")
    print("| | turns/s | times the usual recipe | share of the fp32 peak | peak memory |\n|---|---|---|---|---|")
    for name, found in rows.items():
        times = found["turns_per_second"] / rows["recipe"]["turns_per_second"]
        print(
            f"| {name} | {found['turns_per_second']:.1f} | {times:.1f} | {found['peak_share']:.0%} | {found['memory_mb']:.0f} MB |"
        )


def grow(numbers: list[int]) -> None:
    """Print time and memory for growing numbers of sessions."""
    print("| sessions | turns | seconds | turns/s | peak memory |\n|---|---|---|---|---|")
    for number in numbers:
        found = in_own_process(["--run", "onnx", "--sessions", str(number)])
        print(
            f"| {number} | {found['turns']} | {found['seconds']:.1f} | {found['turns_per_second']:.1f} | {found['memory_mb']:.0f} MB |"
        )


def try_batches(number: int) -> None:
    """Print turns/s for several sizes of batch."""
    from alliance_nlp import Tagger

    given, tagger = sessions(number), Tagger.load()
    turns = sum(len(session.turns) for session in given)
    for batch_tokens in (256, 512, 1024, 2048, 4096):
        tagger.network.batch_tokens = batch_tokens
        began = time.perf_counter()
        for session in given:
            tagger.tag(session)
        print(f"{batch_tokens:5} padded tokens a batch: {turns / (time.perf_counter() - began):.1f} turns/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--recipe-turns", type=int, default=400)
    parser.add_argument("--growth", default="")
    parser.add_argument("--batches", action="store_true")
    parser.add_argument("--run", choices=CONTENDERS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.run in ("onnx", "torch"):
        print(json.dumps(measure_tagger(asked.run, asked.sessions)))
    elif asked.run:
        print(json.dumps(measure_recipe(tuned=asked.run == "tuned", number=asked.sessions, turns=asked.recipe_turns)))
    elif asked.growth:
        grow([int(number) for number in asked.growth.split(",")])
    elif asked.batches:
        try_batches(min(asked.sessions, 12))
    else:
        compare(asked.sessions, asked.recipe_turns)


if __name__ == "__main__":
    main()
