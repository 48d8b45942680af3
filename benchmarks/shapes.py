"""Three shapes of a tagger on equal data and equal compute: validation mean average precision of the mission labels.

    python benchmarks/shapes.py --share 8 --tokens 1000000 [--shapes turns windows calls] [--seed 0]

turns     each turn is encoded once (after the end of the one before), session layers read the turns' vectors: what is shipped
windows   the encoder reads as many turns as fit in 512 tokens, each opened by who speaks; a turn's scores come from the mean of
          its own tokens; windows overlap, so that a turn is scored where it has context on both sides (Cohan et al., 2019)
calls     one call a turn with the three turns before and the one after in the input, the usual recipe

All three: the same base, optimiser, learning rates, schedule, class weights, augmentation and about 2,000 tokens an update; each
stops after ``--tokens`` encoder tokens, padding included.  No evidence head, no minimal pairs.  ``windows`` sees more turns
ahead than the scheme allows (up to a window's end): an advantage that it keeps here.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from alliance_nlp.corpus.folder import load_sessions
from alliance_nlp.evaluation.metrics import average_precision
from alliance_nlp.labels import default_label_set
from alliance_nlp.tagger.encoding import ROLE_GROUPS, role_group
from alliance_nlp.tagger.reading import allowed_outputs, encode_for, pad, score_session
from alliance_nlp.tagger.tokens import Tokens
from alliance_nlp.tagger.torch_network import TorchNetwork
from alliance_nlp.training.config import TrainingConfig
from alliance_nlp.training.epochs import epoch_updates
from alliance_nlp.training.examples import augment, chunk_transcript, turn_targets
from alliance_nlp.training.fit import make_optimizer, new_model, positive_weights, seed_everything, update_loss, warm_cosine
from alliance_nlp.transcript import Transcript

UPDATE_TOKENS = 2000
WINDOW = 512
OPENINGS = dict(zip(ROLE_GROUPS, ("T : ", "P : ", "A : ", "X : "), strict=True))
BEFORE, AFTER = 3, 1  # turns of context of one call
EDGE = 3  # turns at a window's border that are read there and scored in the next one


class Turns:
    """The shipped shape."""

    def __init__(self, config: TrainingConfig) -> None:
        self.config = replace(config, previous_tokens=32, evidence_weight=0.0)
        self.model, tokenizer = new_model(self.config)
        self.tokens = Tokens.of(tokenizer)

    def updates(self, sessions: Sequence[Transcript], rng: random.Random) -> list:
        return epoch_updates(list(sessions), (), self.config, rng)

    def loss(self, update, weights: Tensor) -> tuple[Tensor, int]:
        read = [encode_for(self.model.architecture, self.tokens, chunk_transcript(chunk)) for chunk in update]
        count = sum(len(piece.input_ids) for session in read for piece in session.pieces)
        return update_loss(self.model, self.tokens, update, self.config, weights), count

    def score(self, session: Transcript) -> np.ndarray:
        return score_session(TorchNetwork(self.model), self.tokens, session).logits


@dataclass(frozen=True, slots=True)
class Text:
    """One input of the encoder: its tokens, and where the own tokens of each scored turn stand."""

    ids: tuple[int, ...]
    turns: tuple[tuple[int, slice], ...]
    targets: Tensor  # (scored turns, outputs)
    roles: tuple[int, ...]


class Flat(nn.Module):
    """Encoder and a head of one hidden layer on the mean of a turn's own tokens; how turns become inputs is left to ``texts``."""

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__()
        base, tokenizer = new_model(config)
        self.config, self.tokens = config, Tokens.of(tokenizer)
        self.encoder, self.outputs = base.encoder, base.architecture.outputs
        hidden = base.config.hidden_size  # the encoder's means differ little from each other: a bare linear head learns too slowly
        self.head = nn.Sequential(nn.Linear(hidden, hidden), nn.GELU(), nn.LayerNorm(hidden), nn.Linear(hidden, len(self.outputs)))
        self.dropout = nn.Dropout(config.dropout)

    @property
    def model(self) -> Flat:
        """What the loop trains."""
        return self

    def rows(self, session: Transcript) -> tuple[list[list[int]], list[int], list[int]]:
        """Return per turn the tokens with their opening, how many of these are the opening, and the role group."""
        groups = [role_group(session.role_of(turn)) for turn in session.turns]
        openings = self.tokens([OPENINGS[ROLE_GROUPS[group]] for group in groups])
        own = self.tokens([turn.text for turn in session.turns])
        limit = WINDOW // 2
        return [o.ids + t.ids[:limit] for o, t in zip(openings, own, strict=True)], [len(o.ids) for o in openings], groups

    def updates(self, sessions: Sequence[Transcript], rng: random.Random) -> list[list[Text]]:
        seen = [augment(s, rng, hidden=self.config.hide_roles, noise=self.config.asr_noise) for s in sessions]
        texts = [text for session in seen for text in self.texts(session, rng.randint(0, 5))]
        rng.shuffle(texts)
        updates, size = [[]], 0
        for text in texts:
            if updates[-1] and size + len(text.ids) > UPDATE_TOKENS:
                updates.append([])
                size = 0
            updates[-1].append(text)
            size += len(text.ids)
        return updates

    def logits(self, texts: Sequence[Text]) -> list[Tensor]:
        ids, mask = pad([text.ids for text in texts], self.tokens.pad_id)
        states = self.encoder(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask)).last_hidden_state
        vectors = [torch.stack([states[row, place].mean(0) for _, place in text.turns]) for row, text in enumerate(texts)]
        return [self.head(self.dropout(vector)) for vector in vectors]

    def loss(self, update: Sequence[Text], weights: Tensor) -> tuple[Tensor, int]:
        logits = torch.cat(self.logits(update))
        targets = torch.cat([text.targets for text in update])
        allowed = torch.from_numpy(allowed_outputs(self.outputs)[[role for text in update for role in text.roles]])
        entropy = F.binary_cross_entropy_with_logits(logits, targets, pos_weight=weights, reduction="none")
        return entropy[allowed].mean(), len(update) * max(len(text.ids) for text in update)

    @torch.no_grad()
    def score(self, session: Transcript) -> np.ndarray:
        scores = np.full((len(session.turns), len(self.outputs)), -np.inf)
        texts = sorted(self.texts(session, 0), key=lambda text: len(text.ids))
        step = max(1, UPDATE_TOKENS // max(len(text.ids) for text in texts))
        for start in range(0, len(texts), step):
            batch = texts[start : start + step]
            for text, logits in zip(batch, self.logits(batch), strict=True):
                scores[[turn for turn, _ in text.turns]] = logits.numpy()
        _, _, groups = self.rows(session)
        return np.where(allowed_outputs(self.outputs)[groups], scores, -np.inf)

    def text(self, session: Transcript, rows, opened, groups, read: range, scored: Sequence[int]) -> Text:
        """Return turns ``read`` as one input in which ``scored`` are scored."""
        ids, places = [self.tokens.cls_id], {}
        for turn in read:
            places[turn] = slice(len(ids) + opened[turn], max(len(ids) + len(rows[turn]), len(ids) + opened[turn] + 1))
            ids += [*rows[turn], self.tokens.sep_id]
        targets = turn_targets(session, self.outputs)[list(scored)]
        return Text(tuple(ids[:WINDOW]), tuple((t, places[t]) for t in scored), targets, tuple(groups[t] for t in scored))


class Windows(Flat):
    """As many turns as fit, scored all at once."""

    def texts(self, session: Transcript, offset: int) -> list[Text]:
        rows, opened, groups = self.rows(session)
        found, first, total = [], 0, len(rows)  # ``first``: the first turn not yet scored
        while first < total:
            start = max(0, first - EDGE - (offset if first else 0))
            end, size = start, 1
            while end < total and size + len(rows[end]) + 1 <= WINDOW:
                size += len(rows[end]) + 1
                end += 1
            last = end if end == total else max(first + 1, end - EDGE)
            if last > end:  # long turns before it: this one is read from where it fits
                start, end = first, first + 1
            found.append(self.text(session, rows, opened, groups, range(start, end), range(first, last)))
            first = last
        return found


class Calls(Flat):
    """One call a turn."""

    def texts(self, session: Transcript, offset: int) -> list[Text]:
        rows, opened, groups = self.rows(session)
        found = []
        for turn in range(len(rows)):
            start, end = max(0, turn - BEFORE), min(len(rows), turn + 1 + AFTER)
            while sum(len(rows[t]) + 1 for t in range(start, end)) >= WINDOW and (start < turn or end > turn + 1):
                start, end = (start + 1, end) if start < turn else (start, end - 1)
            found.append(self.text(session, rows, opened, groups, range(start, end), [turn]))
        return found


SHAPES = {"turns": Turns, "windows": Windows, "calls": Calls}


def train(shape, sessions: Sequence[Transcript], *, budget: int, config: TrainingConfig) -> tuple[int, int]:
    """Fine-tune until ``budget`` encoder tokens are read; return the updates made and the turns' passes over the data."""
    rng = random.Random(config.seed)
    optimizer = make_optimizer(shape.model, config)
    rates = [group["lr"] for group in optimizer.param_groups]
    weights = positive_weights(list(sessions), default_label_set().outputs, config.positive_weight_power)
    spent = updates = epochs = 0
    shape.model.train()
    while spent < budget:
        epochs += 1
        for update in shape.updates(sessions, rng):
            share = warm_cosine(round(10_000 * spent / budget), 10_000, config.warmup)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * share
            loss, tokens = shape.loss(update, weights)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(shape.model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            spent, updates = spent + tokens, updates + 1
            if spent >= budget:
                break
    shape.model.eval()
    return updates, epochs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--base", default="models/base/e5-fr-18k")
    parser.add_argument("--share", type=int, default=8)
    parser.add_argument("--validation-share", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shapes", nargs="*", default=list(SHAPES), choices=list(SHAPES))
    arguments = parser.parse_args()
    sessions = load_sessions("train")[:: arguments.share]
    validation = load_sessions("validation")[:: arguments.validation_share]
    outputs, mission = default_label_set().outputs, default_label_set().mission
    gold = np.concatenate([turn_targets(session, outputs).numpy() for session in validation]) > 0
    print(f"{len(sessions)} sessions, {sum(len(s.turns) for s in sessions)} turns; {arguments.tokens} encoder tokens; seed {arguments.seed}; "
          f"{len(validation)} sessions to validate on\n| shape | updates | passes begun | minutes | mean AP | {' | '.join(mission)} |\n|---|---|---|---|---|{'---|' * len(mission)}", flush=True)  # fmt: skip
    for name in arguments.shapes:
        seed_everything(arguments.seed)
        config = TrainingConfig(name="shape", version="0", base=arguments.base, output="", seed=arguments.seed)
        shape, began = SHAPES[name](config), time.monotonic()
        updates, epochs = train(shape, sessions, budget=arguments.tokens, config=config)
        minutes = (time.monotonic() - began) / 60
        logits = np.concatenate([shape.score(session) for session in validation])
        found = {n: average_precision(logits[:, outputs.index(n)], gold[:, outputs.index(n)]) for n in mission}
        by_label = " | ".join(f"{value:.3f}" for value in found.values())
        print(f"| {name} | {updates} | {epochs} | {minutes:.1f} | {np.mean(list(found.values())):.3f} | {by_label} |", flush=True)


if __name__ == "__main__":
    main()
