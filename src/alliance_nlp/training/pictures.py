"""The card's drawings: are the probabilities true, and what is gained by leaving the doubtful turns to people.

In: parts of ``metrics.json``.  Out: SVG files beside the card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from alliance_nlp.labels import default_label_set
from alliance_nlp.report.canvas import RULE, SOFT, Box, Drawing, Sign, Stroke, Words, svg

RELIABILITY, COVERAGE = "reliability.svg", "risk_coverage.svg"
PANEL, GAP, MARGIN, TOP = 150.0, 46.0, 40.0, 34.0  # in the drawing's units, a hundred to the inch
IN_A_ROW = 4


def write_pictures(folder: Path, metrics: Mapping[str, Any]) -> list[str]:
    """Write the drawings that these metrics allow and return their file names."""
    drawn = {}
    if groups := metrics.get("reliability_by_tenth"):
        drawn[RELIABILITY] = reliability_drawing(groups)
    if points := metrics.get("risk_coverage"):
        drawn[COVERAGE] = coverage_drawing(points)
    for name, drawing in drawn.items():
        (folder / name).write_text(str(svg(drawing, alone=True)), encoding="utf-8")
    return list(drawn)


def reliability_drawing(groups: Mapping[str, Sequence[Mapping[str, float]]]) -> Drawing:
    """Return one panel an output: found over said by tenths of the scale; on the diagonal, what is said is true."""
    items: list[Stroke | Box | Sign | Words] = []
    for place, (name, points) in enumerate(groups.items()):
        left = MARGIN + (place % IN_A_ROW) * (PANEL + GAP)
        top = TOP + (place // IN_A_ROW) * (PANEL + GAP + 24)
        items += frame(left, top, name, ("0", "said", "1"), "found")
        items.append(Stroke(((left, top + PANEL), (left + PANEL, top)), SOFT, 1.0, (3, 3)))
        at = [(left + PANEL * p["said"], top + PANEL * (1 - p["found"])) for p in points]
        ink = colour(name)
        items.append(Stroke(tuple(at), ink, 1.6))
        items += [Sign("circle", x, y, 3.2, ink, ink) for x, y in at]
    rows = -(-len(groups) // IN_A_ROW)
    width = MARGIN + IN_A_ROW * (PANEL + GAP)
    return Drawing(
        "reliability", "Reliability", "Probability said and share found, by output, by tenths of the probability (test turns, at least 20 a point).",
        width, TOP + rows * (PANEL + GAP + 24), tuple(items),
    )  # fmt: skip


def coverage_drawing(points: Sequence[Mapping[str, float]]) -> Drawing:
    """Return macro-F1 over the share of turns that the model reads alone."""
    wide, tall, left = 360.0, 180.0, 52.0
    place = [(left + wide * p["coverage"], TOP + tall * (1 - p["macro_f1"])) for p in points]
    items: list[Stroke | Box | Sign | Words] = [Box(left, TOP, wide, tall, "#ffffff", RULE)]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        items.append(Words(left + wide * share, TOP + tall + 13, f"{share:.0%}", "middle", 11, SOFT))
        items.append(Words(left - 8, TOP + tall * (1 - share), f"{share:g}", "end", 11, SOFT))
        items.append(Stroke(((left, TOP + tall * (1 - share)), (left + wide, TOP + tall * (1 - share))), RULE))
    items += [Stroke(tuple(place), "#005A8E", 2.0), *(Sign("circle", x, y, 3.5, "#005A8E", "#005A8E") for x, y in place)]
    items += [
        Words(x, y - 12, f"{p['macro_f1']:.2f}", "middle", 11)
        for (x, y), p in zip(place, points, strict=True)
        if round(10 * p["coverage"], 6).is_integer()  # numbers of neighbours would touch
    ]
    items.append(Words(left + wide / 2, TOP + tall + 31, "share of the turns that the model reads alone", "middle", 12, SOFT))
    items.append(Words(left, TOP - 16, "macro-F1 on these turns", "start", 12))
    return Drawing(
        "risk-coverage", "Macro-F1 by coverage", "Macro-F1 on the turns the model is surest of, by their share.", left + wide + 24, TOP + tall + 46, tuple(items)
    )


def frame(left: float, top: float, name: str, below: tuple[str, str, str], beside: str) -> list[Stroke | Box | Sign | Words]:
    """Return a square panel with its name and axes from 0 to 1."""
    start, middle, end = below
    return [
        Box(left, top, PANEL, PANEL, "#ffffff", RULE),
        Words(left, top - 12, name, "start", 13, bold=True),
        Words(left, top + PANEL + 12, start, "middle", 11, SOFT),
        Words(left + PANEL / 2, top + PANEL + 12, middle, "middle", 11, SOFT),
        Words(left + PANEL, top + PANEL + 12, end, "middle", 11, SOFT),
        Words(left - 6, top, "1", "end", 11, SOFT),
        Words(left - 4, top + PANEL / 2, beside, "end", 11, SOFT),
    ]


def colour(output: str) -> str:
    """Return the text colour of a label, or of the label that a type belongs to."""
    label_set = default_label_set()
    return (label_set[output] if output in label_set.ids else label_set.owner(output)).text_colour
