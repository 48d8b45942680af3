"""From files in any readable format to files in any export: what ``alliance-nlp convert`` does.

In: input files, an export, a place.  Out: the paths written, and what could not be read or written.  Files are made in
a hidden folder beside their places and put there together at the end: when one is there already (and ``overwrite`` does
not say to replace it) nothing at all is written.  Sessions stream: only what the export itself keeps is held in memory.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from alliance_nlp.batch.inputs import InputFile
from alliance_nlp.batch.annotators import annotators, only_annotator
from alliance_nlp.batch.outputs import write_bytes
from alliance_nlp.batch.run import with_unique_id
from alliance_nlp.errors import AllianceError, ConfigError, StoreError
from alliance_nlp.exports.base import Export, ExportedFile, ExportOptions
from alliance_nlp.exports.registry import EXPORTS
from alliance_nlp.formats import SUFFIXES, ReadOptions, read_bytes
from alliance_nlp.transcript import Transcript

STAGING = ".alliance-nlp-convert-"
STALE_S = 24 * 3600  # no conversion lasts a day: such a folder is what a killed one left, and it holds speech


@dataclass(frozen=True, slots=True)
class ConvertSettings:
    """What shapes a conversion, beside its input and its export."""

    reading: ReadOptions = field(default_factory=ReadOptions)
    options: ExportOptions = field(default_factory=ExportOptions)
    annotator: str | None = None  # only this person's marks, of the sessions they read
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Renamed:
    """A session whose name another one had already: its file, the name it came with, the one it is written under."""

    file: str
    given: str
    new: str


@dataclass(slots=True)
class Conversion:
    """What became of a conversion: sessions read, files written, what failed and what was renamed.

    ``left_out`` counts the sessions that were read but that the export cannot hold; why is in ``failed``.
    """

    sessions: int = 0
    left_out: int = 0
    written: list[Path] = field(default_factory=list)
    failed: list[AllianceError] = field(default_factory=list)
    annotators: list[str] = field(default_factory=list)  # those met, when one was asked for
    renamed: list[Renamed] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Read:
    """A session and the file it comes from."""

    file: str
    transcript: Transcript


def convert(inputs: Sequence[InputFile], export: Export, out: Path, settings: ConvertSettings) -> Conversion:
    """Read every input and write it as ``export`` says, below the folder ``out`` or into that one file.

    ``out`` is one file when it ends as the export's files do and is no folder.  What cannot be read or written is in
    ``failed`` and the rest is done.  Raises ConfigError, with nothing written, when a file is there already, when
    ``out`` names one file and there are several, when nothing is by the annotator asked for, or when a library is missing; StoreError when nothing can be written.
    """
    done = Conversion()
    is_file = _names_a_file(out, export)
    folder = out.parent if is_file else out
    staged: dict[Path, Path] = {}  # where each file belongs → where it is made
    with _staging(folder) as staging:
        for number, file in enumerate(_files(_sessions(inputs, settings, done), export, settings.options, done)):
            target = out if is_file else folder / file.name
            if is_file and target in staged:
                raise ConfigError("exports.one_place", file=str(out))
            if not settings.overwrite and target.exists():
                raise ConfigError("exports.exists", file=str(target))
            staged[target] = _made(staging / str(number), file.data, target)
        if done.sessions > done.left_out:  # else: an empty table would say that there was something to read
            done.written = [_put(made, target) for target, made in staged.items()]
    if settings.annotator is not None and not done.sessions and not done.failed:
        found = ", ".join(done.annotators) or "–"
        raise ConfigError("coding_tools.unknown_annotator", name=settings.annotator, found=found)
    return done


def _names_a_file(out: Path, export: Export) -> bool:
    """True when ``out`` is to be one file; ConfigError when it ends as the files of another format do."""
    suffix = out.suffix.lower()
    if out.is_dir() or not suffix:
        return False
    if suffix in {*SUFFIXES, *(other.suffix for other in EXPORTS)} - {export.suffix}:
        raise ConfigError("exports.other_suffix", found=suffix, format=export.id, expected=export.suffix or "/")
    return suffix == export.suffix


# ------------------------------------------------------------------------------------------ sessions in


def _sessions(inputs: Sequence[InputFile], settings: ConvertSettings, done: Conversion) -> Iterator[Read]:
    """Yield every session of the inputs, in their order, each under a name of its own."""
    taken: set[str] = set()
    for item in inputs:
        try:
            transcripts = read_bytes(item.read(), item.name, options=settings.reading)
        except AllianceError as error:
            done.failed.append(error.at(item.name))
            continue
        except OSError as error:
            done.failed.append(ConfigError("batch.unreadable", file=item.name, detail=error.strerror or ""))
            continue
        if settings.annotator is not None:
            transcripts = _of_annotator(transcripts, settings.annotator, done)
        done.sessions += len(transcripts)
        for transcript in transcripts:
            unique = with_unique_id(transcript, taken)
            if unique is not transcript:
                done.renamed.append(Renamed(item.name, transcript.session_id, unique.session_id))
            yield Read(item.name, unique)


def _of_annotator(transcripts: Sequence[Transcript], code: str, done: Conversion) -> list[Transcript]:
    """Return the sessions that this person read, with their marks alone, and note who else was met."""
    for transcript in transcripts:
        done.annotators += [name for name in annotators(transcript) if name not in done.annotators]
    return [only_annotator(one, code) for one in transcripts if code in annotators(one)]


class _Feed:
    """Sessions on their way to a writer.  ``waiting`` are those it took since the last file it gave (``gave``)."""

    def __init__(self, source: Iterator[Read]) -> None:
        self.source = source
        self.waiting: list[Read] = []
        self.gave = False

    def __iter__(self) -> Iterator[Transcript]:
        again, self.waiting = self.waiting, []
        for read in chain(again, self.source):
            if self.gave:
                self.waiting, self.gave = [], False
            self.waiting.append(read)
            yield read.transcript


# ------------------------------------------------------------------------------------------ files out


def _files(sessions: Iterator[Read], export: Export, options: ExportOptions, done: Conversion) -> Iterator[ExportedFile]:
    """Yield the export's files; a session that it cannot hold is put aside and the others go on."""
    feed = _Feed(sessions)
    while True:
        try:
            for file in export.write(feed, options):
                feed.gave = True
                yield file
            return
        except ModuleNotFoundError as error:
            if export.extra is None:
                raise
            raise ConfigError("exports.missing_extra", format=export.id, extra=export.extra) from error
        except AllianceError as error:
            faults = _faults(feed.waiting, export, options, error)
            if not faults:
                raise
            for read, fault in faults:
                done.left_out += 1
                params = {"session": read.transcript.session_id, "reason": fault.message()}
                done.failed.append(StoreError("exports.not_written", file=read.file, **params))
            wrong = {id(read) for read, _ in faults}
            feed.waiting, feed.gave = [read for read in feed.waiting if id(read) not in wrong], False


def _faults(waiting: list[Read], export: Export, options: ExportOptions, error: AllianceError) -> list[tuple[Read, AllianceError]]:
    """Return which sessions the writer cannot hold, and why: the only one it had, or each that fails alone."""
    if len(waiting) == 1:
        return [(waiting[0], error)]
    found = []
    for read in waiting:
        try:
            for _ in export.write([read.transcript], options):
                pass
        except AllianceError as fault:
            found.append((read, fault))
    return found


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Yield a hidden folder in ``folder`` for files in the making; it goes whatever happens, with what is left in it."""
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=folder))
    except OSError as error:
        raise StoreError("batch.unwritable", file=str(folder), detail=error.strerror or "") from error
    for left in folder.glob(f"{STAGING}*"):
        if time.time() - left.stat().st_mtime > STALE_S:
            shutil.rmtree(left, ignore_errors=True)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if is_new and not any(folder.iterdir()):
            folder.rmdir()


def _made(place: Path, data: bytes, target: Path) -> Path:
    try:
        write_bytes(place, data)
    except OSError as error:
        raise StoreError("batch.unwritable", file=str(target), detail=error.strerror or "") from error
    return place


def _put(made: Path, target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(made, target)
    except OSError as error:
        raise StoreError("batch.unwritable", file=str(target), detail=error.strerror or "") from error
    return target
