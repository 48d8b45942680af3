"""What stands on top of a model's encoder, as ``config.json`` says it.  Standard library only: no tensors here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alliance_nlp.errors import ModelError

CONFIG_KEY = "alliance"  # our part of config.json
CONFIG_FILE = "config.json"


@dataclass(frozen=True, slots=True)
class Architecture:
    """Sizes of the session layers and heads.  ``ahead`` and ``past`` are turns, one number a layer for ``ahead``."""

    outputs: tuple[str, ...]
    evidence: tuple[str, ...]
    ahead: tuple[int, ...] = (3, 2)  # sums to the five turns that the scheme lets a reader use
    past: int = 16
    heads: int = 6
    ffn: int = 768
    dropout: float = 0.1
    prefix: str = "query: "
    max_tokens: int = 256
    previous_tokens: int = 0  # of the turn before, read together with a turn

    @property
    def reach(self) -> tuple[int, int]:
        """How many turns before and after a turn its scores depend on, through all session layers."""
        return self.past * len(self.ahead), sum(self.ahead)

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Architecture:
        """Return the architecture of a JSON table."""
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})


def read_architecture(folder: Path) -> Architecture:
    """Return the architecture of a model directory; ModelError when it is no tagger."""
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        config = {}
    if CONFIG_KEY not in config:
        raise ModelError("tagger.not_a_tagger", file=str(folder))
    return Architecture.of(config[CONFIG_KEY])
