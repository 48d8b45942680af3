"""Running the encoder over a session's pieces, and the scheme's mask: shared by training and use."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from alliance_nlp.labels import default_label_set
from alliance_nlp.tagger.encoding import ROLE_GROUPS, EncodedSession, Piece, encode_session
from alliance_nlp.tagger.model import AllianceModel
from alliance_nlp.transcript import Transcript

GROUP_ROLE = {"therapist": "therapist", "patient_side": "patient", "other": "other", "unknown": "unknown"}


def encode_for(model: AllianceModel, tokenizer: PreTrainedTokenizerBase, transcript: Transcript) -> EncodedSession:
    """Return the transcript as this model reads it."""
    settings = model.architecture
    return encode_session(
        transcript,
        tokenizer,
        prefix=settings.prefix,
        max_tokens=settings.max_tokens,
        previous_tokens=settings.previous_tokens,
    )


def read_turns(
    model: AllianceModel, session: EncodedSession, *, pad_id: int, batch_tokens: int
) -> tuple[Tensor, list[Tensor]]:
    """Return turn vectors (turns, hidden), the mean over all own tokens of a turn, and each piece's own token states
    (tokens, hidden) without padding.

    Pieces are read shortest first in batches of at most ``batch_tokens``, so that little padding is computed.
    """
    device = model.roles.weight.device
    states: list[Tensor] = [torch.empty(0)] * len(session.pieces)
    for batch in batches(session.pieces, batch_tokens):
        input_ids, mask = pad([session.pieces[place].input_ids for place in batch], pad_id)
        read = model.encode(input_ids.to(device), mask.to(device))  # (pieces, tokens, hidden)
        for row, place in enumerate(batch):
            states[place] = read[row, session.pieces[place].own]
    turns = torch.tensor([piece.turn for piece in session.pieces], device=device)
    sums = torch.stack([state.sum(0) for state in states])  # (pieces, hidden)
    sizes = torch.tensor([len(state) for state in states], dtype=sums.dtype, device=device)
    empty = torch.zeros(len(session.roles), dtype=sums.dtype, device=device)
    totals = torch.zeros(len(session.roles), sums.shape[1], dtype=sums.dtype, device=device).index_add(0, turns, sums)
    return totals / empty.index_add(0, turns, sizes)[:, None], states


def batches(pieces: tuple[Piece, ...], batch_tokens: int) -> list[list[int]]:
    """Return indices of pieces in batches of at most ``batch_tokens`` padded tokens, shortest pieces first."""
    result: list[list[int]] = []
    for place in sorted(range(len(pieces)), key=lambda place: len(pieces[place].input_ids)):
        width = len(pieces[place].input_ids)
        if not result or width * (len(result[-1]) + 1) > batch_tokens:
            result.append([])
        result[-1].append(place)
    return result


def pad(rows: list[tuple[int, ...]], pad_id: int) -> tuple[Tensor, Tensor]:
    """Return input ids and attention mask, both (rows, longest row)."""
    width = max(len(row) for row in rows)
    input_ids = torch.full((len(rows), width), pad_id, dtype=torch.long)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for place, row in enumerate(rows):
        input_ids[place, : len(row)] = torch.tensor(row, dtype=torch.long)
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
