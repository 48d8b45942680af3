"""The review page served in a thread on a free loopback port, over a small session whose right answers are evident."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import uvicorn

from alliance_nlp.review.access import Access
from alliance_nlp.review.app import create_app
from alliance_nlp.review.pages import session_key
from alliance_nlp.review.security import Place
from alliance_nlp.review.server import bind, server_config, token_address
from alliance_nlp.review.store import ReviewStore
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Source, Span, Speaker, Transcript, Turn

MODEL = Origin(OriginKind.MODEL, "modele-essai", "1.0")


def turn(index: int, speaker: str, text: str, *marks: tuple[str, tuple[str, ...], float, str], doubtful: bool = False) -> Turn:
    """Return a turn; a mark is (label, types, probability, words it rests on)."""
    markers = tuple(
        Marker(label, MODEL, types=types, probability=p, spans=(Span(text.index(words), text.index(words) + len(words)),))
        for label, types, p, words in marks
    )
    scores = dict.fromkeys(("goal", "task", "bond", "rupture", "repair"), 0.02) | {m.label: m.probability for m in markers}
    return Turn(index, speaker, text, markers=markers, probabilities=scores, needs_review=doubtful)


def small_session(session_id: str = "seance-7", attack: str = "Hm hm.") -> Transcript:
    """Return eight turns, five of them marked by the machine."""
    turns = (
        turn(0, "T", "Bonjour, on en était à votre semaine."),
        turn(1, "P", "Ben, comme d’habitude. Le chien, le travail, la pluie."),
        turn(2, "T", "On regarde le carnet ensemble, ça vous va ?", ("task", (), 0.97, "On regarde le carnet ensemble")),
        turn(3, "P", "Le carnet, le carnet… à quoi ça sert ?", ("rupture", ("confrontation",), 0.55, "à quoi ça sert"), doubtful=True),
        turn(4, "T", "J’ai l’impression d’insister. Qu’est-ce qui vous pèse ?", ("repair", (), 0.91, "J’ai l’impression d’insister")),
        turn(5, "P", "😀 J’ai peur de mal faire. À vous, j’ose le dire.", ("bond", (), 0.88, "À vous, j’ose le dire"), ("goal", (), 0.52, "mal faire")),
        turn(6, "T", attack),
        turn(7, "P", "D’accord, je note le soir seulement.", ("task", (), 0.93, "je note le soir")),
    )
    speakers = (Speaker("T", Role.THERAPIST), Speaker("P", Role.PATIENT))
    return Transcript(session_id, turns, speakers, source=Source(f"{session_id}.txt", "text", "0" * 64))


def long_session(turns: int, session_id: str = "longue") -> Transcript:
    """Return a session of many turns, a quarter of them marked."""
    lines = []
    for index in range(turns):
        who = "TP"[index % 2]
        words = f"Nous parlons ici du tour numéro {index}, avec quelques mots de plus pour la longueur."
        lines.append(turn(index, who, words, *([("task", (), 0.9, "quelques mots")] if index % 4 == 0 else [])))
    return dataclasses.replace(small_session(session_id), turns=tuple(lines))


@dataclass
class Client:
    """A browser without a page: keeps its cookie, says where it comes from."""

    host: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, form: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        """Return status, headers and body; a header given as an empty string is left out."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        given = {"Origin": f"http://{self.host}:{self.port}"} if method == "POST" else {}
        given |= {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        given |= {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        given |= headers or {}
        body = urlencode(form, doseq=True) if form is not None else None
        connection.request(method, path, body, {name: value for name, value in given.items() if value})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        found = {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        return answer.status, found, text

    def enter(self, address: str) -> None:
        """Come in with a printed address."""
        parts = urlsplit(address)
        assert self.ask("GET", f"{parts.path}?{parts.query}")[0] == 303

    def decide(self, session_id: str, **fields: object) -> tuple[int, dict]:
        """Send a decision as the script does; return status and answer."""
        path = f"/s/{session_key(session_id)}/decide"
        status, _, text = self.ask("POST", path, fields, {"Accept": "application/json"})
        return status, json.loads(text)


@dataclass(frozen=True)
class Served:
    """A page that is being served."""

    store: ReviewStore
    access: Access
    place: Place

    def address(self, reviewer: str = "") -> str:
        """Return an address with a fresh token."""
        return token_address(self.access, self.place, reviewer)

    def client(self, reviewer: str = "R1") -> Client:
        """Return a client that has come in."""
        client = Client(self.place.host, self.place.port)
        client.enter(self.address(reviewer))
        return client

    def session(self, session_id: str = "seance-7", *, tail: str = "") -> str:
        """Return a session's address."""
        return f"{self.place.address}s/{session_key(session_id)}{tail}"


@contextlib.contextmanager
def serving(
    path: Path, *transcripts: Transcript, blind: bool = False, language: str = "fr", passwords: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Serve the page of some sessions on a free loopback port until the block ends."""
    with ReviewStore.open(path) as store:
        store.add_sessions(transcripts)
        listening = bind("127.0.0.1", 0)
        place = Place("127.0.0.1", listening.getsockname()[1])
        access = Access(language=language, passwords=passwords)
        app = create_app(store, access, place, blind=blind, language=language)
        server = uvicorn.Server(server_config(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            deadline = time.monotonic() + 20
            while not server.started and time.monotonic() < deadline:
                time.sleep(0.01)
            assert server.started
            yield Served(store, access, place)
        finally:
            server.should_exit = True
            thread.join(20)
            listening.close()


def texts(html: str) -> str:
    """Return what a page says, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
