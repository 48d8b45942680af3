"""`report --plan`: the corpus page's corrected rates weigh the reviewed turns by the plan."""

import csv

import pytest

from alliance_nlp.batch.inputs import InputFile
from alliance_nlp.batch.reports import ReportSettings, write_reports
from alliance_nlp.errors import ConfigError
from alliance_nlp.record import dumps
from alliance_nlp.review.plan import plan, plan_csv
from alliance_nlp.statistics import corrected_prevalence, count_checked, read_sample
from tests.statistics.test_sampling import checked, population


def inputs(path, sessions):
    path.write_text("".join(dumps(session) + "\n" for session in sessions), encoding="utf-8")
    return [InputFile(path, path.name)]


def test_la_page_du_corpus_pèse_les_tours_relus_par_le_plan(tmp_path):
    sessions, truth = population(sessions=8, turns=15)
    rows = plan(sessions, 50, seed=3, random_share=0.4)
    (tmp_path / "plan.csv").write_text(plan_csv(rows, sessions), encoding="utf-8")
    sample, read = read_sample(tmp_path / "plan.csv"), checked(sessions, rows, truth)
    given = inputs(tmp_path / "relues.jsonl", read)
    write_reports(given, tmp_path / "out", ReportSettings(sample=sample))
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert "Horvitz et Thompson" in page and "tirés au hasard" not in page.partition('id="corrige"')[2].partition("</section>")[0]
    with (tmp_path / "out/tables/corrected.csv").open(encoding="utf-8-sig", newline="") as stream:
        (task,) = [row for row in csv.DictReader(stream) if row["label"] == "task"]
    found = corrected_prevalence([count_checked(s, checked=sample.chances, inclusion=sample.chances) for s in read], "task")
    assert float(task["corrected"]) == pytest.approx(found.corrected.value, abs=1e-3)
    plain = corrected_prevalence(read, "task")
    assert abs(plain.classical.value - found.classical.value) > 1
    with pytest.raises(ConfigError):
        write_reports(inputs(tmp_path / "une-de-moins.jsonl", read[:-1]), tmp_path / "out-2", ReportSettings(sample=sample))
    assert not (tmp_path / "out-2/index.html").exists()
