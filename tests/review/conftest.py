"""Small sessions as a machine would have marked them, and a store of one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from alliance_nlp.review.store import ReviewStore
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Span, Speaker, Transcript, Turn

MACHINE = Origin(OriginKind.MODEL, "petit-modèle", "1")
LINES = (
    ("T", "On reprend le carnet ensemble, ça vous va ?", {"task": 0.9}),
    ("P", "Oui, d'accord.", {"task": 0.7}),
    ("T", "Hm hm.", {}),
    ("P", "Bon, si vous voulez, c'est vous le spécialiste.", {"rupture": 0.6}),
    ("T", "Je suis allé trop vite, je crois.", {"repair": 0.8}),
    ("P", "Oui.", {}),
)


def marked(text: str, given: dict[str, float]) -> tuple[Marker, ...]:
    """Return one machine marker a label, shown by the turn's first word."""
    end = len(text.split()[0])
    return tuple(
        Marker(label, MACHINE, types=("withdrawal",) if label == "rupture" else (), probability=p, spans=(Span(0, end),))
        for label, p in given.items()
    )


def machine_session(*lines: tuple[str, str, dict[str, float]], session_id: str = "s1", sha256: str = "a" * 64) -> Transcript:
    """Return a session of (speaker, text, {label: probability}) with the machine's markers and probabilities."""
    turns = tuple(
        Turn(
            index=k,
            speaker=speaker,
            text=text,
            markers=marked(text, given),
            probabilities={"goal": 0.01, "task": 0.02, "bond": 0.03, "rupture": 0.04, "repair": 0.05} | given,
        )
        for k, (speaker, text, given) in enumerate(lines)
    )
    session = Transcript(session_id, turns, (Speaker("T", Role.THERAPIST), Speaker("P", Role.PATIENT)))
    return dataclasses.replace(session, source=dataclasses.replace(session.source, file=f"{session_id}.txt", sha256=sha256))


@pytest.fixture
def session() -> Transcript:
    return machine_session(*LINES)


@pytest.fixture
def open_store(tmp_path: Path):
    """Return a function that opens the test's database; every store is closed at the end."""
    opened: list[ReviewStore] = []

    def build(name: str = "relecture.sqlite", **more) -> ReviewStore:
        opened.append(ReviewStore.open(tmp_path / name, **more))
        return opened[-1]

    yield build
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., ReviewStore], session: Transcript) -> ReviewStore:
    """Return a store that holds the session."""
    store = open_store()
    store.add_sessions([session])
    return store
