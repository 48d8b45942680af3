"""The smoothed share: a mean that moves, true at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_nlp.patterns import KERNEL_TURNS, smooth


def test_une_part_constante_reste_constante_jusqu_aux_bords():
    assert smooth([True] * 12) == pytest.approx([1.0] * 12)
    assert smooth([False] * 12) == (0.0,) * 12
    assert smooth([]) == ()


def test_un_seul_tour_marque_fait_une_bosse_a_sa_place():
    marked = [False] * 61
    marked[30] = True
    curve = smooth(marked)
    assert max(curve) == curve[30]
    assert curve[20] == pytest.approx(curve[40])
    assert curve[30 + int(KERNEL_TURNS)] / curve[30] == pytest.approx(np.exp(-0.5), abs=0.01)


def test_la_formule_calculee_a_la_main():
    """Three turns, kernel of one turn: weights 1, e^-1/2, e^-2."""
    near, far = np.exp(-0.5), np.exp(-2.0)
    first, middle, last = smooth([True, False, False], width=1.0)
    assert first == pytest.approx(1 / (1 + near + far))
    assert middle == pytest.approx(near / (1 + 2 * near))
    assert last == pytest.approx(far / (1 + near + far))


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_une_part_par_tour_entre_zero_et_un(marked):
    curve = smooth(marked)
    assert len(curve) == len(marked)
    assert all(0.0 <= share <= 1.0 for share in curve)
    assert smooth(marked[::-1]) == pytest.approx(curve[::-1])
