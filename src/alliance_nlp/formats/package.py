"""Office packages (``.docx``, ``.xlsx``, ``.odt``) opened with care: they are zip archives of XML parts.

In: the bytes of a file.  Out: an open archive that is safe to read: not an older or encrypted file, not
truncated, not larger than ``MAX_XML_BYTES`` once unpacked, without document type definitions.  What the parts
mean is left to the formats.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from lxml import etree

from alliance_nlp.errors import TranscriptFormatError

MAX_XML_BYTES = (
    100_000_000  # a ten-hour session takes some 5 MB; parsing takes about ten times the XML's size
)
_PROLOGUE_BYTES = 4096  # a document type definition stands before the root element
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")

# What zipfile raises for damaged, encrypted or oddly compressed archives.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


def open_package(data: bytes, name: str, *, suffix: str) -> zipfile.ZipFile:
    """Return the archive of an office file; ``suffix`` (``.docx``) is what the user should save it as.

    Raises TranscriptFormatError for what is no such file, is damaged, protected, unsafe or too large.
    """
    _refuse_other_files(data, name, suffix)
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except UNREADABLE as error:
        raise TranscriptFormatError("files.office_damaged", file=name, suffix=suffix) from error
    xml_parts = [part for part in package.infolist() if part.filename.endswith((".xml", ".rels"))]
    size = sum(part.file_size for part in xml_parts)
    if size > MAX_XML_BYTES:
        megabytes, limit = size // 1_000_000, MAX_XML_BYTES // 1_000_000
        raise TranscriptFormatError("files.office_too_large", file=name, megabytes=megabytes, limit=limit)
    for part in xml_parts:
        if part.filename.startswith("META-INF/"):
            continue  # OpenOffice declared one in its manifest, which is never parsed
        _refuse_dtd(package, part.filename, name, suffix)
    return package


def read_part(package: zipfile.ZipFile, part: str, name: str, *, suffix: str) -> bytes:
    """Return the bytes of one part.  ``zipfile`` stops at the size the archive states, which was checked."""
    try:
        return package.read(part)
    except (*UNREADABLE, KeyError) as error:
        raise TranscriptFormatError("files.office_damaged", file=name, suffix=suffix) from error


def parse_part(package: zipfile.ZipFile, part: str, name: str, *, suffix: str) -> etree._Element:
    """Return the root element of one XML part, read without entities, network or external files."""
    data = read_part(package, part, name, suffix=suffix)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)  # at most 256 deep
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise TranscriptFormatError("files.office_damaged", file=name, suffix=suffix) from error


def _refuse_other_files(data: bytes, name: str, suffix: str) -> None:
    if data.startswith(_OLE):
        code = "files.office_encrypted" if _ENCRYPTED_STREAM in data else "files.office_old"
        raise TranscriptFormatError(code, file=name, suffix=suffix)
    if not data.strip():
        raise TranscriptFormatError("formats.empty_file", file=name)
    if data.lstrip().startswith(b"{\\rtf"):
        raise TranscriptFormatError("files.office_rtf", file=name, suffix=suffix)
    if not data.startswith(b"PK"):
        raise TranscriptFormatError("files.not_office", file=name, suffix=suffix)


def _refuse_dtd(package: zipfile.ZipFile, part: str, name: str, suffix: str) -> None:
    try:
        with package.open(part) as stream:
            prologue = stream.read(_PROLOGUE_BYTES)
    except UNREADABLE as error:
        raise TranscriptFormatError("files.office_damaged", file=name, suffix=suffix) from error
    if b"<!DOCTYPE" in prologue.replace(b"\0", b""):  # NULs: the part may be UTF-16
        raise TranscriptFormatError("files.office_dtd", file=name)
