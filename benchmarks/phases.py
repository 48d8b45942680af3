"""How often phases are found where there are none: the corpus' sessions with their turns shuffled.

    python benchmarks/phases.py

Three shuffles: single turns (nothing is left of the order), blocks of 4 turns (a proposal keeps its answer) and
blocks of 10 (an episode keeps its repair, so a cut is not always wrong).  The shuffled sessions have no phases by
construction, so every cut of the first two is a false one.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.corpus.folder import SPLITS, load_sessions
from alliance_nlp.patterns.phases import COST_OF_CHANGE, cut_points, family_marks

SHUFFLES = 4  # of each session: 1,840 in all, a standard error of half a point at 5 %
SEED = 1


def shuffled(marks: NDArray[np.int64], block: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the session with its blocks of ``block`` turns in a random order."""
    blocks = [np.arange(start, min(start + block, len(marks))) for start in range(0, len(marks), block)]
    return marks[np.concatenate([blocks[place] for place in rng.permutation(len(blocks))])]


def main() -> None:
    """Print the share of cut sessions by kind of shuffle, and the phases of the sessions as they are."""
    sessions = [family_marks(session.turns) for split in SPLITS for session in load_sessions(split) if session.turns]
    found = Counter(len(cut_points(marks)) - 1 for marks in sessions)
    print(f"cost of a change: {COST_OF_CHANGE} log n; sessions as they are, by number of phases: {dict(sorted(found.items()))}")
    rng = np.random.default_rng(SEED)
    for block in (1, 4, 10):
        cuts = [len(cut_points(shuffled(marks, block, rng))) > 2 for marks in sessions for _ in range(SHUFFLES)]
        print(f"blocks of {block:2} turns: {100 * np.mean(cuts):.1f} % of {len(cuts)} shuffled sessions are cut")


if __name__ == "__main__":
    main()
