"""Several reviewers at once: nothing that was acknowledged is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from benchmarks.review_load import run
from tests.review.served import serving, small_session


def test_cinq_relecteurs_à_la_fois_ne_perdent_rien(tmp_path):
    kept, times = run(tmp_path / "r.sqlite", reviewers=5, decisions=20)
    assert kept == len(times) == 100


def test_deux_fenêtres_au_même_instant_une_seule_l_emporte_et_l_autre_le_sait(tmp_path):
    with serving(tmp_path / "r.sqlite", small_session()) as served:
        clients = [served.client("R1") for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda c: c.decide("seance-7", action="accept", turn=2, seen=0, mark="task"), clients))
        assert sorted(status for status, _ in answers) == [200] + [409] * 7
        assert len(served.store.decisions("seance-7")) == 1
        assert all('data-status="accepted"' in answer["turns"]["2"] for _, answer in answers)
