"""From files in any readable format to files in any export: what ``alliance-nlp convert`` does.

In: input files, an export, a place.  Out: the paths written and the files that could not be read.  Every file appears
whole or not at all, and none that is there already is replaced unless ``overwrite`` says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alliance_nlp.batch.inputs import InputFile
from alliance_nlp.batch.annotators import annotators, only_annotator
from alliance_nlp.batch.outputs import prepare_folder, write_bytes
from alliance_nlp.errors import AllianceError, ConfigError, StoreError
from alliance_nlp.exports.base import Export, ExportOptions
from alliance_nlp.formats import ReadOptions, read_bytes
from alliance_nlp.transcript import Transcript


@dataclass(frozen=True, slots=True)
class ConvertSettings:
    """What shapes a conversion, beside its input and its export."""

    reading: ReadOptions = field(default_factory=ReadOptions)
    options: ExportOptions = field(default_factory=ExportOptions)
    annotator: str | None = None  # only this person's marks, of the sessions they read
    overwrite: bool = False


@dataclass(slots=True)
class Conversion:
    """What became of a conversion: sessions read, files written, and the errors of what could not be read."""

    sessions: int = 0
    written: list[Path] = field(default_factory=list)
    failed: list[AllianceError] = field(default_factory=list)
    annotators: list[str] = field(default_factory=list)  # those met, when one was asked for


def convert(inputs: Sequence[InputFile], export: Export, out: Path, settings: ConvertSettings) -> Conversion:
    """Read every input and write it as ``export`` says, below the folder ``out`` or into that one file.

    ``out`` is a file when the export makes one and ``out`` ends with its suffix.  Raises ConfigError when a file is
    there already or when nothing is by the annotator asked for, StoreError when it cannot be written.
    """
    done = Conversion()
    single = export.one_file and out.suffix.lower() == export.suffix
    folder = out.parent if single else out
    prepare_folder(folder)
    for file in export.write(_sessions(inputs, settings, done), settings.options):
        if not done.sessions:
            break  # nothing could be read: an empty table would say otherwise
        place = out if single else folder / file.name
        if place in done.written or (place.exists() and not settings.overwrite):
            raise ConfigError("exports.exists", file=str(place))
        try:
            write_bytes(place, file.data)
        except OSError as error:
            raise StoreError("batch.unwritable", file=str(place), detail=error.strerror or "") from error
        done.written.append(place)
    if settings.annotator is not None and not done.sessions and not done.failed:
        found = ", ".join(done.annotators) or "–"
        raise ConfigError("coding_tools.unknown_annotator", name=settings.annotator, found=found)
    return done


def _sessions(inputs: Sequence[InputFile], settings: ConvertSettings, done: Conversion) -> Iterator[Transcript]:
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
        yield from transcripts


def _of_annotator(transcripts: Sequence[Transcript], code: str, done: Conversion) -> list[Transcript]:
    """Return the sessions that this person read, with their marks alone, and note who else was met."""
    for transcript in transcripts:
        done.annotators += [name for name in annotators(transcript) if name not in done.annotators]
    return [only_annotator(one, code) for one in transcripts if code in annotators(one)]
