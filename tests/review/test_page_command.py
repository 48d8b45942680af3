"""`alliance-nlp review ANNOTATIONS --db FILE` as its users meet it: a real process that prints an address and serves it."""

from __future__ import annotations

import dataclasses
import functools
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from alliance_nlp.evaluation.likeness import NOT_THERAPY
from alliance_nlp.messages import catalogue
from alliance_nlp.record import dumps
from alliance_nlp.review import words
from alliance_nlp.review.store import ReviewStore
from alliance_nlp.transcript import Notice
from tests.review.served import Client, serving, small_session, texts

COMMAND = [sys.executable, "-m", "alliance_nlp.cli", "review"]
TEMPLATES = Path(words.__file__).parent / "templates"


@pytest.fixture
def annotations(tmp_path: Path) -> Path:
    path = tmp_path / "annotations.jsonl"
    path.write_text(dumps(small_session()) + "\n", encoding="utf-8")
    return path


def run(*arguments: object) -> subprocess.CompletedProcess:
    environment = {**os.environ, "LC_ALL": "fr_FR.UTF-8"}
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", env=environment, timeout=120)


@pytest.mark.slow
def test_la_commande_imprime_une_adresse_qui_s_ouvre_et_ctrl_c_l_arrête(annotations, tmp_path):
    arguments = [*COMMAND, str(annotations), "--db", str(tmp_path / "r.sqlite"), "--port", "0", "--reviewer", "R1"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    heeded = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # where tests run in the background it may be ignored
    with subprocess.Popen(arguments, preexec_fn=heeded, **pipes) as process:
        address = process.stdout.readline().strip()
        parts = urlsplit(address)
        assert parts.hostname == "127.0.0.1"
        client = Client(parts.hostname, parts.port)
        client.enter(address)
        assert "seance-7" in client.ask("GET", "/")[2]
        assert client.decide("seance-7", action="accept", turn=2, seen=0, mark="task")[0] == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130 and "Traceback" not in err and "carnet" not in out + err
    assert "GET" not in out + err
    with ReviewStore.open(tmp_path / "r.sqlite") as store:
        assert len(store.decisions("seance-7", "R1")) == 1


@pytest.mark.slow
def test_une_demande_impossible_se_dit_en_une_phrase(annotations, tmp_path):
    database = tmp_path / "r.sqlite"
    for extra, said in (
        (("--host", "0.0.0.0"), "--i-know"),
        (("--reviewer", "Jeanne Dupont"), "code"),
        (("--port", "99999"), "--port"),
    ):
        answer = run(annotations, "--db", database, *extra)
        assert answer.returncode == 2 and said in answer.stderr and "Traceback" not in answer.stderr
    assert not database.exists()


def test_la_page_parle_aussi_anglais(tmp_path):
    with serving(tmp_path / "r.sqlite", small_session(), language="en") as served:
        client = served.client()
        page = texts(client.ask("GET", served.session()[len(served.place.address) - 1 :])[2])
        assert "Accept, then next" in page and "to decide" in page and "Accepter" not in page
        here = served.session()
        _, headers, _ = client.ask("POST", "/language", {"language": "fr"}, {"Referer": here})
        assert here.endswith(headers["location"]) and headers["location"].startswith("/s/")
        for elsewhere in ("https://exemple.fr/s/x", f"{served.place.address}/exemple.fr", ""):
            assert client.ask("POST", "/language", {"language": "fr"}, {"Referer": elsewhere})[1]["location"] == "/"
        assert "Séances à relire" in client.ask("GET", "/")[2]


def test_chaque_mot_des_gabarits_existe():
    known = catalogue("review")
    for path in TEMPLATES.glob("*.j2"):
        source = path.read_text(encoding="utf-8")
        for code in re.findall(r"""r\.say\(\s*["']([a-zA-Z_]+)["']\s*[,)]""", source):
            assert code in known, f"{path.name}: {code}"
        for code in re.findall(r"""r\.count\(\s*["']([a-z_]+)["']""", source):
            assert {f"{code}_one", f"{code}_many"} <= set(known), f"{path.name}: {code}"
    assert {f"do_{name}" for name in words.KEYS} | {f"status_{name}" for name in words.STATUSES} | set(words.SPOKEN) <= set(known)


def test_une_touche_ne_sert_qu_une_fois():
    assert len(set(words.KEYS.values())) == len(words.KEYS)
    assert len({choice.key for choice in words.choices()}) == len(words.choices()) == 7


@pytest.mark.parametrize("blind", [False, True])
def test_what_the_machine_says_of_the_whole_session_is_told_unless_blind(tmp_path, blind):
    warned = dataclasses.replace(small_session(), warnings=(Notice(NOT_THERAPY), Notice("speakers.unknown", params={"example": "x"})))
    with serving(tmp_path / "r.sqlite", warned, blind=blind) as served:
        page = texts(served.client().ask("GET", served.session()[len(served.place.address) - 1 :])[2])
    assert ("ne ressemble pas à une psychothérapie" in page) is not blind
