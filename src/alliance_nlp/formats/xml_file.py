"""XML files opened with care: no entities, no document type definition read, no network, bounded size and depth.

In: the bytes of a file.  Out: its root element.  A ``<!DOCTYPE … SYSTEM "x.dtd">`` that only names a definition
(Transcriber writes one) is passed over unread; one that declares entities is refused.
"""

from __future__ import annotations

import re

from lxml import etree

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.encoding import check_size

MAX_BYTES = 50 * 1024 * 1024  # a day of aligned talk takes some 20 MB; parsing takes about ten times that
PROLOGUE_BYTES = 64 * 1024  # declarations stand before the root element
_ENTITY = re.compile(rb"<!ENTITY|<!DOCTYPE[^>\[]*\[", re.IGNORECASE)


def parse_xml(data: bytes, name: str) -> etree._Element:
    """Return the root element; TranscriptFormatError (with the line) for what is damaged, unsafe or too large."""
    check_size(len(data), name, limit=MAX_BYTES)
    if not data.strip():
        raise TranscriptFormatError("formats.empty_file", file=name)
    if _ENTITY.search(data[:PROLOGUE_BYTES].replace(b"\0", b"")):  # NULs: the file may be UTF-16
        raise TranscriptFormatError("formats.xml_entities", file=name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(data, parser)  # huge_tree is off: at most 256 deep, 10 MB a text
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise TranscriptFormatError("formats.xml_damaged", file=name, line=line) from error
    except ValueError as error:  # an encoding that does not exist
        raise TranscriptFormatError("formats.xml_damaged", file=name, line=1) from error


def encoding_of(root: etree._Element) -> str:
    """Return the encoding the file was in, as it declares it."""
    return (root.getroottree().docinfo.encoding or "utf-8").lower()


def root_name(head: str) -> str | None:
    """Return the local name of the root element that ``head``, the beginning of a text, opens; None for no XML.

    >>> root_name('<?xml version="1.0"?><!-- a --><tei:TEI xmlns:tei="http://www.tei-c.org/ns/1.0">')
    'TEI'
    """
    text = head.lstrip("\ufeff \t\r\n")
    while text.startswith(("<?", "<!")):
        end = {"<!--": "-->", "<?xm": "?>"}.get(text[:4], "?>" if text.startswith("<?") else ">")
        if text[:9].upper() == "<!DOCTYPE" and "[" in text.partition(">")[0]:
            end = "]>"  # declarations inside: to be told what it is, and refused
        _, found, rest = text.partition(end)
        if not found:
            return None
        text = rest.lstrip()
    match = re.match(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]", text)
    return match[1] if match else None
