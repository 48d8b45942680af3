"""Results on disk: every file appears whole or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from alliance_nlp.errors import StoreError

PARTIAL = ".partial"
UNSAFE = re.compile(r"[^\w.\-]+")


def prepare_folder(folder: Path) -> None:
    """Make the output folder and prove that it can be written; StoreError when it cannot."""
    probe = folder / f".probe{PARTIAL}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise StoreError("batch.unwritable", file=str(folder), detail=error.strerror or "") from error
    for left in folder.rglob(f"*{PARTIAL}"):  # of a run that was killed
        left.unlink()


@contextmanager
def atomic_writer(path: Path) -> Iterator[TextIO]:
    """Yield a text file that takes the place of ``path`` only when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    with partial.open("w", encoding="utf-8", newline="") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, path)


def write_if_changed(path: Path, text: str) -> None:
    """Write ``text`` unless the file already holds exactly that (an unchanged report keeps its date)."""
    data = text.encode("utf-8")
    if path.is_file() and path.read_bytes() == data:
        return
    with atomic_writer(path) as stream:
        stream.write(text)


def file_name(session_id: str) -> str:
    """Return a session id as a safe file name: letters, digits, ``. - _``; never hidden, never a folder up.

    >>> file_name("Séance 4/b")
    'Séance_4_b'
    """
    return UNSAFE.sub("_", session_id).lstrip(".") or "seance"
