"""Texts that are no transcript of ours though they decode well: HTML, XML, Praat, JSON, annotation columns.

In: decoded text.  Out: nothing, or an error that names the format and what to export instead.
"""

from __future__ import annotations

import re

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.xml_file import root_name
from alliance_nlp.labels import default_label_set

HEAD_CHARS = 20_000
MIN_TABS = 4

_FOREIGN = (
    (
        re.compile(
            r"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
        ),
        "formats.is_html",
    ),
    (re.compile(r"\s*<\?xml\b|\s*<!DOCTYPE\b|\s*<[A-Za-z][\w:.-]{0,40}\s+xmlns\b"), "formats.is_xml"),
    (re.compile(r"\s*File type = \"ooTextFile\"|\s*\"?ooTextFile"), "formats.is_textgrid"),
    (re.compile(r"\ufeff?@(?:UTF8|Begin)\b"), "formats.is_chat"),
    (re.compile(r"\s*\{\s*\"|\s*\[\s*\{\s*\""), "formats.is_json"),
)


def refuse_foreign(text: str, name: str) -> None:
    """Raise TranscriptFormatError when ``text`` is in a format that would be read as nonsense."""
    for pattern, code in _FOREIGN:
        if pattern.match(text[:2000]):
            raise TranscriptFormatError(code, file=name)
    if _is_plain_xml(text):
        raise TranscriptFormatError("formats.is_xml", file=name)
    if _is_table_without_header(text[:HEAD_CHARS]):
        raise TranscriptFormatError("formats.is_columns", file=name)


def _is_plain_xml(text: str) -> bool:
    # Without a declaration: one element around everything; marked-up talk may begin and end with a tag of the scheme.
    root = root_name(text[:2000])
    return root is not None and root not in default_label_set().markup_tags and text.rstrip().endswith(f"{root}>")


def _is_table_without_header(head: str) -> bool:
    # With a header it would have been read as a table; talk has no four tabs in nearly every line.
    lines = [line for line in head.split("\n") if line.strip()]
    wide = sum(1 for line in lines if line.count("\t") >= MIN_TABS)
    return wide >= 3 and wide >= 0.8 * len(lines)
