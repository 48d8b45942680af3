"""What every export shares: what the user may ask for, and what comes out.

An export module exposes ``write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]``:
sessions in, files as bytes out, none of them on disk yet.  One file a session is given as soon as its session is read;
one file for the whole corpus at the end.  Everything of a session is made before its first file is given, so that a session
which cannot be written (an AllianceError) leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from alliance_nlp.errors import ConfigError
from alliance_nlp.transcript import Transcript


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """``language`` of names and headings that people read; ``excel_fr``: tables as French Excel opens them."""

    language: str = "fr"
    excel_fr: bool = False


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file to write: its name below the output folder (``/`` between folders) and its bytes."""

    name: str
    data: bytes


Writer = Callable[[Iterable[Transcript], ExportOptions], Iterator[ExportedFile]]


@dataclass(frozen=True, slots=True)
class Export:
    """A format to give back: its id, the suffix of its files, whether one file holds the whole corpus, its writer.

    ``extra`` names the optional dependency group it needs, if any.
    """

    id: str
    suffix: str
    one_file: bool
    write: Writer
    extra: str | None = None

    @property
    def name_code(self) -> str:
        """The code of the line that says what the format is (``exports.name_…``), without its room."""
        return f"name_{self.id.replace('-', '_')}"


def needed(module: str, extra: str) -> ModuleType:
    """Return an optional library's module, or say what installs it (ConfigError).  Call it before the first session."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ConfigError("exports.missing_extra", format=module.partition(".")[0], extra=extra) from error
