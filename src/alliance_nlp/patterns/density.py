"""Smoothed density: the share of turns that carry a marker, turn by turn along the session.

In: one yes or no a turn.  Out: one share a turn, in [0, 1].  The curve is the Nadaraya-Watson estimate (Nadaraya,
1964; Watson, 1964) with a Gaussian kernel over turns.  Near the first and the last turn the kernel has fewer turns to
weigh; dividing by the weights that are really there keeps a constant share constant up to the edge (Wand & Jones,
1995, *Kernel Smoothing*, section 5.5), though the curve is less certain there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

KERNEL_TURNS = 5.0  # standard deviation: half an episode's gap, so two exchanges count and a third of a session does not
KERNEL_REACH = 4  # standard deviations; what lies beyond weighs less than one thousandth


def smooth(marked: Sequence[bool], *, width: float = KERNEL_TURNS) -> tuple[float, ...]:
    """Return the smoothed share of marked turns at each turn; ``width`` is the kernel's deviation in turns.

    >>> smooth([True, True, True])
    (1.0, 1.0, 1.0)
    """
    if not marked:
        return ()
    reach = int(np.ceil(KERNEL_REACH * width))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    inside = slice(reach, reach + len(marked))
    weights = np.convolve(np.ones(len(marked)), kernel)[inside]
    shares = np.convolve(np.asarray(marked, dtype=float), kernel)[inside] / weights
    return tuple(min(max(float(share), 0.0), 1.0) for share in shares)
