"""A session read by a network: encoder over its pieces, session layers over its turns, evidence over its words; the scheme's mask.

In: a transcript.  Out: :class:`SessionScores`.  Numpy only; memory grows with the turns, and no token is read twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.labels import default_label_set
from alliance_nlp.tagger.architecture import Architecture
from alliance_nlp.tagger.calibration import sigmoid
from alliance_nlp.tagger.encoding import ROLE_GROUPS, EncodedSession, Piece, encode_session
from alliance_nlp.tagger.network import Floats, Ints, Network
from alliance_nlp.tagger.tokens import Tokens
from alliance_nlp.transcript import Transcript

GROUP_ROLE = {"therapist": "therapist", "patient_side": "patient", "other": "other", "unknown": "unknown"}
WINDOW_TURNS = 256  # scored at once by the session layers, whose memory grows with the square of it
EVIDENCE_TOKENS = 8192  # scored at once by the evidence head


@dataclass(frozen=True, slots=True)
class SessionScores:
    """What the network says of a session.  ``logits`` is (turns, outputs), minus infinity where a role forbids a
    label; ``evidence`` holds per piece a (tokens, labels) array of probabilities; ``context`` is (turns, hidden)."""

    logits: NDArray[np.float64]
    evidence: tuple[NDArray[np.float64], ...]
    pieces: tuple[Piece, ...]
    context: Floats


def score_session(network: Network, tokens: Tokens, transcript: Transcript) -> SessionScores:
    """Run a network over a whole session, however long."""
    architecture = network.architecture
    session = encode_for(architecture, tokens, transcript)
    if not session.pieces:
        return SessionScores(np.zeros((0, len(architecture.outputs))), (), (), np.zeros((0, 0), dtype=np.float32))
    states = read_pieces(network, session.pieces, pad_id=tokens.pad_id)
    context, logits = contextualise(network, turn_vectors(session, states), session)
    evidence = score_evidence(network, session.pieces, states, context)
    logits = mask_by_role(logits.astype(np.float64), session.roles, architecture.outputs)
    return SessionScores(logits, evidence, session.pieces, context)


def encode_for(architecture: Architecture, tokens: Tokens, transcript: Transcript) -> EncodedSession:
    """Return the transcript as a model of this architecture reads it."""
    return encode_session(
        transcript,
        tokens,
        prefix=architecture.prefix,
        max_tokens=architecture.max_tokens,
        previous_tokens=architecture.previous_tokens,
    )


def read_pieces(network: Network, pieces: Sequence[Piece], *, pad_id: int) -> Floats:
    """Return the states of all own tokens, piece after piece: (tokens, hidden).

    Pieces are read shortest first in batches of at most ``network.batch_tokens``, so that little padding is computed.
    """
    ends = np.cumsum([len(piece.offsets) for piece in pieces])
    states: Floats | None = None
    for batch in batches(pieces, network.batch_tokens):
        read = network.encode(*pad([pieces[place].input_ids for place in batch], pad_id))  # (pieces, tokens, hidden)
        if states is None:
            states = np.empty((int(ends[-1]), read.shape[2]), dtype=np.float32)
        for row, place in enumerate(batch):
            own = pieces[place].own
            states[ends[place] - len(pieces[place].offsets) : ends[place]] = read[row, own]
    return states if states is not None else np.zeros((0, 0), dtype=np.float32)


def turn_vectors(session: EncodedSession, states: Floats) -> Floats:
    """Return the mean of each turn's own tokens: (turns, hidden)."""
    sizes = np.zeros(len(session.roles), dtype=np.int64)
    for piece in session.pieces:
        sizes[piece.turn] += len(piece.offsets)
    starts = np.cumsum(sizes) - sizes  # pieces come in the order of turns, and every turn has at least one token
    return np.add.reduceat(states, starts, axis=0) / sizes[:, None].astype(np.float32)


def contextualise(
    network: Network, vectors: Floats, session: EncodedSession, *, window: int = WINDOW_TURNS
) -> tuple[Floats, Floats]:
    """Return each turn's context (turns, hidden) and logits (turns, outputs).

    Read in windows with the layers' whole reach around them, so that memory is linear in the turns and no border shows.
    """
    roles, speakers = np.array(session.roles, dtype=np.int64), np.array(session.speakers, dtype=np.int64)
    past, ahead = network.architecture.reach
    contexts, logits = [], []
    for start in range(0, len(vectors), window):
        low = max(0, start - past)
        part = slice(low, start + window + ahead)
        both = network.contextualise(vectors[part], roles[part], speakers[part])
        for kept, values in zip((contexts, logits), both, strict=True):
            kept.append(values[start - low : start - low + window])
    return np.concatenate(contexts), np.concatenate(logits)


def score_evidence(
    network: Network, pieces: Sequence[Piece], states: Floats, context: Floats
) -> tuple[NDArray[np.float64], ...]:
    """Return per piece the probability of each own token to be evidence: (tokens, labels)."""
    sizes = [len(piece.offsets) for piece in pieces]
    turns = np.repeat([piece.turn for piece in pieces], sizes)
    parts = [
        network.evidence_logits(states[start : start + EVIDENCE_TOKENS], context[turns[start : start + EVIDENCE_TOKENS]])
        for start in range(0, len(states), EVIDENCE_TOKENS)
    ]
    probabilities = sigmoid(np.concatenate(parts).astype(np.float64))
    return tuple(np.split(probabilities, np.cumsum(sizes)[:-1]))


def batches(pieces: Sequence[Piece], batch_tokens: int) -> Iterator[list[int]]:
    """Yield indices of pieces in batches of at most ``batch_tokens`` padded tokens, shortest pieces first."""
    batch: list[int] = []
    for place in sorted(range(len(pieces)), key=lambda place: len(pieces[place].input_ids)):
        if batch and len(pieces[place].input_ids) * (len(batch) + 1) > batch_tokens:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def pad(rows: Sequence[Sequence[int]], pad_id: int) -> tuple[Ints, Ints]:
    """Return input ids and attention mask, both (rows, longest row)."""
    width = max(len(row) for row in rows)
    input_ids = np.full((len(rows), width), pad_id, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for place, row in enumerate(rows):
        input_ids[place, : len(row)] = row
        mask[place, : len(row)] = 1
    return input_ids, mask


@lru_cache(maxsize=4)
def allowed_outputs(names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return (role groups, outputs): which outputs the scheme lets each role group carry."""
    label_set = default_label_set()
    owners = [name if name in label_set.ids else label_set.owner(name).id for name in names]
    rows = [[GROUP_ROLE[group] in label_set[owner].roles for owner in owners] for group in ROLE_GROUPS]
    return np.array(rows, dtype=bool)


def mask_by_role(logits: NDArray[np.float64], roles: tuple[int, ...], names: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the logits with minus infinity where the scheme forbids a label to a role (a therapist's rupture)."""
    return np.where(allowed_outputs(names)[list(roles)], logits, -np.inf)
