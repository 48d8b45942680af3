"""Archives (``.zip``, ``.qdpx``) of annotation tools, opened with care.

In: the bytes of an archive.  Out: its text parts by name.  Refused: names that leave the archive's folder, archives that
unpack to more than ``MAX_TEXT_BYTES`` of wanted parts or hold more than ``MAX_ENTRIES`` files, damaged and protected ones.
Nothing is ever written to disk.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.package import UNREADABLE

MAX_TEXT_BYTES = 100_000_000  # some thousand sessions; XML takes about four times that in memory while one part is read
MAX_ENTRIES = 20_000  # a project of a thousand documents and ten annotators has about half


class Archive:
    """The parts of one archive that a reader wants.

    ``wanted`` says by name which parts are read; the bound on their size counts all of them together.
    """

    def __init__(self, data: bytes, name: str, wanted: Callable[[str], bool]) -> None:
        self._file = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except UNREADABLE as error:
            raise TranscriptFormatError("coding_tools.archive_damaged", file=name) from error
        if any(_leaves_folder(entry.filename) for entry in entries):
            raise TranscriptFormatError("coding_tools.archive_unsafe", file=name)
        self._entries = {entry.filename: entry for entry in entries if wanted(entry.filename)}
        self.size = sum(entry.file_size for entry in self._entries.values())
        if self.size > MAX_TEXT_BYTES or len(entries) > MAX_ENTRIES:
            raise too_large(name, self.size, len(entries))

    @property
    def names(self) -> list[str]:
        """The names of the wanted parts, in the archive's order."""
        return list(self._entries)

    def read(self, part: str) -> bytes:
        """Return the bytes of one part; ``zipfile`` stops at the size the archive states, which was checked."""
        try:
            return self._zip.read(self._entries[part])
        except UNREADABLE as error:
            raise TranscriptFormatError("coding_tools.archive_damaged", file=self._file) from error


def too_large(name: str, size: int, entries: int) -> TranscriptFormatError:
    """Return the error of an archive beyond the bounds."""
    megabytes, limit = -(-size // 1_000_000), MAX_TEXT_BYTES // 1_000_000
    return TranscriptFormatError(
        "coding_tools.archive_too_large", file=name, megabytes=megabytes, entries=entries, limit=limit, most=MAX_ENTRIES
    )


def _leaves_folder(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return ".." in parts or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) is not None or "\0" in name
