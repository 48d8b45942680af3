"""The session's smoothed densities and phases as geometry, on the time line's own width.

In: a session's patterns, the edges of its turns and the marks that the model does not doubt.  Out: :class:`Curves`,
for ``templates/density.svg.j2`` to draw: agreement goes up from the middle line, tension (rupture) down from it, so
that neither is told by colour alone.  Left out: words and colours.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from alliance_nlp.patterns import AGREEMENT, SessionPatterns, smooth
from alliance_nlp.report.drawings import LEFT, RIGHT, WIDTH

TENSION = frozenset({"rupture"})
TOP = 24.0  # the phases' names
PANEL = 58.0
FOOT = 6.0
SCALES = (0.2, 0.4, 0.6, 0.8, 1.0)  # share at a panel's edge: the smallest that holds both curves, so both compare
SAMPLES = 12  # rows of the table behind the drawing: one every twelfth of the session
MAX_POINTS = 500  # of a path: more than a screen is wide enough to show
NAME_ROOM = 62.0  # a phase narrower than its name goes without


@dataclass(frozen=True, slots=True)
class Density:
    """One family's smoothed share, a number a turn; ``sure`` leaves out what the model doubts, None without doubt."""

    name: str
    shares: tuple[float, ...]
    sure: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Curve:
    """One density as drawn: ``area`` closed on the middle line, ``line`` on top of it, ``sure_line`` dashed."""

    name: str
    area: str
    line: str
    sure_line: str | None
    edge_y: float


@dataclass(frozen=True, slots=True)
class PhaseBand:
    """One phase from ``x1`` to ``x2``; ``named`` is False where it is too narrow for its name."""

    number: int
    x1: float
    x2: float
    named: bool


@dataclass(frozen=True, slots=True)
class Curves:
    """The drawing.  ``scale`` is the share at the panels' edges; ``samples`` are the turns of the table behind it."""

    height: float
    middle_y: float
    scale: float
    curves: tuple[Curve, ...]
    bands: tuple[PhaseBand, ...]
    densities: tuple[Density, ...]
    samples: tuple[int, ...]
    top: float = TOP
    width: float = WIDTH
    left: float = LEFT
    right: float = RIGHT


def densities_of(
    labels: Sequence[Collection[str]], sure_labels: Mapping[int, Collection[str]] | None
) -> tuple[Density, ...]:
    """Return agreement and tension from each turn's labels; ``sure_labels`` are those not doubted, by turn index."""
    found = []
    for name, family in (("agreement", AGREEMENT), ("tension", TENSION)):
        sure = None
        if sure_labels is not None:
            sure = smooth([bool(family & set(sure_labels[index])) for index in range(len(labels))])
        found.append(Density(name, smooth([bool(family & set(own)) for own in labels]), sure))
    return tuple(found)


def draw_curves(
    patterns: SessionPatterns, edges: Sequence[tuple[float, float]], densities: tuple[Density, ...]
) -> Curves | None:
    """Return the drawing, None for a session without a turn."""
    if not edges:
        return None
    highest = max(share for density in densities for share in density.shares)
    scale = next(scale for scale in SCALES if highest <= scale + 1e-9)
    middle_y = TOP + PANEL
    up, down = (_curve(density, edges, middle_y, sign * PANEL / scale) for density, sign in zip(densities, (-1, 1)))
    return Curves(
        height=middle_y + PANEL + FOOT,
        middle_y=middle_y,
        scale=scale,
        curves=(up, down),
        bands=tuple(
            PhaseBand(phase.number, round(x1, 2), round(x2, 2), x2 - x1 > NAME_ROOM)
            for phase in patterns.phases
            for x1, x2 in [(edges[phase.first][0], edges[phase.last][1])]
        ),
        densities=densities,
        samples=sample(len(edges), SAMPLES),
    )


def sample(turns: int, count: int) -> tuple[int, ...]:
    """Return at most ``count`` turn indices, evenly apart, the first and the last among them.

    >>> sample(100, 4)
    (0, 33, 66, 99)
    """
    if turns <= count:
        return tuple(range(turns))
    return tuple(round(place * (turns - 1) / (count - 1)) for place in range(count))


def _curve(density: Density, edges: Sequence[tuple[float, float]], middle_y: float, factor: float) -> Curve:
    line = _line(density.shares, edges, middle_y, factor)
    return Curve(
        name=density.name,
        area=f"{line}V{middle_y:.1f}H{LEFT:.1f}Z",
        line=line,
        sure_line=None if density.sure is None else _line(density.sure, edges, middle_y, factor),
        edge_y=middle_y + (PANEL if factor > 0 else -PANEL),
    )


def _line(shares: Sequence[float], edges: Sequence[tuple[float, float]], middle_y: float, factor: float) -> str:
    """Return the path through each turn's middle, level from the drawing's edge to the first and from the last."""
    chosen = sample(len(edges), MAX_POINTS)
    points = [(LEFT, shares[0])]
    points += [((edges[index][0] + edges[index][1]) / 2, shares[index]) for index in chosen]
    points.append((RIGHT, shares[-1]))
    return "M" + "L".join(f"{x:.1f} {middle_y + factor * share:.1f}" for x, share in points)
