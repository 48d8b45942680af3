"""The drawings of the corpus pages as geometry: rates with intervals, spreads over sessions, courses of dyads.

In: finished words and numbers.  Out: :class:`~alliance_nlp.report.canvas.Drawing`.  Every axis of rates begins
at 0; one scale serves all rows of a drawing, so that lengths may be compared (the panels of a course have one each).  Labels are told by name and
shape, never by colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alliance_nlp.labels import default_label_set
from alliance_nlp.report.canvas import GROUND, INK, RULE, SOFT, Box, Drawing, Item, Sign, Stroke, Words

WIDTH = 760.0
LEFT, RIGHT = 180.0, 590.0  # names left, numbers right of the axis
ROW, GAP = 21.0, 9.0
TOP, AXIS = 12.0, 46.0
POINTS = 80  # sessions: up to so many each is a point, beyond that they would hide one another


@dataclass(frozen=True, slots=True)
class Paint:
    """How a label is drawn: its shape and colours in ``labels.toml``."""

    shape: str
    fill: str
    ink: str


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One estimate with its interval; None where there is none.  ``head`` opens a group of rows."""

    name: str
    paint: Paint
    value: float | None
    interval: tuple[float, float] | None
    shown: str
    head: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """The values of one quantity over sessions: all of them, and their five quantiles (0, 25, 50, 75, 100 %)."""

    name: str
    paint: Paint
    values: tuple[float, ...]
    quantiles: tuple[float, float, float, float, float]
    shown: str


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """One session of a dyad: its value, its interval; None where no turn could be counted."""

    value: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class CourseSpan:
    """A dip and its return: places of the first, the lowest and the return session (None: no return), its name."""

    first: int
    lowest: int
    back: int | None
    name: str


@dataclass(frozen=True, slots=True)
class CoursePanel:
    """One quantity through the sessions of a dyad."""

    name: str
    paint: Paint
    points: tuple[CoursePoint, ...]
    spans: tuple[CourseSpan, ...] = ()


def paint_of(name: str) -> Paint:
    """Return how a label or a rupture type is drawn."""
    label_set = default_label_set()
    if name in label_set.type_ids:
        owner = label_set.owner(name)
        shape = next(kind.shape for kind in owner.types if kind.id == name)
        return Paint(shape, owner.colour, owner.text_colour)
    label = label_set[name]
    return Paint(label.shape, label.colour, label.text_colour)


def nice_ticks(low: float, high: float, *, wanted: int = 6) -> list[float]:
    """Return round values from at most ``low`` to at least ``high`` (Heckbert 1990, Graphics Gems, nice numbers).

    >>> nice_ticks(0, 23)
    [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]
    """
    span = (high - low) or 1.0
    raw = span / (wanted - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if raw <= factor * power * (1 + 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(place * step, 10) for place in range(first, last + 1)]


# ----------------------------------------------------------------------------- rows with intervals


def interval_chart(
    name: str, rows: Sequence[IntervalRow], *, title: str, description: str, axis: str, tick: Callable[[float], str]
) -> Drawing:
    """Return estimates as signs on one scale, each with its interval, the numbers in print at the right."""
    bounds = [bound for row in rows for bound in (*(row.interval or ()), row.value) if bound is not None]
    ticks = nice_ticks(min([0.0, *bounds]), max([1.0, *bounds]))
    place = _scale(ticks, LEFT, RIGHT)
    bottom = TOP + len(rows) * ROW + GAP * sum(row.head for row in rows[1:])
    items: list[Item] = _axis(ticks, place, top=TOP, bottom=bottom, title=axis, tick=tick)
    y = TOP + ROW / 2
    for number, row in enumerate(rows):
        y += GAP if row.head and number else 0.0
        items += _interval_row(row, y, place)
        y += ROW
    return Drawing(name, title, description, WIDTH, bottom + AXIS, tuple(items))


def _interval_row(row: IntervalRow, y: float, place: Callable[[float], float]) -> list[Item]:
    items: list[Item] = [Words(LEFT - 12, y, row.name, "end", ink=row.paint.ink if row.bold else INK, bold=row.bold)]
    if row.interval:
        low, high = (place(bound) for bound in row.interval)
        items += [
            Stroke(((low, y), (high, y)), row.paint.ink, 1.6),
            Stroke(((low, y - 4), (low, y + 4)), row.paint.ink, 1.6),
            Stroke(((high, y - 4), (high, y + 4)), row.paint.ink, 1.6),
        ]
    if row.value is not None:
        items.append(Sign(row.paint.shape, place(row.value), y, 5.2 if row.bold else 4.2, row.paint.fill, row.paint.ink))
    return [*items, Words(RIGHT + 16, y, row.shown, ink=INK if row.bold else SOFT, size=12)]


def _scale(ticks: Sequence[float], left: float, right: float) -> Callable[[float], float]:
    return lambda value: left + (right - left) * (value - ticks[0]) / (ticks[-1] - ticks[0])


def _axis(
    ticks: Sequence[float],
    place: Callable[[float], float],
    *,
    top: float,
    bottom: float,
    title: str,
    tick: Callable[[float], str],
) -> list[Item]:
    items: list[Item] = []
    for value in ticks:
        x, zero = place(value), value == 0.0
        items.append(Stroke(((x, top - 4), (x, bottom)), SOFT if zero else RULE, 1.2 if zero else 1.0))
        items.append(Words(x, bottom + 11, tick(value), "middle", 12, SOFT))
    return [*items, Words((LEFT + RIGHT) / 2, bottom + 31, title, "middle", 12, SOFT)]


# ----------------------------------------------------------------------------------- spread rows


def spread_chart(
    name: str, rows: Sequence[SpreadRow], *, title: str, description: str, axis: str, tick: Callable[[float], str]
) -> Drawing:
    """Return one box a row (Tukey 1977: quartiles, median, whole range), with the sessions as points when few."""
    high = max([1.0, *(row.quantiles[4] for row in rows)])
    ticks = nice_ticks(0.0, high)
    place = _scale(ticks, LEFT, RIGHT)
    step = 2.0 * ROW
    bottom = TOP + step * len(rows)
    items: list[Item] = _axis(ticks, place, top=TOP, bottom=bottom, title=axis, tick=tick)
    for number, row in enumerate(rows):
        items += _spread_row(row, TOP + step * number + 10, place)
    return Drawing(name, title, description, WIDTH, bottom + AXIS, tuple(items))


def _spread_row(row: SpreadRow, y: float, place: Callable[[float], float]) -> list[Item]:
    """Return the box on the line of its name and, when few, the sessions as points just below."""
    low, first, middle, third, high = (place(value) for value in row.quantiles)
    items: list[Item] = [
        Words(LEFT - 12, y, row.name, "end", ink=row.paint.ink, bold=True),
        Stroke(((low, y), (high, y)), row.paint.ink, 1.2),
        Box(first, y - 6, max(third - first, 1.0), 12, GROUND, row.paint.ink),
        Stroke(((middle, y - 8), (middle, y + 8)), INK, 2.4),
        Words(RIGHT + 16, y, row.shown, ink=INK, size=12),
    ]
    for number, value in enumerate(row.values if len(row.values) <= POINTS else ()):
        items.append(Sign(row.paint.shape, place(value), y + 13 + 2.6 * (number % 3), 2.2, row.paint.fill, row.paint.ink))
    return items


# -------------------------------------------------------------------------------- course of a dyad

PANEL, PANEL_GAP, COURSE_LEFT, COURSE_RIGHT = 104.0, 40.0, 58.0, 742.0


def course_chart(
    name: str,
    panels: Sequence[CoursePanel],
    *,
    places: Sequence[str],
    title: str,
    description: str,
    axis: str,
    tick: Callable[[float], str],
) -> Drawing:
    """Return one panel a quantity, sessions from left to right in equal steps, each panel on its own scale from 0."""
    step = (COURSE_RIGHT - COURSE_LEFT - 24) / max(len(places) - 1, 1)
    across = [COURSE_LEFT + 12 + step * number for number in range(len(places))]
    items: list[Item] = []
    for number, panel in enumerate(panels):
        items += _panel(panel, across, 24 + number * (PANEL + PANEL_GAP), tick)
    bottom = 24 + len(panels) * (PANEL + PANEL_GAP) - PANEL_GAP
    room = max(1, math.ceil(34 / step))  # a session's number needs so many steps not to touch the next
    items += [Words(x, bottom + 13, text, "middle", 12, SOFT) for x, text in list(zip(across, places))[::room]]
    items.append(Words((COURSE_LEFT + COURSE_RIGHT) / 2, bottom + 34, axis, "middle", 12, SOFT))
    return Drawing(name, title, description, WIDTH, bottom + AXIS, tuple(items))


def _panel(
    panel: CoursePanel, across: Sequence[float], top: float, tick: Callable[[float], str]
) -> list[Item]:
    bottom, paint = top + PANEL, panel.paint
    bounds = [b for point in panel.points for b in (point.value, *(point.interval or ())) if b is not None]
    ticks = nice_ticks(0.0, max([1.0, *bounds]), wanted=4)
    down = _scale(ticks, bottom, top)
    items: list[Item] = [Words(COURSE_LEFT, top - 13, panel.name, ink=paint.ink, bold=True)]
    for span in panel.spans:
        first, end, _ = _ends(span, across)
        items.append(Box(first, top, max(end - first, 1.0), bottom - top, GROUND))
    for value in ticks:
        items.append(Stroke(((COURSE_LEFT, down(value)), (COURSE_RIGHT, down(value))), SOFT if value == 0 else RULE))
        items.append(Words(COURSE_LEFT - 8, down(value), tick(value), "end", 12, SOFT))
    for span in panel.spans:
        items += _bracket(span, across, top)
    for x, point in zip(across, panel.points):
        if point.interval:
            low, high = (down(bound) for bound in point.interval)
            items.append(Stroke(((x, low), (x, high)), paint.ink, 1.4))
    line = tuple((x, down(point.value)) for x, point in zip(across, panel.points) if point.value is not None)
    items += [Stroke(line, paint.ink, 1.0, (4, 3))] if len(line) > 1 else []
    return items + [Sign(paint.shape, x, y, 4.4, paint.fill, paint.ink) for x, y in line]


def _ends(span: CourseSpan, across: Sequence[float]) -> tuple[float, float, bool]:
    """Return where a dip begins and ends, and whether it is closed; without a return it lasts to the last session."""
    return across[span.first], across[-1 if span.back is None else span.back], span.back is not None


def _bracket(span: CourseSpan, across: Sequence[float], top: float) -> list[Item]:
    """Return a dip's bracket and name; it is dashed and open at the right without a return."""
    first, end, closed = _ends(span, across)
    corner = ((end, top), (end, top + 6)) if closed else ((end, top),)
    return [
        Stroke(((first, top + 6), (first, top), *corner), INK, 1.6, () if closed else (4, 2.5)),
        Words(across[span.lowest], top - 11, span.name, "middle", 12),
    ]
