"""Do the backends say the same?  Share of turns with the same tags, and the largest difference of a probability.

    python benchmarks/backends.py            # validation sessions; about 3 minutes on 2 cores
    python benchmarks/backends.py --sessions 8
"""

import argparse

from alliance_nlp import Tagger
from alliance_nlp.corpus.folder import load_sessions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=None)
    given = load_sessions("validation")[: parser.parse_args().sessions]
    left, right = ([tagger.tag(session) for session in given] for tagger in (Tagger.load(backend=b) for b in ("onnx", "torch")))
    pairs = [both for a, b in zip(left, right, strict=True) for both in zip(a.turns, b.turns, strict=True)]
    same = sum((a.labels, a.types, a.needs_review) == (b.labels, b.types, b.needs_review) for a, b in pairs)
    largest = max(abs(a.probabilities[name] - b.probabilities[name]) for a, b in pairs for name in a.probabilities)
    print(f"onnx, torch: {same} of {len(pairs)} turns have the same tags and doubt ({same / len(pairs):.2%})")
    print(f"largest difference of a probability: {largest:.4f}")


if __name__ == "__main__":
    main()
