"""How often the privacy search rings on sessions that hold no real name: serious findings per 1,000 turns.

    python benchmarks/privacy.py

The corpus is fiction with placeholders and invented first names, so most findings are first names or public places:
the figure is an upper bound of false alarms.  What must be found is in ``tests/test_privacy.py``.
"""

from collections import Counter

from alliance_nlp import privacy
from alliance_nlp.corpus.folder import SPLITS, load_sessions
from alliance_nlp.privacy import spacy_engine


def main() -> None:
    sessions = [session for split in SPLITS for session in load_sessions(split)]
    turns = sum(len(session.turns) for session in sessions)
    for name, pipeline in (("patterns+lists", lambda: None), (privacy.engine_name(), spacy_engine.load_pipeline)):
        privacy.load_pipeline = pipeline
        found = Counter(f"{f.kind}/{f.rule}" for session in sessions for f in privacy.scan(session).serious)
        print(f"{name}: {1000 * sum(found.values()) / turns:.1f} per 1,000 turns ({turns} turns); {dict(found.most_common(6))}")


if __name__ == "__main__":
    main()
