"""The training loop: sessions → a fine-tuned network, the epoch with the best validation score kept.

In: a configuration and the corpus' train and validation sessions.  Out: the network and its history.  Calibration,
measuring and writing the model directory come after (``release``).
"""

from __future__ import annotations

import hashlib
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from alliance_nlp.corpus.pairs import Pair
from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.metrics import average_precision
from alliance_nlp.labels import default_label_set
from alliance_nlp.model_folder import find_model
from alliance_nlp.tagger.architecture import Architecture
from alliance_nlp.tagger.encoding import EncodedSession
from alliance_nlp.tagger.model import AllianceModel
from alliance_nlp.tagger.reading import allowed_outputs, encode_for, score_session
from alliance_nlp.tagger.tokens import Tokens
from alliance_nlp.tagger.torch_network import TorchNetwork
from alliance_nlp.training.checkpoint import Progress, load_state, random_from, random_state, save_state, state_folder
from alliance_nlp.training.config import TrainingConfig
from alliance_nlp.training.epochs import chunks_of_epoch, epoch_updates, pairs_of_epoch, sessions_of_epoch
from alliance_nlp.training.examples import Chunk, chunk_transcript, known_targets, token_targets, turn_targets
from alliance_nlp.training.reviewed import is_unread
from alliance_nlp.training.turns import read_turns
from alliance_nlp.transcript import Transcript

BATCH_TOKENS = 1024  # padded tokens encoded at once while training
SAVE_EVERY_S = 180.0  # what a kill may cost
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
    pairs: Sequence[Pair] = (),
    report: Callable[[Epoch], None] = lambda epoch: None,
) -> Fitted:
    """Fine-tune the base encoder with its session layers and heads, or a trained model; the best epoch's weights are returned.

    The state is kept beside ``config.output`` (``checkpoint``): the same call after a kill goes on and ends with the same weights.
    """
    seed_everything(config.seed)
    device = ("cuda" if torch.cuda.is_available() else "cpu") if config.device == "auto" else config.device
    model, tokenizer = first_model(config)
    model.to(device)
    tokens = Tokens.of(tokenizer)
    optimizer = make_optimizer(model, config)
    blank_id = tokenizer.unk_token_id if tokenizer.mask_token_id is None else tokenizer.mask_token_id
    weights = positive_weights(train, model.architecture.outputs, config.positive_weight_power).to(device)
    updates = config.epochs * (chunks_of_epoch(train, config) + -(-pairs_of_epoch(pairs, config) // config.pairs_at_once))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: warm_cosine(step, updates, config.warmup))
    folder, key = state_folder(config.output), run_key(config, train, pairs)
    progress = load_state(folder, key, model, optimizer, schedule)
    if progress is None:
        progress = Progress(1, 0, [], [], random_state(random.Random(config.seed)), {}, 0.0)
    while progress.number <= config.epochs:
        began = time.monotonic() - progress.seconds
        rng = random_from(progress.epoch_random)
        todo = epoch_updates(sessions_of_epoch(train, config, rng), pairs, config, rng)
        model.train()
        saved = time.monotonic()
        for chunks in todo[progress.done :]:
            loss = update_loss(model, tokens, chunks, config, weights, blank_id=blank_id)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            progress.losses.append(float(loss.detach()))
            progress.done += 1
            if time.monotonic() - saved > SAVE_EVERY_S:
                progress.seconds = time.monotonic() - began
                save_state(folder, key, progress, model, optimizer, schedule)
                saved = time.monotonic()
        score = mission_map(model, tokens, validation)
        epoch = Epoch(progress.number, float(np.mean(progress.losses)), score, time.monotonic() - began)
        progress.history.append(asdict(epoch))
        report(epoch)
        if score >= max(row["validation_map"] for row in progress.history):
            progress.best = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
        progress.number, progress.done, progress.losses, progress.seconds = progress.number + 1, 0, [], 0.0
        progress.epoch_random = random_state(rng)
        save_state(folder, key, progress, model, optimizer, schedule)
    model.load_state_dict(progress.best)
    return Fitted(model.eval(), tokenizer, tuple(Epoch(**row) for row in progress.history), device)


def run_key(config: TrainingConfig, train: list[Transcript], pairs: Sequence[Pair]) -> str:
    """Return a hash of all that decides a run: its configuration and what it learns from."""
    digest = hashlib.sha256(config.identity.encode())
    for transcript in (*train, *(member for pair in pairs for member in pair.members)):
        digest.update(repr([(turn.speaker, turn.text, turn.markers) for turn in transcript.turns]).encode())
        unread = [turn.index for turn in transcript.turns if is_unread(turn)]
        digest.update(repr(unread).encode() if unread else b"")
    return digest.hexdigest()


def first_model(config: TrainingConfig) -> tuple[AllianceModel, PreTrainedTokenizerBase]:
    """Return what a run begins with, and its tokenizer: the trained model of ``config.start``, else a new one."""
    if not config.start:
        return new_model(config)
    folder = find_model(config.start)
    with quiet_transformers():
        model = AllianceModel.from_pretrained(folder)
    still_encoder(model.encoder)
    return model, AutoTokenizer.from_pretrained(folder, local_files_only=True)


def still_encoder(encoder: torch.nn.Module) -> None:
    """Switch dropout off inside the encoder: it costs a third of the time on a CPU for no gain seen."""
    for module in encoder.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0


def new_model(config: TrainingConfig) -> tuple[AllianceModel, PreTrainedTokenizerBase]:
    """Return the base encoder under untrained session layers and heads, and its tokenizer."""
    local = Path(config.base).exists() or config.base.startswith((".", "/", "models/"))
    if local and not (Path(config.base) / "config.json").is_file():
        raise ConfigError("training.no_base", base=config.base)
    with quiet_transformers():
        encoder = AutoModel.from_pretrained(config.base, local_files_only=local, dtype=torch.float32)
    still_encoder(encoder)
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
        previous_tokens=config.previous_tokens,
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
    return torch.optim.AdamW(groups, weight_decay=config.weight_decay, fused=True)


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
    known = torch.cat([known_targets(session, outputs) for session in sessions]).sum(0)
    positives = targets.sum(0).clamp(min=1)
    return (((known - positives) / positives).clamp(min=0) ** power).clamp(1.0, MAX_WEIGHT)


def update_loss(
    model: AllianceModel,
    tokens: Tokens,
    chunks: Sequence[Chunk],
    config: TrainingConfig,
    weights: Tensor,
    *,
    blank_id: int | None = None,
) -> Tensor:
    """Return the loss of one update: weighted cross-entropy of all scored turns, plus that of the evidence tokens.

    The chunks are encoded together; each is read in its own context.  ``blank_id`` stands where ``config.word_dropout`` hides a token.
    """
    transcripts = [chunk_transcript(chunk) for chunk in chunks]
    sessions = [encode_for(model.architecture, tokens, transcript) for transcript in transcripts]
    if config.word_dropout and blank_id is not None:
        sessions = [without_words(session, config.word_dropout, blank_id) for session in sessions]
    device, outputs = weights.device, model.architecture.outputs
    still = chunks[0].scored - chunks[0].start if len(chunks) == 1 else 0
    vectors, states = read_turns(model, joined(sessions), pad_id=tokens.pad_id, batch_tokens=BATCH_TOKENS, still=still)
    losses, evidence = [], []
    turn = piece = 0
    for chunk, transcript, session in zip(chunks, transcripts, sessions, strict=True):
        context = model.contextualise(
            vectors[turn : turn + len(session.roles)],
            torch.tensor(session.roles, device=device),
            torch.tensor(session.speakers, device=device),
        )
        skipped = chunk.scored - chunk.start
        targets = turn_targets(transcript, outputs).to(device)[skipped:]
        allowed = torch.from_numpy(allowed_outputs(outputs)[list(session.roles)]).to(device)[skipped:]
        logits = model.turn_logits(context)[skipped:]
        entropy = F.binary_cross_entropy_with_logits(logits, targets, pos_weight=weights, reduction="none")
        losses.append(entropy[allowed & known_targets(transcript, outputs).to(device)[skipped:]])
        mine = states[piece : piece + len(session.pieces)]
        evidence.append(evidence_loss(model, transcript, session, mine, context, skipped))
        turn, piece = turn + len(session.roles), piece + len(session.pieces)
    known = torch.cat(losses)
    decided = known.mean() if len(known) else known.sum()  # nothing known: 0, and no gradient
    return decided + config.evidence_weight * torch.stack(evidence).mean()


def without_words(session: EncodedSession, share: float, blank_id: int) -> EncodedSession:
    """Return the session with ``share`` of the turns' own tokens hidden (word dropout: Iyyer et al., 2015, ACL).

    What stands for a turn must then be told from several of its words, not from one that happens to be typical of this corpus.
    """
    pieces = []
    for piece in session.pieces:
        hidden = (torch.rand(len(piece.offsets)) < share).tolist()
        own = zip(piece.input_ids[piece.own], piece.offsets, hidden, strict=True)
        changed = tuple(blank_id if gone and end > start else token for token, (start, end), gone in own)
        pieces.append(replace(piece, input_ids=piece.input_ids[: piece.own.start] + changed))
    return replace(session, pieces=tuple(pieces))


def joined(sessions: Sequence[EncodedSession]) -> EncodedSession:
    """Return several sessions as one, for the encoder alone: it reads turns one by one."""
    if len(sessions) == 1:
        return sessions[0]
    pieces, roles = [], 0
    for session in sessions:
        pieces += [replace(piece, turn=piece.turn + roles) for piece in session.pieces]
        roles += len(session.roles)
    return EncodedSession(
        tuple(pieces),
        tuple(role for session in sessions for role in session.roles),
        tuple(speaker for session in sessions for speaker in session.speakers),
    )


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


def mission_map(model: AllianceModel, tokens: Tokens, sessions: list[Transcript]) -> float:
    """Return the mean average precision of the mission labels over all turns of the sessions."""
    network, outputs = TorchNetwork(model), model.architecture.outputs
    logits = np.concatenate([score_session(network, tokens, session).logits for session in sessions])
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
