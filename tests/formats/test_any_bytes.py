"""Whatever a file holds, reading it ends soon, in turns or in a sentence: every readable format's example, damaged in every way.

Nothing here knows a format.  A new one is taken when an example of it stands in ``data/examples``, in
``tests/formats/examples``, or comes out of an export.
"""

from __future__ import annotations

import io
import json
import random
import resource
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache

import pytest

from alliance_nlp.errors import AllianceError
from alliance_nlp.exports.base import ExportOptions
from alliance_nlp.exports.registry import EXPORTS
from alliance_nlp.formats import FORMATS, ReadOptions, read_bytes, read_sessions
from alliance_nlp.formats.registry import choose
from alliance_nlp.record import to_record
from tests.conftest import REPOSITORY

FOLDERS = (REPOSITORY / "tests/formats/examples", REPOSITORY / "data/examples")
MAX_S = 10.0
MAX_BYTES = 500 * 1024 * 1024
HOSTILE = (
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"NaN", b"-Infinity", b"1e999", b"-1", b"9" * 400, b"\r", b"\t", b"\n\n\n", b'"', b"\\ud800",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"&#0;", b"</", b"]]>", b"{\\", b"../../", b"00:00:99,999 --> 00:00:01,000",
)  # fmt: skip
NESTS = (b"<a>", b"[", b'{"a":', b"(", b"{", b"<div><p>", b"[[")
DEPTH = 10_000


@lru_cache(maxsize=1)
def examples() -> dict[str, tuple[str, bytes]]:
    """Return an example a format, by the format's id: a name and its bytes.  The first one found is taken."""
    found: dict[str, tuple[str, bytes]] = {}
    for name, data in [*_files(), *_exported()]:
        choice = choose(data, name)
        if choice.format.id in found or (choice.notices and not name.endswith(".zip")):
            continue
        try:
            read_bytes(data, name)
        except AllianceError:
            continue
        found[choice.format.id] = name, data
    return found


def _files() -> Iterator[tuple[str, bytes]]:
    for folder in FOLDERS:
        yield from ((path.name, path.read_bytes()) for path in sorted(folder.glob("*")) if path.is_file() and path.name != "A_LIRE.md")


def _exported() -> Iterator[tuple[str, bytes]]:
    session = read_sessions(REPOSITORY / "data/examples/seance-trac.jsonl")[0]
    for export in EXPORTS:
        try:
            files = list(export.write([session], ExportOptions()))
        except (ImportError, AllianceError):  # an extra that is not installed
            continue
        yield from ((file.name, file.data) for file in files)
        yield "export.zip", _zipped({file.name: file.data for file in files})


def _zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


# ------------------------------------------------------------------------------------------ damage


def damaged(data: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield what may become of ``data``, each with the name of the damage."""
    size = len(data)
    places = sorted({0, 1, 2, size // 2, size - 1, *(chance.randrange(size + 1) for _ in range(12))})
    yield from ((f"cut at {place}", data[:place]) for place in places)
    yield from ((f"without its first {place}", data[place:]) for place in places[:6])
    for number in range(12):
        flipped = bytearray(data)
        for _ in range(1 + number):
            flipped[chance.randrange(size)] = chance.randrange(256)
        yield f"flipped {number}", bytes(flipped)
    yield "twice", data + data
    yield "in itself", data[: size // 2] + data + data[size // 2 :]
    for number in range(4):
        start, end = sorted(chance.sample(range(size + 1), 2))
        yield f"doubled {number}", data[:end] + data[start:end] + data[end:]
        yield f"swapped {number}", data[end:] + data[start:end] + data[:start]
    for sign in HOSTILE:
        place = chance.randrange(size + 1)
        yield f"with {sign[:12]!r} at {place}", data[:place] + sign + data[place:]
        yield f"after {sign[:12]!r}", sign + data
    for nest in NESTS:
        place = chance.randrange(size + 1)
        yield f"nested {nest!r}", data[:place] + nest * DEPTH + data[place:]
        yield f"all nested {nest!r}", nest * DEPTH
    yield "random", chance.randbytes(2000)
    yield "its head, then noise", data[:60] + chance.randbytes(2000)


def mutants(data: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield damaged files; of an archive, also archives that are sound and whose parts are damaged."""
    yield from damaged(data, chance)
    if not data.startswith(b"PK\x03\x04"):
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    for name in sorted(parts, key=lambda part: -len(parts[part]))[:2]:  # what is long is what is read
        for what, part in damaged(parts[name] or b" ", chance):
            if chance.random() < 0.2:
                yield f"{name} {what}", _zipped({**parts, name: part})
        yield f"without {name}", _zipped({key: part for key, part in parts.items() if key != name})
        yield f"{name} a bomb", _zipped({**parts, name: b" " * 120_000_000})


# ------------------------------------------------------------------------------------------ the test


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def outcome(data: bytes, name: str, format_id: str | None) -> str:
    """Read, and return « turns » or the error's code; anything else is raised."""
    try:
        transcripts = read_bytes(data, name, options=ReadOptions(format=format_id))
    except AllianceError as error:
        assert error.message("fr") and error.message("en")
        return error.code
    for transcript in transcripts:
        json.dumps(to_record(transcript), ensure_ascii=False, allow_nan=False).encode("utf-8")  # it can be written, times are finite
        assert all(notice.message("fr") for notice in transcript.warnings)
    return "turns"


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.id)
def test_chaque_format_a_un_exemple(format):
    place = FOLDERS[0].relative_to(REPOSITORY).as_posix()
    assert format.id in examples(), f"Le format « {format.id} » n'a pas d'exemple : posez-en un petit (paroles inventées) dans {place}."


@pytest.mark.slow
@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.id)
def test_des_octets_quelconques_donnent_des_tours_ou_une_phrase(format):
    if format.id not in examples():
        pytest.fail(f"pas d'exemple de « {format.id} »")
    name, data = examples()[format.id]
    chance = random.Random(zlib.crc32(format.id.encode()))
    before, seen = peak_bytes(), set()
    for what, mutant in mutants(data, chance):
        forced = chance.choice((None, format.id))  # as found, or as a user may insist
        began = time.process_time()
        try:
            seen.add(outcome(mutant, name, forced))
        except Exception as error:
            pytest.fail(f"{format.id}, {what} (format imposé : {forced}) : {type(error).__name__}: {error}")
        assert time.process_time() - began < MAX_S, what
    assert peak_bytes() - before < MAX_BYTES
    assert len(seen) > 1  # some damage was noticed: the examples are not all passed over
