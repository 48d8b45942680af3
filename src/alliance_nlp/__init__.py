"""alliance-nlp: the therapeutic alliance in French psychotherapy transcripts, turn by turn, locally and offline.

>>> from alliance_nlp import Tagger, annotate, read_transcript
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alliance_nlp.formats import read_sessions, read_transcript
    from alliance_nlp.pipeline import annotate
    from alliance_nlp.tagger import Tagger
    from alliance_nlp.transcript import Marker, Transcript, Turn

__version__ = "0.1.0"

# Each name is imported when it is first used: torch alone takes longer than `--help` may.
_HOMES = {
    "read_transcript": "alliance_nlp.formats",
    "read_sessions": "alliance_nlp.formats",
    "Transcript": "alliance_nlp.transcript",
    "Turn": "alliance_nlp.transcript",
    "Marker": "alliance_nlp.transcript",
    "Tagger": "alliance_nlp.tagger",
    "annotate": "alliance_nlp.pipeline",
}

__all__ = ["Marker", "Tagger", "Transcript", "Turn", "annotate", "read_sessions", "read_transcript"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
