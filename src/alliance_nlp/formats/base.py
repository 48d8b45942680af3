"""What every format module shares: the options a user gives, and what one file gives back.

A format module exposes ``read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]``:
bytes in, one item a session out.  Nothing here opens a file or knows a format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Notice, Role, Transcript


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user says about the files: ``--roles``, ``--columns``, and a format forced by its id."""

    roles: Mapping[str, Role] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One session as a file gives it, before it is cut into turns and its speakers get their roles.

    ``roles`` are those the file itself declares; ``session_id`` None means: take the file's stem.
    """

    utterances: tuple[Utterance, ...]
    roles: Mapping[str, Role] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    session_id: str | None = None
    language: str = "fr"
    notices: tuple[Notice, ...] = ()
    encoding: str | None = None


Reader = Callable[[bytes, str, ReadOptions], "list[Draft | Transcript]"]


@dataclass(frozen=True, slots=True)
class Format:
    """A readable format: its id, the suffixes it goes by, how its content is told, and its reader."""

    id: str
    suffixes: tuple[str, ...]
    sniff: Callable[[bytes, str], bool]
    read: Reader
