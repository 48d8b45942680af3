"""The training loop: sessions → a fine-tuned network, the epoch with the best validation score kept.

In: a configuration and the corpus' train and validation sessions.  Out: the network and its history.  Calibration,
measuring and writing the model directory come after (``release``).
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.metrics import average_precision
from alliance_nlp.labels import default_label_set
from alliance_nlp.tagger.encoding import EncodedSession, encode_session
from alliance_nlp.tagger.model import AllianceModel, Architecture
from alliance_nlp.tagger.reading import allowed_outputs, mask_by_role, read_turns
from alliance_nlp.training.config import TrainingConfig
from alliance_nlp.training.examples import (
    Chunk,
    augment,
    chunk_transcript,
    cut_chunks,
    token_targets,
    turn_targets,
)
from alliance_nlp.transcript import Transcript

BATCH_TOKENS = 1024  # padded tokens encoded at once while training
MAX_WEIGHT = 8.0  # of a positive turn: beyond it rare labels drown the others


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch's figures: mean training loss, validation mean average precision of the mission labels."""

    number: int
    loss: float
    validation_map: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained network, its tokenizer, and how it went."""

    model: AllianceModel
    tokenizer: PreTrainedTokenizerBase
    history: tuple[Epoch, ...]
    device: str


def fit(
    config: TrainingConfig,
    train: list[Transcript],
    validation: list[Transcript],
    *,
    report: Callable[[Epoch], None] = lambda epoch: None,
) -> Fitted:
    """Fine-tune the base encoder with its session layers and heads; the best epoch's weights are returned."""
    seed_everything(config.seed)
    device = ("cuda" if torch.cuda.is_available() else "cpu") if config.device == "auto" else config.device
    model, tokenizer = new_model(config)
    model.to(device)
    optimizer = make_optimizer(model, config)
    rng = random.Random(config.seed)
    weights = positive_weights(train, model.architecture.outputs, config.positive_weight_power).to(device)
    updates = config.epochs * sum(len(t.turns) // config.chunk_turns + 1 for t in train)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: warm_cosine(step, updates, config.warmup))
    best, history = {}, []
    for number in range(1, config.epochs + 1):
        began = time.monotonic()
        losses = []
        model.train()
        for chunk in epoch_chunks(train, config, rng):
            loss = chunk_loss(model, tokenizer, chunk, config, weights, rng)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            losses.append(float(loss.detach()))
        score = mission_map(model, tokenizer, validation)
        history.append(Epoch(number, float(np.mean(losses)), score, time.monotonic() - began))
        report(history[-1])
        if score >= max(epoch.validation_map for epoch in history):
            best = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
    model.load_state_dict(best)
    return Fitted(model.eval(), tokenizer, tuple(history), device)


def new_model(config: TrainingConfig) -> tuple[AllianceModel, PreTrainedTokenizerBase]:
    """Return the base encoder under untrained session layers and heads, and its tokenizer."""
    local = Path(config.base).exists() or config.base.startswith((".", "/", "models/"))
    if local and not (Path(config.base) / "config.json").is_file():
        raise ConfigError("training.no_base", base=config.base)
    with quiet_transformers():
        encoder = AutoModel.from_pretrained(config.base, local_files_only=local, dtype=torch.float32)
    for module in encoder.modules():  # dropout inside the encoder costs a third of the time on CPU for no gain seen
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    tokenizer = AutoTokenizer.from_pretrained(config.base, local_files_only=local)
    label_set = default_label_set()
    heads = next(n for n in (6, 4, 2, 1) if encoder.config.hidden_size % n == 0)
    architecture = Architecture(
        outputs=label_set.outputs,
        evidence=label_set.ids,
        heads=heads,
        dropout=config.dropout,
        prefix=config.prefix,
        max_tokens=config.max_tokens,
    )
    return AllianceModel(encoder.config, architecture, encoder), tokenizer


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Silence the library's bars and its report of unused weights: a base encoder always has some."""
    verbosity = transformers_logging.get_verbosity()
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if bars:
            transformers_logging.enable_progress_bar()


def make_optimizer(model: AllianceModel, config: TrainingConfig) -> torch.optim.Optimizer:
    """Return AdamW with a small step for the encoder and a large one for what starts from nothing."""
    inside = {id(parameter) for parameter in model.encoder.parameters()}
    encoder = [p for p in model.parameters() if id(p) in inside]
    heads = [p for p in model.parameters() if id(p) not in inside]
    groups = [{"params": encoder, "lr": config.learning_rate}, {"params": heads, "lr": config.head_learning_rate}]
    return torch.optim.AdamW(groups, weight_decay=config.weight_decay)


def warm_cosine(step: int, updates: int, warmup: float) -> float:
    """Return the share of the full learning rate at ``step``: linear warm-up, then a cosine to a twentieth."""
    rise = max(1, int(updates * warmup))
    if step < rise:
        return (step + 1) / rise
    share = min(1.0, (step - rise) / max(1, updates - rise))
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * share))


def positive_weights(sessions: list[Transcript], outputs: tuple[str, ...], power: float) -> Tensor:
    """Return one weight per output for positive turns: (negatives / positives) ** power, at most ``MAX_WEIGHT``."""
    targets = torch.cat([turn_targets(session, outputs) for session in sessions])
    positives = targets.sum(0).clamp(min=1)
    return (((len(targets) - positives) / positives) ** power).clamp(1.0, MAX_WEIGHT)


def epoch_chunks(sessions: list[Transcript], config: TrainingConfig, rng: random.Random) -> list[Chunk]:
    """Return all sessions cut into chunks, borders moved and order shuffled anew."""
    chunks = []
    for session in sessions:
        seen = augment(session, rng, hidden=config.hide_roles, noise=config.asr_noise)
        chunks += cut_chunks(
            seen,
            chunk_turns=config.chunk_turns,
            context_turns=config.context_turns,
            offset=rng.randint(1, config.chunk_turns),
        )
    rng.shuffle(chunks)
    return chunks


def chunk_loss(
    model: AllianceModel,
    tokenizer: PreTrainedTokenizerBase,
    chunk: Chunk,
    config: TrainingConfig,
    weights: Tensor,
    rng: random.Random,
) -> Tensor:
    """Return the loss of one chunk: weighted cross-entropy of the turns, plus that of the evidence tokens."""
    transcript = chunk_transcript(chunk)
    session = encode_session(transcript, tokenizer, prefix=config.prefix, max_tokens=config.max_tokens)
    device = weights.device
    vectors, states = read_turns(model, session, pad_id=tokenizer.pad_token_id, batch_tokens=BATCH_TOKENS)
    context = model.contextualise(
        vectors, torch.tensor(session.roles, device=device), torch.tensor(session.speakers, device=device)
    )
    outputs = model.architecture.outputs
    skipped = chunk.scored - chunk.start
    targets = turn_targets(transcript, outputs).to(device)[skipped:]
    allowed = torch.from_numpy(allowed_outputs(outputs)[list(session.roles)]).to(device)[skipped:]
    losses = F.binary_cross_entropy_with_logits(
        model.turn_logits(context)[skipped:], targets, pos_weight=weights, reduction="none"
    )
    loss = losses[allowed].mean()
    return loss + config.evidence_weight * evidence_loss(model, transcript, session, states, context, skipped)


def evidence_loss(
    model: AllianceModel,
    transcript: Transcript,
    session: EncodedSession,
    states: list[Tensor],
    context: Tensor,
    skipped: int,
) -> Tensor:
    """Return the cross-entropy of evidence tokens over the marked turns from ``skipped`` on (0 when none is)."""
    labels = model.architecture.evidence
    logits, targets = [], []
    for place, piece in enumerate(session.pieces):
        if piece.turn >= skipped and transcript.turns[piece.turn].markers:
            logits.append(model.evidence_logits(states[place][None], context[piece.turn][None])[0])
            targets.append(token_targets(transcript, session, place, labels))
    if not logits:
        return context.new_zeros(())
    target = torch.cat(targets).to(context.device)
    learnt = target >= 0
    if not learnt.any():
        return context.new_zeros(())
    return F.binary_cross_entropy_with_logits(torch.cat(logits)[learnt], target[learnt])


@torch.inference_mode()
def session_logits(
    model: AllianceModel, tokenizer: PreTrainedTokenizerBase, transcript: Transcript
) -> NDArray[np.float64]:
    """Return (turns, outputs) logits of a whole session, masked by role."""
    settings = model.architecture
    session = encode_session(transcript, tokenizer, prefix=settings.prefix, max_tokens=settings.max_tokens)
    vectors, _ = read_turns(model, session, pad_id=tokenizer.pad_token_id, batch_tokens=BATCH_TOKENS)
    device = vectors.device
    context = model.contextualise(
        vectors, torch.tensor(session.roles, device=device), torch.tensor(session.speakers, device=device)
    )
    return mask_by_role(model.turn_logits(context).double().cpu().numpy(), session.roles, settings.outputs)


def mission_map(model: AllianceModel, tokenizer: PreTrainedTokenizerBase, sessions: list[Transcript]) -> float:
    """Return the mean average precision of the mission labels over all turns of the sessions."""
    model.eval()
    outputs = model.architecture.outputs
    logits = np.concatenate([session_logits(model, tokenizer, session) for session in sessions])
    gold = np.concatenate([turn_targets(session, outputs).numpy() for session in sessions]) > 0
    names = default_label_set().mission
    return float(np.mean([average_precision(logits[:, outputs.index(n)], gold[:, outputs.index(n)]) for n in names]))


def seed_everything(seed: int) -> None:
    """Make a run on one device repeatable."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def history_table(history: tuple[Epoch, ...]) -> list[dict]:
    """Return the history as JSON-ready rows."""
    return [asdict(epoch) for epoch in history]
