"""A model's tokenizer, read with ``tokenizers`` alone: the rest of transformers takes a second to import.

In: ``tokenizer.json`` and ``tokenizer_config.json`` of a model directory, or a transformers tokenizer.  Out: token ids and offsets.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tokenizers import Tokenizer

from alliance_nlp.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TOKENIZER, SETTINGS = "tokenizer.json", "tokenizer_config.json"


class TokenRow(NamedTuple):
    """One text as tokens: ids, and the run of characters ``[start, end)`` each stands for."""

    ids: list[int]
    offsets: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A tokenizer that neither cuts nor pads nor adds special tokens, and the ids of those that ``encoding`` adds."""

    backend: Tokenizer
    cls_id: int
    sep_id: int
    pad_id: int

    @classmethod
    def load(cls, folder: Path) -> Tokens:
        """Read a model directory's tokenizer; ModelError when it has none."""
        try:
            settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
            backend = Tokenizer.from_str((folder / TOKENIZER).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError("tagger.no_tokenizer", file=str(folder)) from error
        return cls.build(backend, {name: content(settings.get(f"{name}_token")) for name in ("cls", "sep", "pad")})

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase) -> Tokens:
        """Return the tokens of a (fast) transformers tokenizer."""
        backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        return cls.build(backend, {name: str(getattr(tokenizer, f"{name}_token")) for name in ("cls", "sep", "pad")})

    @classmethod
    def build(cls, backend: Tokenizer, specials: dict[str, str]) -> Tokens:
        """Return the tokens of a ``tokenizers`` tokenizer; ModelError when it lacks one of the special tokens."""
        backend.no_truncation()
        backend.no_padding()
        ids = {name: backend.token_to_id(token) for name, token in specials.items()}
        for name, number in ids.items():
            if number is None:
                raise ModelError("tagger.no_special_token", name=name)
        return cls(backend, **{f"{name}_id": number for name, number in ids.items()})

    def __call__(self, texts: Sequence[str]) -> list[TokenRow]:
        """Return each text's tokens, special tokens left out."""
        return [TokenRow(row.ids, row.offsets) for row in self.backend.encode_batch(list(texts), add_special_tokens=False)]


def content(token: Any) -> str:
    """Return a special token as ``tokenizer_config.json`` writes it: a string, or a table that holds one."""
    return str(token.get("content") if isinstance(token, dict) else token)
