"""Results on disk: every file appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from alliance_nlp.errors import StoreError

PARTIAL = ".partial"


def prepare_folder(folder: Path) -> None:
    """Make the output folder and prove that it can be written; StoreError when it cannot."""
    probe = folder / f".probe{PARTIAL}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise StoreError("batch.unwritable", file=str(folder), detail=error.strerror or "") from error
    for pattern in (f"*{PARTIAL}", f"*{PARTIAL}.html"):  # of a run that was killed
        for left in folder.rglob(pattern):
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


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data``, whole or not at all; OSError as the system gives it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    with partial.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, path)


def write_if_changed(path: Path, text: str) -> bool:
    """Write ``text`` unless the file already holds exactly that (an unchanged report keeps its date); say whether."""
    data = text.encode("utf-8")
    if path.is_file() and path.read_bytes() == data:
        return False
    write_bytes(path, data)
    return True
