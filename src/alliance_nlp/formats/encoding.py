"""Bytes to text: which encoding a file is in, or why it is no text at all.

In: the bytes of a file. Out: its text in Unicode NFC (the only change made, so every offset is one into the
NFC text) and the name of its encoding. The rule, in order: a byte-order mark; NULs in every other byte
(UTF-16 without a mark); valid UTF-8; else one of the single-byte encodings French is typed in, the one that
gives the most letters of a European text. A file that is partly UTF-8 and partly not is refused with the
line, since any single reading of it would spoil words. Nothing is replaced or skipped.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from alliance_nlp.errors import TranscriptFormatError

MAX_BYTES = 50 * 1024 * 1024  # an hour of talk is 60 kB: beyond this, a file is no session
PROBE_BYTES = 64 * 1024  # as much as telling what a file is can need
SINGLE_BYTE = (("windows-1252", "cp1252"), ("mac-roman", "mac_roman"))  # ISO-8859-1 text is Windows-1252 text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (  # (where, bytes, the sentence that says what it is)
    (0, b"%PDF-", "formats.is_pdf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "formats.is_old_word"),
    (0, b"{\\rtf", "formats.is_rtf"),
    (0, b"\x89PNG", "formats.is_image"),
    (0, b"\xff\xd8\xff", "formats.is_image"),
    (0, b"GIF8", "formats.is_image"),
    (0, b"II*\x00", "formats.is_image"),
    (0, b"MM\x00*", "formats.is_image"),
    (0, b"RIFF", "formats.is_recording"),
    (0, b"ID3\x02", "formats.is_recording"),  # with its version byte: « ID3 : » may be a speaker
    (0, b"ID3\x03", "formats.is_recording"),
    (0, b"ID3\x04", "formats.is_recording"),
    (0, b"\xff\xfb", "formats.is_recording"),
    (0, b"OggS", "formats.is_recording"),
    (0, b"fLaC", "formats.is_recording"),
    (4, b"ftyp", "formats.is_recording"),
    (0, b"\x1aE\xdf\xa3", "formats.is_recording"),
    (0, b"PK\x03\x04", "formats.is_archive"),
    (0, b"PK\x05\x06", "formats.is_archive"),
    (0, b"\x1f\x8b", "formats.is_archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "formats.is_archive"),
    (0, b"SQLite format 3\x00", "formats.is_binary"),
    (0, b"ooBinaryFile", "talk_files.praat_binary"),
)
_LETTERS = "àâäáãåæçéèêëíìîïñóòôöõøœúùûüÿß"
_EXPECTED = frozenset(_LETTERS + _LETTERS.upper() + "Ÿ«»‹›’‘“”„…–—•·°€£§²³ºª¿¡½\u00a0\u00ad")
# UTF-8 sequences of French typing; as Windows-1252 they would read « Ã© », « â€™ »: no French at all.
_UTF8_SEQUENCE = re.compile(
    rb"[\xc2\xc3][\x80-\xbf]|\xc5[\x92\x93\xb8]|\xcc[\x80-\xa8]|\xe2[\x80-\x86][\x80-\xbf]|\xf0\x9f[\x80-\xbf]{2}"
)
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x7f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file in NFC, and the encoding it was in (``"utf-8"``, ``"windows-1252"``…)."""

    text: str
    encoding: str


def decode(data: bytes, name: str, *, controls: str = "") -> Decoded:
    """Return the text of ``data``; TranscriptFormatError when it is empty, binary, too big or mixed.

    ``controls`` are the control characters that the format itself uses (CHAT's time marks).

    >>> decode("déjà".encode("cp1252"), "seance.txt")
    Decoded(text='déjà', encoding='windows-1252')
    """
    raw = decode_as_typed(data, name, controls=controls)
    return Decoded(unicodedata.normalize("NFC", raw.text), raw.encoding)


def decode_as_typed(data: bytes, name: str, *, controls: str = "") -> Decoded:
    """Return the text before NFC, for a reader whose signs must not melt into it (``>`` + U+0338)."""
    check_size(len(data), name)
    if not data.strip():
        raise TranscriptFormatError("formats.empty_file", file=name)
    for place, signature, code in _SIGNATURES:
        if data.startswith(signature, place):
            raise TranscriptFormatError(code, file=name)
    encoding = _encoding(data, name)
    text = _strict(data, encoding, name)
    if not text.strip():
        raise TranscriptFormatError("formats.empty_file", file=name)
    foreign = sum(1 for char in _CONTROL.findall(text[:PROBE_BYTES]) if char not in controls)
    if "\x00" in text or foreign > len(text[:PROBE_BYTES]) / 50:
        raise TranscriptFormatError("formats.is_binary", file=name)
    return Decoded(text, encoding)


def check_size(size: int, name: str, *, limit: int = MAX_BYTES) -> None:
    """Raise TranscriptFormatError when ``size`` bytes are more than ``limit``."""
    if size > limit:
        megabyte = 1024 * 1024
        raise TranscriptFormatError(
            "formats.too_big", file=name, size=-(-size // megabyte), limit=limit // megabyte
        )


def split_lines(text: str) -> list[str]:
    """Cut at LF, CRLF and CR only: ``str.splitlines`` also cuts at characters of speech (U+2028…)."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def probe_text(data: bytes) -> str:
    """Return the beginning of ``data`` as text, as well as can be, to tell its format; never an error."""
    head = data[:PROBE_BYTES]
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return head[len(mark) if encoding != "utf-8-sig" else 0 :].decode(encoding, errors="replace")
    return head.decode(_utf16_without_mark(head) or "utf-8", errors="replace")


def _encoding(data: bytes, name: str) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if b"\x00" in data:
        encoding_16 = _utf16_without_mark(data[:PROBE_BYTES])
        if encoding_16 is None:
            raise TranscriptFormatError("formats.is_binary", file=name)
        return encoding_16
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _single_byte(data, error.start, name)
    return "utf-8"


def _utf16_without_mark(head: bytes) -> str | None:
    # In European text nearly every UTF-16 unit has a zero byte, always on the same side.
    evens, odds = head[0::2].count(0), head[1::2].count(0)
    units = max(len(head) // 2, 1)
    if odds > 0.5 * units and evens < 0.05 * units:
        return "utf-16-le"
    if evens > 0.5 * units and odds < 0.05 * units:
        return "utf-16-be"
    return None


def _single_byte(data: bytes, first_bad: int, name: str) -> str:
    typed = _UTF8_SEQUENCE.search(data)
    if typed is not None:
        place = max(typed.start(), first_bad)  # where the second of the two encodings begins
        raise TranscriptFormatError(
            "formats.mixed_encodings", file=name, line=len(split_lines(data[:place].decode("latin-1")))
        )
    scores = {label: _european(data, codec) for label, codec in SINGLE_BYTE}
    best = max(scores, key=lambda label: scores[label])  # the first one wins a tie
    if scores[best] <= 0:
        line = len(split_lines(data[:first_bad].decode("latin-1")))
        raise TranscriptFormatError("formats.unknown_encoding", file=name, line=line)
    return best


def _european(data: bytes, codec: str) -> int:
    """Return expected minus unexpected characters beyond ASCII when ``data`` is read with ``codec``."""
    table = {byte: bytes([byte]).decode(codec, errors="replace") for byte in range(0x80, 0x100)}
    return sum(data.count(byte) * (1 if char in _EXPECTED else -1) for byte, char in table.items())


def _strict(data: bytes, encoding: str, name: str) -> str:
    mark = next((mark for mark, known in _MARKS if known == encoding and data.startswith(mark)), b"")
    codec = dict(SINGLE_BYTE).get(encoding, "utf-8" if encoding == "utf-8-sig" else encoding)
    body = data[len(mark) :]
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        line = len(split_lines(body[: error.start].decode(codec, errors="replace")))
        raise TranscriptFormatError(
            "formats.damaged_encoding", file=name, line=line, encoding=encoding
        ) from error
