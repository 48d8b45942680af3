"""Does a conversation sound like psychotherapy?  How well that is judged on validation, by length of the passage and penalty.

    python benchmarks/therapy.py [--model DIR]

Fitted on training sessions, looked at on the validation split (never on test): the lowest log-odds of its therapies and the
highest of its other talk, whole sessions and passages.  Ten minutes on 2 cores.  ``LEAST_TURNS`` and ``STRENGTH`` were chosen here.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from alliance_nlp.corpus.folder import load_sessions  # noqa: E402
from alliance_nlp.model_folder import DEFAULT_MODEL, find_model  # noqa: E402
from alliance_nlp.training import therapy  # noqa: E402
from alliance_nlp.training.release import uncalibrated  # noqa: E402

LENGTHS = (20, 40, 60, 80, None)
STRENGTHS = (0.01, 0.1, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default=DEFAULT_MODEL)
    tagger = uncalibrated(find_model(parser.parse_args().model), "cpu")
    train, validation = load_sessions("train"), load_sessions("validation")
    read = {id(session): therapy.contexts(tagger, session) for session in (*therapy.drawn(train), *validation)}
    therapy.contexts = lambda tagger, session: read[id(session)]  # each session is encoded once for all penalties
    print("| penalty 1/ | turns | lowest therapies | therapies under -2 | other talk under -2 | highest other talk |")
    print("|---|---|---|---|---|---|")
    for therapy.STRENGTH in STRENGTHS:
        check = therapy.fit_therapy_check(tagger, train, validation)
        for length in LENGTHS:
            found = {True: [], False: []}
            for session in validation:
                for context in read[id(session)]:
                    parts = [p for p in therapy.passages(context, length) if length is None or len(p) == length]
                    found[therapy.is_therapy(session)] += [check.log_odds(part) for part in parts]
            therapies, other = (np.sort(found[kind]) for kind in (True, False))
            lowest = ", ".join(f"{value:.1f}" for value in therapies[:4])
            print(
                f"| {therapy.STRENGTH} | {length or 'all'} | {lowest} | {(therapies < -2).sum()} of {len(therapies)} | "
                f"{(other < -2).sum()} of {len(other)} | {other[-1]:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
