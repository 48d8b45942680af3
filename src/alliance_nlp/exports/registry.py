"""The formats that sessions can be written in.  The module that writes one is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module

from alliance_nlp.errors import ConfigError
from alliance_nlp.exports.base import Export, ExportedFile, ExportOptions, Writer
from alliance_nlp.transcript import Transcript


def _writer(module: str, function: str = "write") -> Writer:
    def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
        made: Writer = getattr(import_module(f"alliance_nlp.exports.{module}"), function)
        return made(transcripts, options)

    return write


EXPORTS: tuple[Export, ...] = (
    Export("session-record", ".jsonl", True, _writer("records")),
    Export("markup", ".txt", False, _writer("markup")),
    Export("elan", ".eaf", False, _writer("elan")),
    Export("inception", ".xmi", False, _writer("inception"), extra="inception"),
    Export("label-studio", ".json", False, _writer("label_studio")),
    Export("refi-qda", ".qdpx", True, _writer("refi_qda")),
    Export("csv", ".csv", False, _writer("tables", "write_csv")),  # two files: a folder
    Export("xlsx", ".xlsx", True, _writer("tables", "write_xlsx")),
    Export("docx", ".docx", False, _writer("word"), extra="word"),
    Export("iramuteq", ".txt", True, _writer("iramuteq")),
    # for researchers who program
    Export("docbin", ".spacy", True, _writer("docbin")),
    Export("parquet", ".parquet", True, _writer("parquet"), extra="parquet"),
    Export("brat", ".ann", False, _writer("brat")),
    Export("doccano", ".jsonl", True, _writer("spans_jsonl", "write_doccano")),
    Export("prodigy", ".jsonl", True, _writer("spans_jsonl", "write_prodigy")),
    Export("convokit", "", False, _writer("convokit")),
    Export("tei", ".xml", False, _writer("tei")),
)


def find_export(export_id: str) -> Export:
    """Return the export called ``export_id``; ConfigError with the known ids when there is none."""
    for export in EXPORTS:
        if export.id == export_id:
            return export
    raise ConfigError("exports.unknown", found=export_id, expected=", ".join(export.id for export in EXPORTS))
