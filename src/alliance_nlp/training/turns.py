"""The encoder over many turns with gradients: what training needs of ``tagger.reading``, in tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from alliance_nlp.tagger.encoding import EncodedSession
from alliance_nlp.tagger.model import AllianceModel
from alliance_nlp.tagger.reading import batches, pad


def read_turns(
    model: AllianceModel, session: EncodedSession, *, pad_id: int, batch_tokens: int, still: int = 0
) -> tuple[Tensor, list[Tensor]]:
    """Return turn vectors (turns, hidden), the mean over all own tokens of a turn, and each piece's own token states
    (tokens, hidden) without padding.

    The first ``still`` turns are read without gradient: as context of others they teach the encoder little, and cost two thirds less.
    """
    device = model.roles.weight.device
    states: list[Tensor] = [torch.empty(0)] * len(session.pieces)
    first = sum(piece.turn < still for piece in session.pieces)  # pieces are in the order of the turns
    for start, end in ((0, first), (first, len(session.pieces))):
        with torch.set_grad_enabled(torch.is_grad_enabled() and start >= first):
            for batch in batches(session.pieces[start:end], batch_tokens):
                places = [start + place for place in batch]
                input_ids, mask = pad([session.pieces[place].input_ids for place in places], pad_id)
                read = model.encode(torch.from_numpy(input_ids).to(device), torch.from_numpy(mask).to(device))
                for row, place in enumerate(places):
                    states[place] = read[row, session.pieces[place].own]
    turns = torch.tensor([piece.turn for piece in session.pieces], device=device)
    sums = torch.stack([state.sum(0) for state in states])  # (pieces, hidden)
    sizes = torch.tensor([len(state) for state in states], dtype=sums.dtype, device=device)
    empty = torch.zeros(len(session.roles), dtype=sums.dtype, device=device)
    totals = torch.zeros(len(session.roles), sums.shape[1], dtype=sums.dtype, device=device).index_add(0, turns, sums)
    return totals / empty.index_add(0, turns, sizes)[:, None], states
