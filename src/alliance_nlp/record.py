"""The session record: a Transcript as JSON and back (``alliance-nlp/session/1``).

In: decoded JSON objects.  Out: transcripts, and the reverse.  Reading checks every field at the border and
says which one is wrong; unknown keys are kept.  The JSON Schema is :func:`json_schema`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.transcript import (
    Marker,
    Notice,
    Origin,
    OriginKind,
    Role,
    Source,
    Span,
    Speaker,
    Transcript,
    Turn,
)

SCHEMA = "alliance-nlp/session/1"
PROBABILITY_DECIMALS = 4  # as far as calibration can be told apart; keeps bytes equal across equal runs


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the session record."""
    return json.loads(resources.files("alliance_nlp").joinpath("session.schema.json").read_text(encoding="utf-8"))


# ---------------------------------------------------------------------------------------- writing


def to_record(transcript: Transcript) -> dict[str, Any]:
    """Return the transcript as a JSON-ready dict, keys in the contract's order, extras last."""
    known = {
        "schema": SCHEMA,
        "session_id": transcript.session_id,
        "language": transcript.language,
        "source": _kept(
            {
                "file": transcript.source.file,
                "format": transcript.source.format,
                "sha256": transcript.source.sha256,
            },
            transcript.source.extra,
        ),
        "metadata": dict(transcript.metadata),
        "speakers": [_kept({"id": s.id, "role": s.role.value}, s.extra) for s in transcript.speakers],
        "turns": [_turn_record(turn) for turn in transcript.turns],
        "warnings": [_notice_record(notice) for notice in transcript.warnings],
    }
    return _kept(known, transcript.extra)


def dumps(transcript: Transcript) -> str:
    """Return the record as one line of JSON (no newline at the end)."""
    return json.dumps(to_record(transcript), ensure_ascii=False, separators=(", ", ": "))


def _kept(known: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contract's keys in their order, then the unknown ones, which never take the place of a known one."""
    return known | dict(extra) | known


def _turn_record(turn: Turn) -> dict[str, Any]:
    known = {
        "index": turn.index,
        "speaker": turn.speaker,
        "text": turn.text,
        "start_s": turn.start_s,
        "end_s": turn.end_s,
        "line": turn.line,
        "markers": [_marker_record(marker) for marker in turn.markers],
        "probabilities": None if turn.probabilities is None else dict(turn.probabilities),
        "needs_review": turn.needs_review,
    }
    return _kept(known, turn.extra)


def _marker_record(marker: Marker) -> dict[str, Any]:
    origin = marker.origin
    known = {
        "label": marker.label,
        "types": list(marker.types),
        "probability": marker.probability,
        "spans": [{"start": span.start, "end": span.end} for span in marker.spans],
        "origin": {"kind": origin.kind.value, "name": origin.name, "version": origin.version},
    }
    return _kept(known, marker.extra)


def _notice_record(notice: Notice) -> dict[str, Any]:
    # Always the session's language, never the user's: the same input gives the same bytes everywhere.
    return {
        "code": notice.code,
        "line": notice.line,
        "message": notice.message("fr"),
        "params": dict(notice.params),
    }


# ---------------------------------------------------------------------------------------- reading


def from_record(data: Any) -> Transcript:
    """Return the transcript of a decoded record; TranscriptFormatError or LabelError naming the field."""
    _expect(data, "(record)", "object", lambda v: isinstance(v, Mapping))
    found = data.get("schema")
    if found != SCHEMA:
        raise TranscriptFormatError("core.unknown_schema", found=str(found)[:80], expected=SCHEMA)
    source = _get(data, "source", "object", _is_object, default={})
    return Transcript(
        session_id=_get(data, "session_id", "non-empty string", lambda v: isinstance(v, str) and v != ""),
        language=_get(data, "language", "string", _is_text, default="fr"),
        source=Source(
            file=_get(source, "file", "string or null", _is_text_or_null, default=None, path="source."),
            format=_get(source, "format", "string or null", _is_text_or_null, default=None, path="source."),
            sha256=_get(source, "sha256", "string or null", _is_text_or_null, default=None, path="source."),
            extra=_rest(source, ("file", "format", "sha256")),
        ),
        metadata=dict(_get(data, "metadata", "object", _is_object, default={})),
        speakers=tuple(
            _speaker(item, f"speakers[{i}].") for i, item in enumerate(_get(data, "speakers", "list", _is_list))
        ),
        turns=tuple(_turn(item, f"turns[{i}].") for i, item in enumerate(_get(data, "turns", "list", _is_list))),
        warnings=tuple(_notice(item) for item in _get(data, "warnings", "list", _is_list, default=[])),
        extra=_rest(
            data, ("schema", "session_id", "language", "source", "metadata", "speakers", "turns", "warnings")
        ),
    )


def _speaker(data: Any, path: str) -> Speaker:
    _expect(data, path, "object", _is_object)
    return Speaker(
        id=_get(data, "id", "string", _is_text, path=path),
        role=Role.parse(_get(data, "role", "string", _is_text, default="unknown", path=path)),
        extra=_rest(data, ("id", "role")),
    )


def _turn(data: Any, path: str) -> Turn:
    _expect(data, path, "object", _is_object)
    probabilities = _get(data, "probabilities", "object or null", _is_probabilities, default=None, path=path)
    markers = _get(data, "markers", "list", _is_list, default=[], path=path)
    return Turn(
        index=_get(data, "index", "integer", _is_integer, path=path),
        speaker=_get(data, "speaker", "string or null", _is_text_or_null, default=None, path=path),
        text=_get(data, "text", "string", _is_text, path=path),
        start_s=_get(data, "start_s", "number or null", _is_number_or_null, default=None, path=path),
        end_s=_get(data, "end_s", "number or null", _is_number_or_null, default=None, path=path),
        line=_get(data, "line", "integer or null", lambda v: v is None or _is_integer(v), default=None, path=path),
        markers=tuple(marker_from_record(item, f"{path}markers[{i}].") for i, item in enumerate(markers)),
        probabilities=None if probabilities is None else dict(probabilities),
        needs_review=_get(data, "needs_review", "true or false", _is_bool, default=False, path=path),
        extra=_rest(
            data,
            ("index", "speaker", "text", "start_s", "end_s", "line", "markers", "probabilities", "needs_review"),
        ),
    )


def marker_from_record(data: Any, path: str) -> Marker:
    """Return the marker of a decoded object; TranscriptFormatError or LabelError naming the field below ``path``."""
    _expect(data, path, "object", _is_object)
    origin = _get(data, "origin", "object", _is_object, path=path)
    kinds = {kind.value for kind in OriginKind}
    return Marker(
        label=_get(data, "label", "string", _is_text, path=path),
        types=tuple(_get(data, "types", "list of strings", _is_texts, default=[], path=path)),
        probability=_get(data, "probability", "number or null", _is_number_or_null, default=None, path=path),
        spans=tuple(
            Span(
                _get(item, "start", "integer", _is_integer, path=f"{path}spans[{i}]."),
                _get(item, "end", "integer", _is_integer, path=f"{path}spans[{i}]."),
            )
            for i, item in enumerate(_get(data, "spans", "list of objects", _is_objects, default=[], path=path))
        ),
        origin=Origin(
            kind=OriginKind(
                _get(origin, "kind", "|".join(sorted(kinds)), lambda v: v in kinds, path=f"{path}origin.")
            ),
            name=_get(origin, "name", "string", _is_text, path=f"{path}origin."),
            version=_get(origin, "version", "string or null", _is_text_or_null, default=None, path=f"{path}origin."),
        ),
        extra=_rest(data, ("label", "types", "probability", "spans", "origin")),
    )


def _notice(data: Any) -> Notice:
    if isinstance(data, str):  # records written by other programs
        return Notice(code=data, text=data)
    _expect(data, "warnings[]", "object or string", _is_object)
    return Notice(
        code=str(data.get("code", "")),
        line=data.get("line"),
        params=dict(data.get("params") or {}),
        text=data.get("message"),
    )


# ---------------------------------------------------------------------------------------- checks

_REQUIRED = object()


def _get(
    data: Mapping[str, Any],
    key: str,
    expected: str,
    is_valid: Callable[[Any], bool],
    *,
    default: Any = _REQUIRED,
    path: str = "",
) -> Any:
    if key not in data and default is not _REQUIRED:
        return default
    value = data.get(key)
    _expect(value, path + key, expected, is_valid)
    return value


def _expect(value: Any, field: str, expected: str, is_valid: Callable[[Any], bool]) -> None:
    if not is_valid(value):
        # The type, never the value: a value may be transcript text.
        raise TranscriptFormatError("core.bad_record", field=field, expected=expected, found=type(value).__name__)


def _rest(data: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in known}


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_text_or_null(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number_or_null(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and value == value)


def _is_probabilities(value: Any) -> bool:
    return value is None or (
        isinstance(value, Mapping) and all(v is not None and _is_number_or_null(v) for v in value.values())
    )
