"""PATH… → files, in a stable order.  Folders are searched recursively for the suffixes that can be read."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from alliance_nlp.errors import ConfigError
from alliance_nlp.formats.brat import SUFFIX as PAIRED
from alliance_nlp.formats.brat import TEXT_SUFFIX, pair

STDIN = "-"
COMPANIONS = {  # no talk of their own; given by their own name they are still read, or refused with a reason
    "markers.csv": "turns.csv",
    "labelling_config.xml": "tasks.json",
    "typesystem.xml": "*.xmi",
    "layers.json": "*.xmi",
}


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to read.  ``name`` is what people see: the path below the folder they gave, ``/`` between its parts."""

    path: Path | None  # None: standard input
    name: str
    parts: tuple[InputFile, ...] = ()  # the files of one conversation, one a speaker, where this stands for both

    def read(self) -> bytes:
        """Return the file's bytes, of both files together where it stands for two; OSError as the system gives it."""
        if self.parts:
            from alliance_nlp.batch.conversations import joined_bytes

            return joined_bytes(self.parts)
        if self.path is None:
            return sys.stdin.buffer.read()
        return pair(self.path) if self.path.suffix.lower() == PAIRED else self.path.read_bytes()


def find_inputs(
    paths: Iterable[str | os.PathLike[str]], suffixes: Iterable[str], *, out: Path | None = None
) -> list[InputFile]:
    """Return the files of ``paths``: a file stands for itself, a folder for every readable file below it, sorted.

    What lies below ``out``, where results are written, is no input of a folder.
    Raises ConfigError for a path that does not exist or when nothing is left to read.
    """
    wanted = {suffix.lower() for suffix in suffixes}
    found: list[InputFile] = []
    for given in paths:
        found += _files_of(str(given), wanted, out)
    unique = list({_identity(item): item for item in reversed(found)}.values())[::-1]
    if not unique:
        raise ConfigError("batch.nothing_to_read", suffixes=" ".join(sorted(wanted)))
    if sum(item.name.lower().endswith(".textgrid") for item in unique) > 1:
        from alliance_nlp.batch.conversations import with_conversations

        return with_conversations(unique)
    return unique


def _files_of(given: str, wanted: set[str], out: Path | None) -> list[InputFile]:
    if given == STDIN:
        return [InputFile(None, "stdin")]
    path = Path(given)
    if path.is_dir():
        below = (p for p in path.rglob("*") if p.suffix.lower() in wanted and p.is_file())
        visible = [p for p in below if not any(part.startswith((".", "~$")) for part in p.relative_to(path).parts)]
        results = out.resolve() if out is not None and out.resolve() != path.resolve() else None
        mine = {p for p in visible if results is None or not p.resolve().is_relative_to(results)}
        alone = [p for p in mine if p.with_suffix(PAIRED) not in mine or p.suffix.lower() != TEXT_SUFFIX]  # a brat .txt goes with its .ann
        talk = [p for p in alone if not _is_companion(p, mine)]
        return [InputFile(p, p.relative_to(path).as_posix()) for p in sorted(talk)]
    if not path.exists():
        raise ConfigError("batch.no_such_path", file=given)
    return [InputFile(path, path.name)]


def _is_companion(path: Path, found: Collection[Path]) -> bool:
    """True for what an export writes beside the files that hold the talk, when such a file is there too."""
    beside = COMPANIONS.get(path.name.lower())
    return beside is not None and any(fnmatch(other.name.lower(), beside) for other in found)


def _identity(item: InputFile) -> object:
    return STDIN if item.path is None else item.path.resolve()


def sha256(data: bytes) -> str:
    """Return the hexadecimal SHA-256 of ``data``."""
    return hashlib.sha256(data).hexdigest()
