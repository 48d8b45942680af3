"""Turns tagged a second on this machine, by batch size, on the shipped examples (model already loaded).

python benchmarks/speed.py
"""

import time
from pathlib import Path

from alliance_nlp import Tagger
from alliance_nlp.formats import SUFFIXES, read_sessions
from alliance_nlp.shipped import shipped_path
from alliance_nlp.tagger import inference


def main() -> None:
    paths = [p for p in sorted(Path(shipped_path("data/examples")).iterdir()) if p.suffix in SUFFIXES]
    sessions = [session for path in paths for session in read_sessions(path)]
    turns = sum(len(session.turns) for session in sessions)
    tagger = Tagger.load()
    for batch_tokens in (256, 512, 1024, 2048, 4096):
        inference.BATCH_TOKENS = batch_tokens
        began = time.monotonic()
        for session in sessions:
            tagger.tag(session)
        print(f"{batch_tokens:5} padded tokens a batch: {turns / (time.monotonic() - began):.0f} turns/s")


if __name__ == "__main__":
    main()
