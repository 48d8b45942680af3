"""kill −9 at random moments: every decision that was acknowledged is there."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from alliance_nlp.review.store import ReviewStore

WRITER = """
import sys
from alliance_nlp.review.store import ReviewStore
with ReviewStore.open(sys.argv[1]) as store:
    for k in range(100000):
        made = store.decide("s1", k % 6, sys.argv[2], "comment", comment="x" * (k % 50 + 1), seen=0)
        print(made.sequence, flush=True)
"""


@pytest.mark.slow
def test_tué_cinquante_fois_rien_de_ce_qui_fut_confirmé_ne_manque(store, tmp_path):
    path, chance, acknowledged = tmp_path / "relecture.sqlite", random.Random(7), []
    for number in range(50):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path), f"r{number}"], stdout=subprocess.PIPE, text=True)
        first = process.stdout.readline()  # it writes now
        time.sleep(chance.random() * 0.05)
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read().splitlines(keepends=True)
        process.wait()
        process.stdout.close()
        whole = [line for line in [first, *rest] if line.endswith("\n")]
        acknowledged += [(f"r{number}", int(line)) for line in whole]
    with ReviewStore.open(path) as again:
        stored = {(decision.reviewer, decision.sequence) for decision in again.decisions("s1")}
        assert again.database.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(acknowledged) > 100 and set(acknowledged) <= stored
    assert sorted(sequence for _, sequence in stored) == list(range(1, len(stored) + 1))
    assert len(stored) - len(acknowledged) <= 50  # at most the one under way at each kill
