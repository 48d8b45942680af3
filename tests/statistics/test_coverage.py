"""The 95 % intervals hold the truth about 95 times in 100: a small version of benchmarks/coverage.py."""

import numpy as np
import pytest

from benchmarks import coverage

pytestmark = pytest.mark.slow
REPLICATES = 600  # standard error of a coverage of 95 %: 0.9 points
LEAST, MOST = 0.905, 0.985  # 93–97 % give or take two to three of those errors


@pytest.mark.parametrize(("size", "kind"), [(10, coverage.COMMON), (40, coverage.COMMON), (40, coverage.RARE)])
def test_les_taux_couvrent(size, kind):
    (own,) = coverage.rate_rows(np.random.default_rng(3), REPLICATES, size, kind, plain=False)
    assert LEAST <= own.coverage <= MOST


def test_le_tirage_simple_est_trop_etroit_a_dix_seances():
    own, plain = coverage.rate_rows(np.random.default_rng(3), REPLICATES, 10, coverage.RARE)
    assert plain.coverage < 0.90 < own.coverage


@pytest.mark.parametrize(("first", "second"), [(5, 5), (10, 40)])
def test_les_differences_couvrent(first, second):
    (own,) = coverage.difference_rows(np.random.default_rng(4), REPLICATES, first, second, plain=False)
    assert LEAST <= own.coverage <= MOST


@pytest.mark.parametrize("sizes", [(5, 20), (20, 100)])
def test_les_estimations_corrigees_couvrent_quand_la_machine_se_trompe(sizes):
    own, _, machine = coverage.corrected_rows(np.random.default_rng(5), REPLICATES, sizes, coverage.RARE)
    assert LEAST <= own.coverage <= MOST
    assert machine.coverage < 0.5  # la machine crue sur parole, elle, n'y est pas


def test_les_differences_corrigees_couvrent():
    assert LEAST <= coverage.corrected_difference_row(np.random.default_rng(6), REPLICATES, (10, 40)).coverage <= MOST


def test_des_tours_disperses_couvrent():
    for row in coverage.scattered_rows(np.random.default_rng(7), REPLICATES, 40):
        assert LEAST <= row.coverage <= MOST, row


def test_la_permutation_ne_se_trompe_pas_plus_souvent_que_promis():
    assert coverage.permutation_error(np.random.default_rng(8), 300, 10, 10) < 0.085  # 5 % et trois erreurs types
