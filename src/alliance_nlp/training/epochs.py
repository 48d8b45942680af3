"""What one epoch reads: sessions cut into chunks, and minimal pairs, in random order.

In: training sessions, pairs and the configuration.  Out: updates, a few chunks each (``examples``).
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from alliance_nlp.corpus.pairs import Pair
from alliance_nlp.errors import ConfigError
from alliance_nlp.training.config import TrainingConfig
from alliance_nlp.training.examples import Chunk, augment, cut_chunks, teaches
from alliance_nlp.transcript import Transcript


def known_sessions(train: Sequence[Transcript], config: TrainingConfig) -> int:
    """Return how many sessions, the first ones, the run has learnt from before it began; ConfigError for an unknown ``new_from``."""
    if not config.new_from:
        return 0
    names = [session.session_id for session in train]
    if config.new_from not in names:
        raise ConfigError("training.out_of_range", key="new_from", value=config.new_from, expected=f"{names[0]}–{names[-1]}")
    return names.index(config.new_from)


def sessions_of_epoch(train: Sequence[Transcript], config: TrainingConfig, rng: random.Random) -> list[Transcript]:
    """Return the sessions of one epoch: all new ones, and of the known ones the share ``config.rehearsal``.

    A few old examples beside the new ones keep what was learnt (rehearsal: Robins, 1995, Connection Science 7).
    """
    known = known_sessions(train, config)
    if config.rehearsal == 1.0:
        return list(train)
    return rng.sample(train[:known], round(known * config.rehearsal)) + list(train[known:])


def chunks_of_epoch(train: Sequence[Transcript], config: TrainingConfig) -> int:
    """Return how many chunks of sessions one epoch has, about: they are cut anew every time."""
    chunks = [len(session.turns) // config.chunk_turns + 1 for session in train]
    known = known_sessions(train, config)
    return round(config.rehearsal * sum(chunks[:known])) + sum(chunks[known:])


def pairs_of_epoch(pairs: Sequence[Pair], config: TrainingConfig) -> int:
    """Return how many pairs one epoch learns from."""
    return round(len(pairs) * config.pairs_share)


def epoch_updates(
    sessions: list[Transcript], pairs: Sequence[Pair], config: TrainingConfig, rng: random.Random
) -> list[list[Chunk]]:
    """Return an epoch's updates in random order: a chunk of a session each, or a few whole pairs, both members together.

    A chunk in which nothing is known is left out.  Of the pairs, the epoch draws ``config.pairs_share``.
    """
    updates = []
    for session in sessions:
        seen = augment(session, rng, hidden=config.hide_roles, noise=config.asr_noise)
        updates += [
            [chunk]
            for chunk in cut_chunks(
                seen,
                chunk_turns=config.chunk_turns,
                context_turns=config.context_turns,
                offset=rng.randint(1, config.chunk_turns),
            )
            if teaches(chunk)
        ]
    shuffled = rng.sample(list(pairs), pairs_of_epoch(pairs, config))
    for start in range(0, len(shuffled), config.pairs_at_once):
        members = [member for pair in shuffled[start : start + config.pairs_at_once] for member in pair.members]
        seen_members = [augment(member, rng, hidden=config.hide_roles, noise=config.asr_noise) for member in members]
        updates.append([Chunk(member, 0, 0, len(member.turns)) for member in seen_members])
    rng.shuffle(updates)
    return updates
