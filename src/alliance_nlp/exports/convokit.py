"""A ConvoKit corpus: ``utterances.jsonl``, ``speakers.json``, ``conversations.json``, ``corpus.json``, ``index.json``.

In: transcripts.  Out: the five files of ConvoKit's documented layout (« Data Format » of its documentation); the folder
opens with ``Corpus(filename=…)``.  A conversation is a session, an utterance a turn that answers the one before it.
Speaker codes such as « P » come back in every session for other people, so a ConvoKit speaker is ``session/code``.
``timestamp`` is the turn's start in seconds when every turn of the session has one, else the turn's number, so that
ConvoKit always has an order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from alliance_nlp import __version__
from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.exports.layout import NOBODY
from alliance_nlp.labels import default_label_set
from alliance_nlp.record import to_record
from alliance_nlp.transcript import Transcript, Turn

INDEX_VERSION = 1  # of the files, counted up by ConvoKit at each dump

Table = dict[str, dict[str, Any]]


def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield the five files of one corpus."""
    utterances: list[dict[str, Any]] = []
    speakers: Table = {}
    conversations: Table = {}
    for transcript in transcripts:
        new = list(_utterances(transcript))
        utterances += new
        speakers |= _speakers(transcript)
        if new:  # ConvoKit knows no conversation without an utterance
            conversations[new[0]["id"]] = {"meta": _conversation(transcript), "vectors": []}
    corpus = {"made_by": f"alliance-nlp {__version__}", "label_scheme": default_label_set().version}
    yield ExportedFile("utterances.jsonl", "".join(_dump(utterance) + "\n" for utterance in utterances).encode("utf-8"))
    yield ExportedFile("speakers.json", _dump(speakers).encode("utf-8"))
    yield ExportedFile("conversations.json", _dump(conversations).encode("utf-8"))
    yield ExportedFile("corpus.json", _dump(corpus).encode("utf-8"))
    yield ExportedFile("index.json", _dump(_index(utterances, speakers, conversations, corpus)).encode("utf-8"))


def _utterances(transcript: Transcript) -> Iterator[dict[str, Any]]:
    timed = all(turn.start_s is not None for turn in transcript.turns)
    records = to_record(transcript)["turns"]
    for turn, record in zip(transcript.turns, records):
        yield {
            "id": _id(transcript, turn.index),
            "conversation_id": _id(transcript, 0),
            "text": turn.text,
            "speaker": _speaker(transcript, turn.speaker),
            "reply-to": _id(transcript, turn.index - 1) if turn.index else None,
            "timestamp": turn.start_s if timed else turn.index,
            "meta": _turn(transcript, turn, record),
            "vectors": [],
        }


def _turn(transcript: Transcript, turn: Turn, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ConvoKit keeps beside the text: the tags as true or false, then the record's own keys."""
    carried = turn.labels | turn.types
    tags = {name: name in carried for name in default_label_set().outputs}
    kept = ("start_s", "end_s", "markers", "probabilities", "needs_review")
    return {**tags, "role": transcript.role_of(turn).value, **{key: record[key] for key in kept}}


def _speakers(transcript: Transcript) -> Table:
    known = {speaker.id: speaker.role.value for speaker in transcript.speakers}
    codes = dict.fromkeys(turn.speaker for turn in transcript.turns)
    return {
        _speaker(transcript, code): {
            "meta": {"code": code, "role": known.get(code, "unknown") if code else "unknown", "session_id": transcript.session_id},
            "vectors": [],
        }
        for code in codes
    }


def _conversation(transcript: Transcript) -> dict[str, Any]:
    return {**transcript.metadata, "session_id": transcript.session_id, "language": transcript.language}


def _id(transcript: Transcript, turn: int) -> str:
    return f"{transcript.session_id}/{turn}"


def _speaker(transcript: Transcript, code: str | None) -> str:
    return f"{transcript.session_id}/{code or NOBODY}"


def _index(utterances: Iterable[dict[str, Any]], speakers: Table, conversations: Table, corpus: dict[str, Any]) -> dict[str, Any]:
    """Return which types each key of metadata has, as ConvoKit writes them (``"<class 'str'>"``)."""
    return {
        "utterances-index": _types(utterance["meta"] for utterance in utterances),
        "speakers-index": _types(entry["meta"] for entry in speakers.values()),
        "conversations-index": _types(entry["meta"] for entry in conversations.values()),
        "overall-index": _types([corpus]),
        "version": INDEX_VERSION,
        "vectors": [],
    }


def _types(tables: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for table in tables:
        for key, value in table.items():
            found.setdefault(key, set()).update([] if value is None else [str(type(value))])
    return {key: sorted(types) for key, types in found.items()}


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
