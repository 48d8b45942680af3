"""Twenty reviewers decide two hundred times each at once, on loopback: is every decision there, and how long does one take?

    python benchmarks/review_load.py [--reviewers 20] [--decisions 200]

Serves the page in this process over a fresh database and a made-up session; prints the count and quantiles of the answers'
times.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.review.served import Served, long_session, serving  # noqa: E402

TURNS = 400


def one_reviewer(served: Served, code: str, decisions: int) -> list[float]:
    """Decide as the page does, each decision on the answer of the one before; return seconds for each answer."""
    client, seen, times = served.client(code), {}, []
    for number in range(decisions):
        turn = 4 * number % TURNS
        action = "accept" if turn not in seen else "reject"
        began = time.perf_counter()
        status, answer = client.decide("longue", action=action, turn=turn, seen=seen.get(turn, 0), mark="task", part=0)
        times.append(time.perf_counter() - began)
        assert status == 200, answer
        seen[turn] = int(answer["turns"][str(turn)].partition('data-seq="')[2].partition('"')[0])
    return times


def run(path: Path, *, reviewers: int, decisions: int) -> tuple[int, list[float]]:
    """Return how many decisions the store holds afterwards, and the sorted times of all answers (s)."""
    codes = [f"R{number:02d}" for number in range(1, reviewers + 1)]
    with serving(path, long_session(TURNS)) as served:
        with ThreadPoolExecutor(reviewers) as pool:
            times = [t for part in pool.map(lambda code: one_reviewer(served, code, decisions), codes) for t in part]
        return len(served.store.decisions("longue")), sorted(times)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviewers", type=int, default=20)
    parser.add_argument("--decisions", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        kept, times = run(Path(folder) / "load.sqlite", reviewers=given.reviewers, decisions=given.decisions)
    print(f"asked {given.reviewers * given.decisions}, kept {kept}, {time.perf_counter() - began:.1f} s in all")
    for share in (0.5, 0.95, 0.99):
        print(f"{share:.0%} of answers within {1000 * times[int(share * (len(times) - 1))]:.0f} ms")


if __name__ == "__main__":
    main()
