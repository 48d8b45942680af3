"""Parquet (``turns.parquet``): one row a turn, markers nested, for pandas, Polars, DuckDB, R and ``datasets``.

In: transcripts.  Out: one file; a row group a session, so that memory does not grow with the corpus while reading.  Each
field says in its metadata (key ``comment``) what it holds.  Needs pyarrow (extra ``parquet``).
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from alliance_nlp.exports.base import ExportedFile, ExportOptions, needed
from alliance_nlp.labels import default_label_set
from alliance_nlp.messages import render
from alliance_nlp.segmentation import span_types
from alliance_nlp.transcript import Marker, Transcript, Turn

if TYPE_CHECKING:
    import pyarrow as pa

EXTRA = "parquet"


def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield one file with every turn of every session."""
    arrow, parquet = needed("pyarrow", EXTRA), needed("pyarrow.parquet", EXTRA)
    schema = turn_schema(arrow, options.language)
    buffer = io.BytesIO()
    with parquet.ParquetWriter(buffer, schema, compression="zstd") as writer:
        for transcript in transcripts:
            rows = [_row(transcript, turn) for turn in transcript.turns]
            if rows:
                writer.write_table(arrow.Table.from_pylist(rows, schema=schema))
    yield ExportedFile("turns.parquet", buffer.getvalue())


def turn_schema(arrow: Any, language: str) -> pa.Schema:
    """Return the table's schema; ``arrow`` is the pyarrow module."""
    text, real, whole = arrow.string(), arrow.float64(), arrow.int32()
    outputs = default_label_set().outputs
    span = arrow.struct([("start", whole), ("end", whole), ("text", text), ("types", arrow.list_(text))])
    origin = arrow.struct([("kind", text), ("name", text), ("version", text)])
    marker = arrow.struct(
        [("label", text), ("types", arrow.list_(text)), ("probability", real), ("origin", origin), ("spans", arrow.list_(span))]
    )
    columns = {
        "session_id": text, "turn_index": whole, "speaker": text, "role": text, "text": text,
        "start_s": real, "end_s": real, "line": whole, "markers": arrow.list_(marker),
        "probabilities": arrow.struct([(name, real) for name in outputs]), "needs_review": arrow.bool_(),
        "language": text, "metadata": text, "extra": text,
    }  # fmt: skip
    comments = {name: {"comment": render(f"exports.parquet_{name}", language)} for name in columns}
    return arrow.schema([arrow.field(name, kind, metadata=comments[name]) for name, kind in columns.items()])


def _row(transcript: Transcript, turn: Turn) -> dict[str, Any]:
    probabilities = turn.probabilities
    return {
        "session_id": transcript.session_id,
        "turn_index": turn.index,
        "speaker": turn.speaker,
        "role": transcript.role_of(turn).value,
        "text": turn.text,
        "start_s": turn.start_s,
        "end_s": turn.end_s,
        "line": turn.line,
        "markers": [_marker(turn, marker) for marker in turn.markers],
        "probabilities": None if probabilities is None else {k: probabilities.get(k) for k in default_label_set().outputs},
        "needs_review": turn.needs_review,
        "language": transcript.language,
        "metadata": _json(transcript.metadata),
        "extra": _json(turn.extra),
    }


def _marker(turn: Turn, marker: Marker) -> dict[str, Any]:
    spans = [
        {"start": span.start, "end": span.end, "text": turn.text[span.start : span.end], "types": list(types)}
        for span, types in zip(marker.spans, span_types(marker))
    ]
    origin = {"kind": marker.origin.kind.value, "name": marker.origin.name, "version": marker.origin.version}
    known = {"label": marker.label, "types": list(marker.types), "probability": marker.probability}
    return {**known, "origin": origin, "spans": spans}


def _json(table: Mapping[str, Any]) -> str | None:
    return json.dumps(table, ensure_ascii=False) if table else None
