"""Which talk is psychotherapy: the judgement of a whole session (``tagger.therapy``) fitted on the corpus.

In: a network without it, training sessions, of which some say ``"therapy": false``, and other known sessions.  Out: a
:class:`TherapyCheck`, None where the corpus holds too little other talk.  Passages of several lengths are judged, with and
without roles, so that neither a session's length nor its roles decide.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from alliance_nlp.evaluation.likeness import is_withheld
from alliance_nlp.tagger.inference import Tagger
from alliance_nlp.tagger.network import Floats
from alliance_nlp.tagger.reading import contextualise, encode_for, read_pieces, turn_vectors
from alliance_nlp.tagger.therapy import LEAST_TURNS, TherapyCheck
from alliance_nlp.training.examples import hide_roles
from alliance_nlp.transcript import Transcript

FEWEST = 10  # sessions of other talk, or of therapy: with fewer nothing is fitted
PASSAGES = (40, 80, None)  # turns; None: the whole session
STRENGTH = 0.1  # inverse of the ridge penalty, chosen on validation (benchmarks/therapy.py)
MARGIN = 0.5  # below the least likely therapy of validation
HIGHEST_LIMIT = -1.0
DECIMALS = 6


def is_therapy(session: Transcript) -> bool:
    """True unless the session says that it is none."""
    return session.metadata.get("therapy") is not False


def fit_therapy_check(tagger: Tagger, train: Sequence[Transcript], known: Sequence[Transcript]) -> TherapyCheck | None:
    """Return the judgement that fits this tagger's network.

    Its limit is set so that no therapy of ``known`` (validation, and what people reviewed), nor any passage of ``LEAST_TURNS`` of
    one, is left unmarked.
    """
    sessions = drawn(train)
    if not sessions:
        return None
    rows, answers, weights = [], [], []
    for session in sessions:
        for context in contexts(tagger, session):
            for length in PASSAGES:
                means = [passage.mean(axis=0, dtype=np.float64) for passage in passages(context, length)]
                rows += means
                answers += [is_therapy(session)] * len(means)
                weights += [1 / len(means)] * len(means)
    check = linear(np.stack(rows), np.array(answers), np.array(weights))
    lowest = [
        check.log_odds(passage)
        for session in known
        if is_therapy(session)
        for context in contexts(tagger, session)
        if len(context) >= LEAST_TURNS
        for passage in (context, *passages(context, LEAST_TURNS))
    ]
    limit = min(HIGHEST_LIMIT, min(lowest, default=HIGHEST_LIMIT) - MARGIN)
    return TherapyCheck(check.weights, check.bias, round(limit, 3))


def drawn(train: Sequence[Transcript]) -> list[Transcript]:
    """Return the training sessions that are compared: all other talk and as many therapies; none when there are too few."""
    other = [session for session in train if not is_therapy(session)]
    therapies = [session for session in train if is_therapy(session)]
    if min(len(other), len(therapies)) < FEWEST:
        return []
    return other + random.Random(0).sample(therapies, min(len(therapies), len(other)))


def contexts(tagger: Tagger, session: Transcript) -> list[Floats]:
    """Return the contexts of a session's turns, as it is and with its roles hidden: (turns, hidden) each."""
    network, tokens = tagger.network, tagger.tokens
    read = encode_for(network.architecture, tokens, session)
    if not read.pieces:
        return []
    vectors = turn_vectors(read, read_pieces(network, read.pieces, pad_id=tokens.pad_id))
    blind = encode_for(network.architecture, tokens, hide_roles(session))  # the same words
    return [contextualise(network, vectors, seen)[0] for seen in (read, blind)]


def passages(context: Floats, length: int | None) -> Iterator[Floats]:
    """Yield overlapping passages of ``length`` turns; a shorter session whole."""
    if length is None or len(context) <= length:
        if len(context):
            yield context
        return
    last = len(context) - length
    for start in (*range(0, last, length // 2), last):
        yield context[start : start + length]


def linear(rows: NDArray[np.float64], answers: NDArray[np.bool_], weights: NDArray[np.float64]) -> TherapyCheck:
    """Fit a logistic regression, both answers weighing the same, and return it in the units of ``rows``."""
    balanced = weights.copy()
    for kind in (True, False):
        balanced[answers == kind] /= weights[answers == kind].mean() * 2 * (answers == kind).mean()
    scaler, regression = StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=5000)
    regression.fit(scaler.fit_transform(rows), answers, sample_weight=balanced)
    slopes = regression.coef_[0] / scaler.scale_
    bias = float(regression.intercept_[0] - slopes @ scaler.mean_)
    return TherapyCheck(np.round(slopes, DECIMALS), round(bias, DECIMALS), HIGHEST_LIMIT)


def left_unmarked(sessions: Sequence[Transcript], read: Sequence[Transcript]) -> dict[str, list[int]]:
    """Return how many therapies and how many other talks a tagger left unmarked, each with how many there are."""
    counts = {"therapy": [0, 0], "other": [0, 0]}
    for session, tagged in zip(sessions, read, strict=True):
        row = counts["therapy" if is_therapy(session) else "other"]
        row[0] += is_withheld(tagged)
        row[1] += 1
    return counts
