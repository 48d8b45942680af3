"""Figures as PNG, for papers that take no SVG: the same drawing, painted by matplotlib.

In: a :class:`~alliance_nlp.report.canvas.Drawing`.  Out: PNG bytes, the same for the same drawing, matplotlib and
fonts.  matplotlib is an extra (``pip install 'alliance-nlp[figures]'``), loaded when the first PNG is asked for.
"""

from __future__ import annotations

import io
from functools import cache
from importlib.util import find_spec
from typing import Any

from alliance_nlp.report.canvas import BASELINE, UNITS_PER_INCH, Box, Drawing, Item, Sign, Stroke, Words, outline

DPI = 300  # what journals ask of line drawings that are pixels
POINTS_PER_UNIT = 72 / UNITS_PER_INCH
FONT_SCALE = 0.9  # DejaVu Sans runs a tenth wider than the fonts that the drawing was laid out for


def png_available() -> bool:
    """Return True when matplotlib is installed; nothing is loaded."""
    return find_spec("matplotlib") is not None


@cache
def _matplotlib() -> dict[str, Any]:
    """Load the parts of matplotlib that paint; no pyplot, so no window and no global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Circle, Polygon, Rectangle
    from matplotlib.text import Text

    parts = (FigureCanvasAgg, Figure, Line2D, Circle, Polygon, Rectangle, Text)
    return {part.__name__: part for part in parts}


def png_bytes(drawing: Drawing, *, dpi: int = DPI) -> bytes:
    """Return the drawing as PNG on a white ground; ImportError without matplotlib."""
    kit = _matplotlib()
    size = (drawing.width / UNITS_PER_INCH, drawing.height / UNITS_PER_INCH)
    figure = kit["Figure"](figsize=size, dpi=dpi, facecolor="white")
    canvas = kit["FigureCanvasAgg"](figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, drawing.width), ylim=(drawing.height, 0))
    axes.set_axis_off()
    for order, item in enumerate(drawing.items):
        artist = _artist(item, kit)
        artist.set(zorder=order, clip_on=False)
        axes.add_artist(artist)
    stream = io.BytesIO()
    canvas.print_png(stream, metadata={"Title": drawing.title, "Software": None})  # no version: same bytes
    return stream.getvalue()


def _artist(item: Item, kit: dict[str, Any]) -> Any:
    if isinstance(item, Stroke):
        dashes = (0, [length / item.width for length in item.dash]) if item.dash else "-"
        width = item.width * POINTS_PER_UNIT
        return kit["Line2D"](*zip(*item.points), color=item.ink, linewidth=width, linestyle=dashes)
    if isinstance(item, Box):
        paint = {"facecolor": item.fill, "edgecolor": item.ink or "none", "linewidth": POINTS_PER_UNIT}
        return kit["Rectangle"]((item.x, item.y), item.width, item.height, **paint)
    if isinstance(item, Sign):
        return _sign(item, kit)
    return _words(item, kit)


def _sign(item: Sign, kit: dict[str, Any]) -> Any:
    paint = {"facecolor": item.fill, "edgecolor": item.ink, "linewidth": 1.2 * POINTS_PER_UNIT}
    if item.shape == "circle":
        return kit["Circle"]((item.x, item.y), item.size, **paint)
    return kit["Polygon"](outline(item), closed=True, **paint)


def _words(item: Words, kit: dict[str, Any]) -> Any:
    anchor = {"start": "left", "middle": "center", "end": "right"}[item.anchor]
    return kit["Text"](
        item.x,
        item.y + BASELINE * item.size,
        item.text,
        color=item.ink,
        fontsize=item.size * POINTS_PER_UNIT * FONT_SCALE,
        fontfamily="DejaVu Sans",  # comes with matplotlib: the same letters on every machine
        fontweight="bold" if item.bold else "normal",
        horizontalalignment=anchor,
        verticalalignment="baseline",
        parse_math=False,
    )
