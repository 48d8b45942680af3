"""Where the real files made by others lie, which are never committed: beside the checkout, or where a variable says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alliance_nlp.formats import read_transcript
from alliance_nlp.transcript import Transcript
from tests.conftest import REPOSITORY


def samples_folder() -> Path:
    given = os.environ.get("ALLIANCE_SAMPLES")
    return Path(given) if given else REPOSITORY.parent / "shared/samples/formats"


def sample(place: str) -> Path:
    """Return a sample's path; the test is skipped where the samples are absent."""
    path = samples_folder() / place
    if not path.is_file():
        pytest.skip("les fichiers d'autrui (ALLIANCE_SAMPLES) ne sont pas sur cette machine")
    return path


def sample_transcript(place: str) -> Transcript:
    return read_transcript(sample(place))


def turns_of(transcript: Transcript) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in transcript.turns]


def codes_of(transcript: Transcript) -> list[str]:
    return [notice.code for notice in transcript.warnings]
