"""Simple models on the same split as the shipped tagger, with the same scores.

    python benchmarks/baselines.py [--base models/base/e5-fr-18k] [--curve] [--probes] [--only FILE]

prevalence     every turn gets the label's share in training as its probability
previous       a turn gets the labels of the turn before it (in the reference: an oracle of inertia)
tfidf          TF-IDF of the turn, of the two before and of the one after, and the role; logistic regression
frozen         mean vectors of the untrained base encoder with the same context; logistic regression
statements     nearest of some statements per label by cosine of the same vectors, nothing learnt (as COMPASS reads the
               WAI: Lin et al., 2024); statements are our own paraphrases of what the inventory asks
tagger         the shipped model

Thresholds are chosen on validation for each model in the same way; the table is of the test split.
``--only`` lets the simple models learn from the training sessions named in a file alone, to compare on equal data.
``--probes`` prints how far shortcuts alone go on validation (thresholds chosen there too, the scheme's mask by role always on): the
role, the place in the session, the length, the first three words.
``--curve`` prints the learning curve of ``tfidf`` on validation (1/8, 1/4, 1/2, all of the training sessions).
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from alliance_nlp.corpus.folder import load_sessions
from alliance_nlp.evaluation.metrics import average_precision, binary_score, bootstrap
from alliance_nlp.labels import default_label_set
from alliance_nlp.tagger.calibration import best_threshold
from alliance_nlp.tagger.encoding import ROLE_GROUPS, role_group
from alliance_nlp.tagger.reading import allowed_outputs
from alliance_nlp.transcript import OriginKind, Role, Speaker, Transcript, Turn

MISSION = default_label_set().mission
CONTEXT = (-2, -1, 0, 1)
STATEMENTS = {
    "goal": (
        "Voilà ce que je voudrais changer grâce à ce travail.",
        "On est d'accord sur ce qu'on cherche à obtenir ensemble.",
        "C'est bien vers ce but que nous travaillons ?",
        "Ce que j'attends de la thérapie, c'est d'aller mieux là-dessus.",
    ),
    "task": (
        "Je vous propose un exercice, est-ce que cela vous convient ?",
        "D'accord, je vais essayer de le faire cette semaine.",
        "J'ai fait ce qu'on avait prévu et ça m'a aidé.",
        "Ce que nous faisons ici me semble la bonne façon d'avancer.",
    ),
    "bond": (
        "Je me sens en confiance avec vous.",
        "Vous me comprenez et je peux tout vous dire ici.",
        "J'ai de l'estime pour vous et je tiens à vous.",
        "Nous nous respectons, vous et moi.",
    ),
    "rupture": (
        "Je ne vois pas à quoi servent vos séances.",
        "Vous ne m'écoutez pas, je ne suis pas d'accord avec vous.",
        "Je n'ai pas envie d'en parler, passons à autre chose.",
        "Si vous le dites, c'est vous le spécialiste.",
    ),
}


def gold(sessions: list[Transcript]) -> np.ndarray:
    return np.array([[name in turn.labels for name in MISSION] for s in sessions for turn in s.turns])


def roles(sessions: list[Transcript]) -> np.ndarray:
    return np.array([role_group(s.role_of(turn)) for s in sessions for turn in s.turns])


def neighbours(session: Transcript, step: int) -> list[str]:
    turns = session.turns
    return [turns[i + step].text if 0 <= i + step < len(turns) else "" for i in range(len(turns))]


class Tfidf:
    """TF-IDF features with context."""

    def __init__(self) -> None:
        options = {"sublinear_tf": True, "min_df": 2}
        self.turn = TfidfVectorizer(ngram_range=(1, 2), **options)
        self.around = TfidfVectorizer(**options)

    def __call__(self, sessions: list[Transcript], *, fit: bool = False) -> sparse.csr_matrix:
        parts = []
        for step in CONTEXT:
            texts = [text for session in sessions for text in neighbours(session, step)]
            vectorizer = self.turn if step == 0 else self.around
            if fit and step in (0, CONTEXT[0]):
                vectorizer.fit([turn.text for s in sessions for turn in s.turns])
            parts.append(vectorizer.transform(texts) * (1.0 if step == 0 else 0.5))
        return sparse.hstack([*parts, sparse.csr_matrix(np.eye(len(ROLE_GROUPS))[roles(sessions)])]).tocsr()


class Frozen:
    """Mean vectors of an untrained encoder with context."""

    def vectors(self, session: Transcript) -> np.ndarray:
        """Return (turns, hidden) unit vectors; a session is read once."""
        if session.session_id not in self.read:
            self.read[session.session_id] = self.unit_vectors(session)
        return self.read[session.session_id]

    def unit_vectors(self, session: Transcript) -> np.ndarray:
        """Return (turns, hidden), each row of length 1."""
        from alliance_nlp.tagger.encoding import encode_session
        from alliance_nlp.tagger.reading import read_pieces, turn_vectors

        encoded = encode_session(session, self.tokens, prefix="query: ", max_tokens=256)
        vectors = turn_vectors(encoded, read_pieces(self.network, encoded.pieces, pad_id=self.tokens.pad_id))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def nearness(self, sessions: list[Transcript]) -> np.ndarray:
        """Return (turns, mission labels): cosine with the nearest of each label's statements."""
        turns = tuple(Turn(n, "S", text) for n, text in enumerate(t for name in MISSION for t in STATEMENTS[name]))
        anchors = self.vectors(dataclasses.replace(sessions[0], session_id="statements", turns=turns, speakers=(Speaker("S", Role.UNKNOWN),)))
        owner = np.array([name for name in MISSION for _ in STATEMENTS[name]])
        cosines = np.vstack([self.vectors(session) for session in sessions]) @ anchors.T
        return np.stack([cosines[:, owner == name].max(axis=1) for name in MISSION], axis=1)

    def __init__(self, base: str) -> None:
        from alliance_nlp.tagger.tokens import Tokens
        from alliance_nlp.tagger.torch_network import TorchNetwork
        from alliance_nlp.training.config import TrainingConfig
        from alliance_nlp.training.fit import new_model

        model, tokenizer = new_model(TrainingConfig(name="frozen", version="0", base=base, output=""))
        self.network, self.tokens = TorchNetwork(model), Tokens.of(tokenizer)
        self.read: dict[str, np.ndarray] = {}

    def __call__(self, sessions: list[Transcript], *, fit: bool = False) -> np.ndarray:
        blocks = []
        for session in sessions:
            table = self.vectors(session)
            padded = np.vstack([np.zeros((2, table.shape[1])), table, np.zeros((1, table.shape[1]))])
            blocks.append(np.hstack([padded[2 + step : 2 + step + len(table)] for step in CONTEXT]))
        return np.hstack([np.vstack(blocks), np.eye(len(ROLE_GROUPS))[roles(sessions)]])


def probe(name: str):
    """Return features that hold one shortcut alone."""
    first_words = TfidfVectorizer(ngram_range=(1, 3), min_df=2)

    def features(sessions: list[Transcript], *, fit: bool = False):
        turns = [(turn, turn.index / max(len(s.turns) - 1, 1)) for s in sessions for turn in s.turns]
        if name == "first words":
            texts = [" ".join(turn.text.split()[:3]) for turn, _ in turns]
            return first_words.fit_transform(texts) if fit else first_words.transform(texts)
        if name == "role":
            return np.eye(len(ROLE_GROUPS))[roles(sessions)]
        numbers = np.array([place if name == "place" else np.log1p(len(turn.text)) for turn, place in turns])
        edges = np.linspace(0, 1, 11)[1:-1] if name == "place" else np.linspace(1, 7, 13)
        return np.eye(len(edges) + 1)[np.digitize(numbers, edges)]

    return features


def regress(features, train: list[Transcript], others: list[list[Transcript]], strength: float) -> list[np.ndarray]:
    """Return probabilities (turns, mission labels) for each of ``others``."""
    x, y = features(train, fit=True), gold(train)
    solver = "lbfgs" if sparse.issparse(x) else "newton-cholesky"  # few dense columns: a few exact steps instead of thousands
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000, solver=solver)
    models = [clone(model).fit(x, y[:, c]) for c in range(y.shape[1])]
    return [np.stack([m.predict_proba(z)[:, 1] for m in models], axis=1) for z in (features(o) for o in others)]


def masked(scores: np.ndarray, sessions: list[Transcript]) -> np.ndarray:
    return np.where(allowed_outputs(MISSION)[roles(sessions)], scores, 0.0)


def split_by_session(values: np.ndarray, sessions: list[Transcript]) -> list[np.ndarray]:
    return np.split(values, np.cumsum([len(s.turns) for s in sessions])[:-1])


def table_row(name: str, validation_scores, test_scores, validation, test) -> np.ndarray:
    """Print a model's row and return what it said, (turns, mission labels)."""
    truth_v, truth_t = gold(validation), gold(test)
    cuts = [best_threshold(validation_scores[:, c], truth_v[:, c]) for c in range(len(MISSION))]
    said = test_scores >= np.array(cuts)
    print_row(name, test_scores, said, truth_t, test)
    return said


def print_difference(name: str, tagger: np.ndarray, other: np.ndarray, truth: np.ndarray, sessions) -> None:
    """Print macro-F1 of the tagger minus that of another model, drawn over the same sessions (paired)."""
    parts = [split_by_session(values, sessions) for values in (truth, tagger, other)]
    apart = bootstrap(list(zip(*parts, strict=True)), lambda d: macro([(t, a) for t, a, _ in d]) - macro([(t, b) for t, _, b in d]))
    print(f"| {name} | {apart.value:+.3f} [{apart.low:+.3f}, {apart.high:+.3f}] |")


def macro(drawn) -> float:
    truth, said = np.vstack([d[0] for d in drawn]), np.vstack([d[1] for d in drawn])
    return float(np.mean([binary_score(truth[:, c], said[:, c]).f1 for c in range(len(MISSION))]))


def print_row(name, scores, said, truth, sessions) -> None:
    pairs = list(zip(split_by_session(truth, sessions), split_by_session(said, sessions), strict=True))
    interval = bootstrap(pairs, macro)
    by_label = [f"{binary_score(truth[:, c], said[:, c]).f1:.2f}" for c in range(len(MISSION))]
    mean_ap = np.mean([average_precision(scores[:, c], truth[:, c]) for c in range(len(MISSION))])
    print(f"| {name} | {interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}] | {mean_ap:.3f} | {' | '.join(by_label)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--base", default="")
    parser.add_argument("--model", default="alliance-fr-small")
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--probes", action="store_true")
    parser.add_argument("--only", type=Path)
    arguments = parser.parse_args()
    train, validation, test = (load_sessions(split) for split in ("train", "validation", "test"))
    if arguments.only:
        names = arguments.only.read_text(encoding="utf-8").split()
        train = [session for session in train if session.session_id in names]
    if arguments.curve:
        for share in (8, 4, 2, 1):
            part = train[:: share]
            (p,) = regress(Tfidf(), part, [validation], 1.0)
            p = masked(p, validation)
            truth = gold(validation)
            best = np.mean([binary_score(truth[:, c], p[:, c] >= best_threshold(p[:, c], truth[:, c])).f1 for c in range(4)])
            print(f"{len(part):3} sessions: macro-F1 {best:.3f} (validation, best threshold)")
        return
    if arguments.probes:
        truth = gold(validation)
        print(f"| alone | macro-F1 | mean AP | {' | '.join(MISSION)} |\n|---|---|---|{'---|' * len(MISSION)}")
        for name in ("role", "place", "length", "first words"):
            (p,) = regress(probe(name), train, [validation], 1.0)
            p = masked(p, validation)
            cuts = np.array([best_threshold(p[:, c], truth[:, c]) for c in range(len(MISSION))])
            print_row(name, p, p >= cuts, truth, validation)
        return
    print(f"| model | macro-F1 [95 %] | mean AP | {' | '.join(MISSION)} |\n|---|---|---|{'---|' * len(MISSION)}")
    share, said = gold(train).mean(axis=0), {}
    said["prevalence"] = table_row("prevalence", *(masked(np.tile(share, (len(gold(s)), 1)), s) for s in (validation, test)), validation, test)
    before = [np.vstack([np.vstack([np.zeros(4), part[:-1]]) for part in split_by_session(gold(s), s)]) for s in (validation, test)]
    said["previous label"] = table_row("previous label", *(masked(b, s) for b, s in zip(before, (validation, test), strict=True)), validation, test)
    rows = [("TF-IDF + logistic regression", Tfidf(), 1.0)]
    if arguments.base:
        frozen = Frozen(arguments.base)
        rows.append(("frozen encoder + logistic regression", frozen, 3.0))
        near = [(masked(frozen.nearness(s), s) + 1) / 2 for s in (validation, test)]
        said["nearest statement"] = table_row("nearest statement", *near, validation, test)
    for name, features, strength in rows:
        scores = regress(features, train, [validation, test], strength)
        said[name] = table_row(name, masked(scores[0], validation), masked(scores[1], test), validation, test)
    from alliance_nlp.tagger import Tagger

    tagged = [turn for session in map(Tagger.load(arguments.model).tag, test) for turn in session.turns]
    scores = np.array([[turn.probabilities[name] for name in MISSION] for turn in tagged])
    marks = [{marker.label for marker in turn.markers if marker.origin.kind is OriginKind.MODEL} for turn in tagged]
    own = np.array([[name in labels for name in MISSION] for labels in marks])
    print_row(arguments.model, scores, own, gold(test), test)
    print(f"\n| {arguments.model} minus | macro-F1, paired [95 %] |\n|---|---|")
    for name, other in said.items():
        print_difference(name, own, other, gold(test), test)


if __name__ == "__main__":
    main()
