"""Groups of sessions named in the metadata."""

import dataclasses

import numpy as np
import pytest

from alliance_nlp.statistics import MIN_CLUSTERS, compare_groups, count_session
from alliance_nlp.statistics.groups import _studentised, deal_levels, difference_estimate, holm, paired_table, permutation_p

SOME, MANY = "Tt P. T. P. T. P.", "Tt Pt Tt P. T. P."


def corpus(talk, levels, texts=(SOME, MANY)):
    """Return sessions: ``levels`` maps a level to how many sessions it has; the first level talks as the first text."""
    found = []
    for (level, count), text in zip(levels.items(), texts, strict=False):
        found += [talk(f"{level}{n}", text + " T. P." * (n % 3), cadre=level) for n in range(count)]
    return found


def row(comparison, name):
    return next(entry for entry in comparison.differences if entry.name == name)


def test_deux_groupes_nettement_differents_le_sont(talk):
    found = compare_groups(corpus(talk, {"CMP": 12, "libéral": 11}), "cadre", draws=500)
    task = row(found, "task")
    assert (task.first, task.second) == ("CMP", "libéral")
    assert task.difference.low > 0 and task.bootstrap.low > 0 and task.p < 0.01 and task.p_holm < 0.05
    rates = [{r.name: r for r in level.rates}["task"].per_100_turns for level in found.levels]
    assert task.difference.value == pytest.approx(rates[1] - rates[0])
    assert row(found, "bond").difference.value == 0 and row(found, "bond").p == 1
    assert row(found, "bond").difference.low < 0 < row(found, "bond").difference.high  # jamais vu n'est pas « égal »


def test_deux_groupes_pareils_ne_different_en_rien(talk):
    sessions = corpus(talk, {"CMP": 9, "libéral": 9}, (SOME, SOME))
    for entry in compare_groups(sessions, "cadre", draws=200).differences:
        assert entry.difference.low <= 0 <= entry.difference.high and entry.p > 0.5


def test_un_groupe_trop_petit_est_montre_mais_jamais_compare(talk):
    sessions = corpus(talk, {"CMP": 5, "libéral": 4, "visio": MIN_CLUSTERS - 1}, (SOME, MANY, MANY))
    found = compare_groups(sessions, "cadre", draws=100)
    assert [level.level for level in found.levels] == ["CMP", "libéral", "visio"]
    assert found.not_compared == ("visio",) and not found.levels[2].compared
    assert {(entry.first, entry.second) for entry in found.differences} == {("CMP", "libéral")}


def test_six_seances_d_une_dyade_ne_font_pas_un_groupe(talk):
    sessions = [dataclasses.replace(s, metadata={**s.metadata, "dyad_id": "d1"}) for s in corpus(talk, {"CMP": 6})]
    found = compare_groups([*sessions, *corpus(talk, {"libéral": 6})], "cadre", draws=50)
    assert found.not_compared == ("CMP",) and found.differences == ()


def test_au_dela_de_quatre_groupes_chacun_contre_le_premier(talk):
    levels = {letter: 8 - place for place, letter in enumerate("abcde")}
    found = compare_groups(corpus(talk, levels, [SOME] * 5), "cadre", draws=50)
    assert not found.all_pairs and {(d.first, d.second) for d in found.differences} == {("a", b) for b in "bcde"}


def test_sans_la_cle_une_seance_est_inconnue(talk):
    found = compare_groups([talk("x", SOME), talk("y", SOME, cadre=" "), *corpus(talk, {"CMP": 3})], "cadre", draws=50)
    assert found.unknown == 2 and found.differences == () and compare_groups([], "cadre").levels == ()


def test_une_dyade_vue_dans_les_deux_groupes_est_comparee_a_elle_meme(talk):
    """Chaque dyade a son propre niveau, très différent, et gagne autant d'une phase à l'autre : l'appariement le voit."""
    sessions = []
    for n in range(8):
        base = "Tt " * (n + 1)
        sessions.append(talk(f"a{n}", base + "T. " * (19 - n), dyad_id=f"d{n}", phase="début"))
        sessions.append(talk(f"b{n}", base + "Tt Tt " + "T. " * (17 - n), dyad_id=f"d{n}", phase="fin"))
    found = compare_groups(sessions, "phase", draws=400)
    assert found.shared_clusters == 8
    task = row(found, "task")
    assert task.difference.value == pytest.approx(10) and task.difference.low == pytest.approx(10) and task.p < 0.02
    apart = [dataclasses.replace(s, metadata={"phase": s.metadata["phase"]}) for s in sessions]
    assert row(compare_groups(apart, "phase", draws=400), "task").difference.low < 0


def test_la_difference_est_celle_de_welch_quand_un_groupe_est_un_tour():
    stats = pytest.importorskip("scipy.stats")
    a, b = np.array([1.0, 0, 0, 0, 1, 0, 0]), np.array([1.0, 1, 0, 1, 1])
    pair = np.concatenate([np.hstack([np.stack([a, np.ones(7)]), np.zeros((2, 5))]),
                           np.hstack([np.zeros((2, 7)), np.stack([b, np.ones(5)])])])  # fmt: skip
    found, oracle = difference_estimate(pair), stats.ttest_ind(b, a, equal_var=False)
    interval, expected = found.interval(), oracle.confidence_interval()
    assert found.freedom == pytest.approx(oracle.df)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), rel=1e-8)


def test_la_permutation_compte_toutes_les_donnes():
    """Trois groupes contre trois, tout d'un côté : 2 donnes sur 20 sont aussi extrêmes."""
    pair = np.array([[5.0, 6, 7, 0, 0, 0], [10, 10, 10, 0, 0, 0], [0, 0, 0, 1, 2, 3], [0, 0, 0, 10, 10, 10]])
    assert permutation_p(pair, deal_levels(pair[[1, 3]] > 0, draws=4000, rng=np.random.default_rng(1))) == pytest.approx(0.1, abs=0.02)


def test_la_correction_de_holm_a_la_main():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == [] and holm([0.9, 0.8]) == [1.0, 1.0]


def test_la_table_met_une_dyade_sur_une_colonne(talk):
    counts = [count_session(talk("a", "Tt P.", dyad_id="d")), count_session(talk("b", "Tt Pt T.", dyad_id="d"))]
    assert paired_table(counts[:1], counts[1:], "task").tolist() == [[1.0], [2.0], [2.0], [3.0]]


def test_le_tout_va_en_json(talk):
    import json

    found = compare_groups(corpus(talk, {"CMP": 4, "libéral": 4}), "cadre", draws=50)
    assert json.loads(json.dumps(found.as_dict()))["levels"][0]["rates"][0]["name"] == "goal"


def test_le_t_de_la_permutation_est_le_meme_par_le_long_chemin():
    """Trois clusters d'un côté, trois de l'autre, un des deux : les sommes rendent le calcul groupe par groupe."""
    pair = np.array([[5.0, 6, 7, 0, 0, 0, 4], [10, 12, 10, 0, 0, 0, 9], [0, 0, 0, 1, 2, 3, 2], [0, 0, 0, 10, 9, 10, 8]])
    dealt = deal_levels(pair[[1, 3]] > 0, draws=20, rng=np.random.default_rng(2))
    for place, found in enumerate(_studentised(pair, dealt)):
        sides = np.zeros((2, 2, 7))  # niveau, (marqués, possibles), groupe
        for g in range(7):
            own, other = (pair[:2, g], pair[2:, g]) if pair[1, g] else (pair[2:, g], 0)
            level = 0 if dealt[place, g] else 1
            sides[level, :, g], sides[1 - level, :, g] = own, other
        share = sides[:, 0].sum(axis=1) / sides[:, 1].sum(axis=1)
        residual = np.zeros(7)
        for level, sign in ((0, -1), (1, 1)):
            count = (sides[level, 1] > 0).sum()
            residual += sign * (count / (count - 1)) ** 0.5 * (sides[level, 0] - share[level] * sides[level, 1]) / sides[level, 1].sum()
        assert found == pytest.approx((share[1] - share[0]) / (residual**2).sum() ** 0.5)


def test_une_dyade_des_deux_groupes_sans_tour_possible_dans_le_premier_compte_dans_le_second():
    rng = np.random.default_rng(3)
    eligible = np.full(10, 40.0)
    marked = np.array([2, 3, 2, 4, 3, 14, 16, 15, 13, 15], dtype=float)
    none = np.zeros(10)
    first = np.arange(10) < 5
    pair = np.stack([np.where(first, marked, none), np.where(first, eligible, none), np.where(first, none, marked), np.where(first, none, eligible)])
    dealt = np.stack([first, *(rng.permutation(first) for _ in range(400))])
    expected = permutation_p(pair, dealt)
    turned = dealt.copy()
    turned[:, 7] = ~turned[:, 7]  # dealt by membership: said to be of the first level, where it has no turn
    assert expected < 0.05 and permutation_p(pair, turned) == pytest.approx(expected)
