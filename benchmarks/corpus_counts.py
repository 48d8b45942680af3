"""Count the corpus: sessions, turns, words, untagged share and turns per marker, by split.

python benchmarks/corpus_counts.py
"""

from alliance_nlp.corpus.folder import SPLITS, load_sessions

NAMES = ("goal", "task", "bond", "withdrawal", "confrontation", "repair")


def main() -> None:
    print(f"{'':12}{'sessions':>9}{'turns':>7}{'words':>8}{'untagged':>9}" + "".join(f"{name:>14}" for name in NAMES))
    for split in SPLITS:
        sessions = load_sessions(split)
        turns = [turn for session in sessions for turn in session.turns]
        words = sum(len(turn.text.split()) for turn in turns)
        untagged = sum(not turn.markers for turn in turns) / len(turns)
        counts = [sum(name in turn.labels | turn.types for turn in turns) for name in NAMES]
        print(f"{split:12}{len(sessions):9}{len(turns):7}{words:8}{untagged:9.1%}" + "".join(f"{n:14}" for n in counts))


if __name__ == "__main__":
    main()
