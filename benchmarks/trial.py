"""A small training to compare two ways of doing it: validation mean average precision of each epoch.

    python benchmarks/trial.py --share 4 --epochs 4 [--set previous_tokens=32 …] [--base models/base/e5-fr-18k]

Learns from every ``share``-th training session and keeps nothing.  The same call with and without one ``--set`` tells what
that setting is worth at equal data and updates; compare several seeds before believing a small difference.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from alliance_nlp import toml
from alliance_nlp.corpus.folder import load_sessions
from alliance_nlp.corpus.pairs import load_pairs
from alliance_nlp.training.config import TrainingConfig
from alliance_nlp.training.fit import fit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--base", default="models/base/e5-fr-18k")
    parser.add_argument("--share", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    arguments = parser.parse_args()
    settings = toml.loads("\n".join(arguments.set))
    train, validation = load_sessions("train")[:: arguments.share], load_sessions("validation")
    with tempfile.TemporaryDirectory() as folder:
        config = TrainingConfig(
            name="trial", version="0", base=arguments.base, output=str(Path(folder) / "trial"), epochs=arguments.epochs, **settings
        )
        pairs = load_pairs("train", config.corpus) if config.pairs else []
        began = time.monotonic()
        print(f"{len(train)} sessions, {len(pairs)} pairs; {len(validation)} to validate on; {' '.join(arguments.set)}", flush=True)
        fit(
            config,
            train,
            validation,
            pairs=pairs,
            report=lambda e: print(f"epoch {e.number}: loss {e.loss:.3f}, mAP {e.validation_map:.4f}, {time.monotonic() - began:.0f} s", flush=True),
        )


if __name__ == "__main__":
    main()
