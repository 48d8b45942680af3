"""The readable formats, and which one a file is in: its suffix proposes, its content decides.

In: bytes and a file name. Out: a :class:`Format` and, when name and content disagree, a notice. The modules
that read a format are imported when a file needs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath

from alliance_nlp.errors import ConfigError
from alliance_nlp.formats.base import Draft, Format, Reader, ReadOptions
from alliance_nlp.formats.columns import by_name, plain_name
from alliance_nlp.formats.encoding import probe_text
from alliance_nlp.formats.xml_file import root_name
from alliance_nlp.transcript import Notice, Transcript

_JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[{\]])")  # « [00:01:16] … » is no JSON
_RECORD = re.compile(r"\"schema\"\s*:\s*\"alliance-nlp/session/|\"turns\"\s*:\s*\[")
_SCHEMA = re.compile(r"\"schema\"\s*:\s*\"alliance-nlp/session/")
_TASKS = (re.compile(r"\"data\"\s*:\s*\{"), re.compile(r"\"(?:annotations|completions|predictions)\"\s*:\s*\["))
_MINIMAL = re.compile(r"\"annotation_id\"\s*:")  # JSON-MIN
_CAS_ARCHIVE = (b".xmi", b"TypeSystem.xml", b"exportedproject", b"annotation/", b"curation/")  # names in INCEpTION's archives
_CUE = re.compile(r"^\s*\d{1,3}:\d{2}(?::\d{2})?[.,]\d{1,3}\s*-->\s*\d", re.MULTILINE)
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Choice:
    """The format a file is read in; ``notices`` say when its suffix promised another one."""

    format: Format
    notices: tuple[Notice, ...] = ()


def _reader(module: str) -> Reader:
    def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
        found: list[Draft | Transcript] = import_module(f"alliance_nlp.formats.{module}").read(
            data, name, options
        )
        return found

    return read


def _is_odt(data: bytes, name: str) -> bool:
    # The type stands first in the archive, not compressed (OpenDocument 1.3, part 2, 3.3).
    return data.startswith(_ZIP) and (
        b"application/vnd.oasis.opendocument.text" in data[:200]
        or (_suffix(name) == ".odt" and b"word/document" not in data and b"xl/workbook" not in data)
    )


def _is_rtf(data: bytes, name: str) -> bool:
    return data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf")


def _is_pdf(data: bytes, name: str) -> bool:
    head = data[:1024]  # some programs write a few bytes before it
    return head.startswith(b"%PDF-") or (_suffix(name) == ".pdf" and b"%PDF-" in head)


def _told_by(module: str, function: str) -> Callable[[bytes, str], bool]:
    """Let the module that reads a format also tell its content."""

    def sniff(data: bytes, name: str) -> bool:
        return bool(getattr(import_module(f"alliance_nlp.formats.{module}"), function)(data, name))

    return sniff


def _is_docx(data: bytes, name: str) -> bool:
    return data.startswith(_ZIP) and (
        b"word/document" in data or (_suffix(name) == ".docx" and b"xl/workbook" not in data)
    )


def _is_xlsx(data: bytes, name: str) -> bool:
    return data.startswith(_ZIP) and (
        b"xl/workbook" in data or (_suffix(name) == ".xlsx" and b"word/" not in data)
    )


def _is_qdpx(data: bytes, name: str) -> bool:
    if data.startswith(_ZIP):
        return b"project.qde" in data or _suffix(name) == ".qdpx"
    head = probe_text(data)
    return "urn:QDA-XML:" in head and root_name(head) in {"CodeBook", "Project"}


def _is_cas(data: bytes, name: str) -> bool:
    """Recognise a UIMA CAS in XMI, alone or in an archive that INCEpTION exports."""
    if data.startswith(_ZIP):
        return any(sign in data for sign in _CAS_ARCHIVE)
    head = probe_text(data).lstrip("\ufeff \t\r\n")
    return root_name(head) == "XMI" or (_suffix(name) == ".xmi" and head.startswith("<"))


def _is_label_studio(data: bytes, name: str) -> bool:
    if not _is_json(data, name) or _suffix(name) == ".jsonl":
        return False
    text = data.decode("utf-8", errors="replace")
    if _SCHEMA.search(text):
        return False
    return _MINIMAL.search(text) is not None or all(sign.search(text) for sign in _TASKS)


def _is_record(data: bytes, name: str) -> bool:
    # A record's keys may stand in any order, so all of it is searched.
    return _is_json(data, name) and (
        _suffix(name) == ".jsonl" or _RECORD.search(data.decode("utf-8", errors="replace")) is not None
    )


def _is_json(data: bytes, name: str) -> bool:
    return _JSON.match(probe_text(data).removeprefix("\ufeff")) is not None


def _is_vtt(data: bytes, name: str) -> bool:
    return probe_text(data).lstrip("\ufeff \t\r\n").startswith("WEBVTT")


def _is_srt(data: bytes, name: str) -> bool:
    return _CUE.search(probe_text(data).replace("\r", "\n")) is not None


def _is_markup(data: bytes, name: str) -> bool:
    return probe_text(data).lstrip("\ufeff \t\r\n").startswith("#meta")


def _is_xml(*roots: str) -> Callable[[bytes, str], bool]:
    """Recognise an XML format by its root element."""

    def sniff(data: bytes, name: str) -> bool:
        head = probe_text(data)
        return "<" in head[:200] and import_module("alliance_nlp.formats.xml_file").root_name(head) in roots

    return sniff


def _is_words(data: bytes, name: str) -> bool:
    head = probe_text(data)
    return "\t" in head and bool(import_module("alliance_nlp.formats.orfeo").is_words(head))


def _is_table(delimiters: str) -> Callable[[bytes, str], bool]:
    """Recognise a table by its header: a column of text beside a speaker or a time."""

    def sniff(data: bytes, name: str) -> bool:
        head = probe_text(data).lstrip("\ufeff \t\r\n")[:2000].replace("\r", "\n").partition("\n")[0]
        cells = re.split(f"[{re.escape(delimiters)}]", head)
        named = by_name([cell.strip(" \"'") for cell in cells])
        return "text" in named and bool({"speaker", "start"} & named.keys())

    return sniff


def _is_nvivo(data: bytes, name: str) -> bool:
    """Recognise the rows that NVivo exports as text: a « Timespan » beside the content, set apart by tabs."""
    head = probe_text(data).lstrip("\ufeff \r\n")[:2000].replace("\r", "\n").partition("\n")[0]
    return "timespan" in map(plain_name, head.split("\t")) and _is_table("\t")(data, name)


def _is_text(data: bytes, name: str) -> bool:
    return True  # the last resort; what is no text is refused when it is decoded


def _is_brat(data: bytes, name: str) -> bool:
    # A quick look first: the reader is imported for what may be such a file only.
    return (data.startswith(_ZIP) and b".ann" in data or _suffix(name) == ".ann") and import_module(
        "alliance_nlp.formats.brat"
    ).is_brat(data, name)


FORMATS: tuple[Format, ...] = (  # in the order they are tried: the most particular content first
    Format("brat", (".ann",), _is_brat, _reader("brat")),
    Format("refi-qda", (".qdpx", ".qdc"), _is_qdpx, _reader("refi_qda")),
    Format("odt", (".odt", ".ott"), _is_odt, _reader("odt")),
    Format("pdf", (".pdf",), _is_pdf, _reader("pdf")),
    Format("rtf", (".rtf",), _is_rtf, _reader("rtf")),
    Format("docx", (".docx", ".docm"), _is_docx, _reader("docx")),
    Format("xlsx", (".xlsx", ".xlsm"), _is_xlsx, _reader("tables")),
    Format("inception", (".xmi", ".zip"), _is_cas, _reader("inception")),
    Format("label-studio", (".json",), _is_label_studio, _reader("label_studio")),
    Format("session-record", (".jsonl", ".json"), _is_record, _reader("records")),
    Format("whisper-json", (".json",), _is_json, _reader("whisper")),
    Format("elan", (".eaf",), _is_xml("ANNOTATION_DOCUMENT"), _reader("elan")),
    Format("transcriber", (".trs",), _is_xml("Trans"), _reader("transcriber")),
    Format("tei", (".xml", ".tei"), _is_xml("TEI", "TEI.2", "teiCorpus"), _reader("tei")),
    Format("exmaralda", (".exb",), _is_xml("basic-transcription", "segmented-transcription"), _reader("exmaralda")),
    Format("orfeo", (".orfeo", ".conll", ".conllu"), _is_words, _reader("orfeo")),
    Format("vtt", (".vtt",), _is_vtt, _reader("subtitles")),
    Format("chat", (".cha",), _told_by("chat", "is_chat"), _reader("chat")),
    Format("textgrid", (".textgrid",), _told_by("textgrid", "is_textgrid"), _reader("textgrid")),
    Format("html", (".html", ".htm"), _told_by("html_page", "is_html"), _reader("html_page")),
    Format("markup", (".txt", ".md"), _is_markup, _reader("markup")),
    Format("srt", (".srt",), _is_srt, _reader("subtitles")),
    Format("nvivo", (".txt",), _is_nvivo, _reader("tables")),
    Format("tsv", (".tsv", ".tab"), _is_table("\t"), _reader("tables")),
    Format("csv", (".csv",), _is_table(",;|"), _reader("tables")),
    Format("text", (".txt", ".md", ".markdown"), _is_text, _reader("text")),
)
SUFFIXES: tuple[str, ...] = tuple(dict.fromkeys(suffix for format in FORMATS for suffix in format.suffixes))

# Without a mark of their own in the content, these suffixes are believed: their readers say what is missing.
_BELIEVED = frozenset({".csv", ".tsv", ".tab", ".json", ".jsonl"})
_SAME = (frozenset({"srt", "vtt"}), frozenset({"csv", "tsv"}))  # read by one reader, whatever the suffix says


def choose(data: bytes, name: str, *, forced: str | None = None) -> Choice:
    """Return the format to read ``data`` in; ConfigError when ``forced`` is the id of none."""
    if forced is not None:
        return Choice(_by_id(forced))
    suffix = _suffix(name)
    promised = [format for format in FORMATS if suffix in format.suffixes]
    found = next(format for format in FORMATS if format.sniff(data, name))
    if (
        not suffix
        or found in promised
        or any({found.id, *(p.id for p in promised)} == same for same in _SAME)
    ):
        return Choice(found)
    if found.id == "text" and suffix in _BELIEVED:
        return Choice(promised[-1])
    code = "formats.content_differs" if promised else "formats.unknown_suffix"
    return Choice(found, (Notice(code, params={"suffix": suffix, "format": found.id}),))


def _by_id(format_id: str) -> Format:
    for format in FORMATS:
        if format.id == format_id:
            return format
    raise ConfigError("formats.unknown_format", format=format_id, expected=", ".join(f.id for f in FORMATS))


def _suffix(name: str) -> str:
    return PurePath(name).suffix.lower()
