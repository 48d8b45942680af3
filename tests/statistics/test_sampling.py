"""Turns checked by a plan: what was checked more often counts less, and the corrected rate is that of all turns."""

import dataclasses

import numpy as np
import pytest

from alliance_nlp.errors import ConfigError
from alliance_nlp.review.plan import plan, plan_csv
from alliance_nlp.statistics import corrected_prevalence, count_checked, read_sample
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Speaker, Transcript, Turn

MODEL, ANNE = Origin(OriginKind.MODEL, "m", "1"), Origin(OriginKind.HUMAN, "anne")
SPEAKERS = (Speaker("T", Role.THERAPIST), Speaker("P", Role.PATIENT))
DRAWS = 120  # plans: enough for the mean to be known within a tenth of what the weights change


def population(sessions=14, turns=36, seed=7):
    """Return sessions and, by session, which turns people would mark: half as often as the machine's probability says."""
    rng = np.random.default_rng(seed)
    made, truth = [], {}
    for number in range(sessions):
        odds = rng.beta(0.5, 2.0, turns)
        marks = [(Marker("task", MODEL, probability=float(p)),) if p >= 0.5 else () for p in odds]
        lines = tuple(Turn(k, "TP"[k % 2], "Oui.", markers=m, probabilities={"task": float(p)}) for k, (p, m) in enumerate(zip(odds, marks, strict=True)))
        made.append(Transcript(f"s{number}", lines, SPEAKERS))
        truth[f"s{number}"] = rng.random(turns) < odds / 2
    return made, truth


def checked(sessions, rows, truth):
    """Return the sessions with what people say of the planned turns."""
    places = {(row.session_id, row.turn) for row in rows}

    def said(session, turn):
        if (session.session_id, turn.index) not in places:
            return turn
        markers = (Marker("task", ANNE),) if truth[session.session_id][turn.index] else ()
        return dataclasses.replace(turn, markers=markers, extra={"reviewed_by": ["anne"]})

    return [dataclasses.replace(s, turns=tuple(said(s, turn) for turn in s.turns)) for s in sessions]


def sample_of(tmp_path, rows, sessions):
    path = tmp_path / "plan.csv"
    path.write_text(plan_csv(rows, sessions), encoding="utf-8")
    return read_sample(path)


@pytest.mark.slow
def test_avec_les_poids_du_plan_le_taux_corrigé_est_sans_biais_et_sans_eux_il_est_faux(tmp_path):
    sessions, truth = population()
    right = 100 * np.mean(np.concatenate(list(truth.values())))
    weighted, unweighted, inside = [], [], 0
    for seed in range(DRAWS):
        rows = plan(sessions, 150, seed=seed, random_share=0.4)
        sample, read = sample_of(tmp_path, rows, sessions), checked(sessions, rows, truth)
        sample.check(read)
        found = corrected_prevalence([count_checked(s, checked=sample.chances, inclusion=sample.chances) for s in read], "task")
        weighted.append(found.corrected.value)
        inside += found.corrected.low <= right <= found.corrected.high
        unweighted.append(corrected_prevalence(read, "task").classical.value)
    error = np.std(weighted) / np.sqrt(DRAWS)
    assert abs(np.mean(weighted) - right) < 4 * error
    assert abs(np.mean(unweighted) - right) > 5 and abs(np.mean(unweighted) - right) > 20 * error
    assert inside >= 0.9 * DRAWS


def test_ce_qui_fut_relu_avant_le_plan_compte_pour_lui_même(tmp_path):
    sessions, truth = population(sessions=6, turns=10)
    before = checked(sessions, [row for row in plan(sessions, 60, seed=0) if row.turn < 3], truth)
    rows = plan(before, 12, seed=1, random_share=0.5)
    assert {row.turn for row in rows} <= set(range(3, 10))
    sample = sample_of(tmp_path, rows, before)
    assert all(sample.inclusion[s.session_id][turn] == 1.0 for s in sessions for turn in range(3))
    total = sum(1 / p for table in sample.inclusion.values() for p in table.values())
    assert total == pytest.approx(60)  # the weights stand for every turn of the population


def test_un_plan_à_moitié_lu_ou_d_autres_séances_sont_refusés(tmp_path):
    sessions, truth = population(sessions=6, turns=10)
    rows = plan(sessions, 20, seed=1)
    sample, read = sample_of(tmp_path, rows, sessions), checked(sessions, rows, truth)
    sample.check(read)
    longer = dataclasses.replace(read[0], turns=(*read[0].turns, Turn(10, "P", "Et puis ?")))
    for given, code in (
        (checked(sessions, rows[:-1], truth), "plan_unread"),
        (read[:-1], "plan_missing"),
        ([longer, *read[1:]], "plan_other_session"),
        ([*read, dataclasses.replace(read[0], session_id="z")], "plan_other_session"),
    ):
        with pytest.raises(ConfigError) as caught:
            sample.check(given)
        assert caught.value.code == f"statistics.{code}"
    for text in ("a,b\n1,2\n", plan_csv(rows, sessions).replace(",1,", ",1.5,"), ""):
        path = tmp_path / "autre.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match="autre.csv"):
            read_sample(path)


def test_sur_un_tour_relu_la_marque_de_la_machine_mise_de_côté_se_compte_encore(talk):
    from alliance_nlp.evaluation.reviewed import set_aside

    session = talk("s", "Tt P.")
    turn = dataclasses.replace(session.turns[0], extra={"reviewed_by": ["AB"]})
    aside = dataclasses.replace(session, turns=(set_aside(turn, ()), session.turns[1]))
    sums = count_checked(aside).sums["task"]
    assert (sums.checked, sums.human, sums.machine[1]) == (1, 0, 1)


def test_dans_une_séance_relue_chaque_tour_dit_qui_compte(talk):
    """A settled turn does not silence the human marks of the turns on which all agreed."""
    settled = talk("s", "T./t P./", people=OriginKind.ADJUDICATED).turns[0]
    human = talk("s", "T./ P./b").turns[1]
    turns = tuple(dataclasses.replace(turn, extra={"reviewed_by": ["AB"]}) for turn in (settled, human))
    counted = count_checked(Transcript("s", turns, SPEAKERS))
    assert (counted.sums["task"].human, counted.sums["bond"].human) == (1, 1)
