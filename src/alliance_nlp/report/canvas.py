"""A drawing as a list of strokes, and its SVG: the same geometry serves the page, the file and the PNG.

In: positions in the drawing's own units (100 units are one inch on paper), colours and finished words.
Out: :class:`Drawing`; :func:`svg` gives it as an element of a page or as a file that stands alone.
Colours are attributes, never ``style``: the page's policy allows no inline style.  Left out: what is drawn
(``charts``) and pixels (``figures``).
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from alliance_nlp.report.excerpts import readable

INK, SOFT, RULE, PAPER, GROUND = "#1c2328", "#525d66", "#d5dadd", "#ffffff", "#f4f6f5"  # those of report.css
FONT = "Source Sans 3, Segoe UI, Helvetica Neue, Liberation Sans, DejaVu Sans, Arial, sans-serif"
UNITS_PER_INCH = 100.0
BASELINE = 0.35  # of the size: from the middle of a line of letters down to the line it stands on
# Outlines of the labels' shapes around (0, 0), each about 2 units wide; the circle is drawn as one.
OUTLINES: dict[str, tuple[tuple[float, float], ...]] = {
    "diamond": ((0, -1.16), (1.16, 0), (0, 1.16), (-1.16, 0)),
    "square": ((-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86)),
    "triangle": ((0, -1.08), (1.12, 0.9), (-1.12, 0.9)),
    "triangle-up": ((0, -1.08), (1.12, 0.9), (-1.12, 0.9)),
    "triangle-down": ((0, 1.08), (1.12, -0.9), (-1.12, -0.9)),
    "cross": (
        (-0.38, -1.12), (0.38, -1.12), (0.38, -0.38), (1.12, -0.38), (1.12, 0.38), (0.38, 0.38),
        (0.38, 1.12), (-0.38, 1.12), (-0.38, 0.38), (-1.12, 0.38), (-1.12, -0.38), (-0.38, -0.38),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through ``points``; ``dash`` holds lengths of dash and gap, empty for a full line."""

    points: tuple[tuple[float, float], ...]
    ink: str = SOFT
    width: float = 1.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle from its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    fill: str = RULE
    ink: str | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    """A label's shape centred on (x, y), ``size`` its half width."""

    shape: str
    x: float
    y: float
    size: float
    fill: str
    ink: str


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; ``anchor`` is ``start``, ``middle`` or ``end``; ``y`` is the middle of its letters."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    size: float = 13.0
    ink: str = INK
    bold: bool = False


Item = Stroke | Box | Sign | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole drawing; ``name`` is that of its files, ``title`` and ``description`` are its text alternative."""

    name: str
    title: str
    description: str
    width: float
    height: float
    items: tuple[Item, ...]


def svg(drawing: Drawing, *, alone: bool = False) -> Markup:
    """Return the drawing as SVG; ``alone`` for a file (name space, white ground), else as part of a page."""
    width, height, name = _length(drawing.width), _length(drawing.height), f"fig-{_text(drawing.name)}"
    file = f' xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"' if alone else ""
    ground = [Box(0, 0, drawing.width, drawing.height, PAPER)] if alone else []
    lines = [
        f'<svg class="chart"{file} viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{name}-t {name}-d" font-family="{FONT}">',
        f'<title id="{name}-t">{_text(drawing.title)}</title>',
        f'<desc id="{name}-d">{_text(drawing.description)}</desc>',
        *(_element(item) for item in (*ground, *drawing.items)),
        "</svg>\n",
    ]
    return Markup("\n".join(lines))  # numbers and constants; every text is escaped by _text


def _text(text: str) -> str:
    """Return text escaped for XML, characters that no file can hold replaced."""
    return str(escape(readable(text)))


def _element(item: Item) -> str:
    if isinstance(item, Stroke):
        dash = f' stroke-dasharray="{" ".join(map(_length, item.dash))}"' if item.dash else ""
        line = f'd="M{_points(item.points)}" fill="none" stroke="{item.ink}" stroke-width="{_length(item.width)}"'
        return f"<path {line}{dash}/>"
    if isinstance(item, Box):
        place = f'x="{_length(item.x)}" y="{_length(item.y)}" width="{_length(item.width)}" height="{_length(item.height)}"'
        stroke = f' stroke="{item.ink}"' if item.ink else ""
        return f'<rect {place} fill="{item.fill}"{stroke}/>'
    return _sign(item) if isinstance(item, Sign) else _words(item)


def _sign(item: Sign) -> str:
    paint = f'fill="{item.fill}" stroke="{item.ink}" stroke-width="1.2"'
    if item.shape == "circle":
        return f'<circle cx="{_length(item.x)}" cy="{_length(item.y)}" r="{_length(item.size)}" {paint}/>'
    return f'<path d="M{_points(outline(item))}Z" {paint}/>'


def _words(item: Words) -> str:
    place = f'x="{_length(item.x)}" y="{_length(item.y + BASELINE * item.size)}" text-anchor="{item.anchor}"'
    weight = ' font-weight="600"' if item.bold else ""
    return f'<text {place} font-size="{_length(item.size)}" fill="{item.ink}"{weight}>{_text(item.text)}</text>'


def outline(item: Sign) -> tuple[tuple[float, float], ...]:
    """Return the corners of a sign; a circle has none (KeyError)."""
    return tuple((item.x + item.size * dx, item.y + item.size * dy) for dx, dy in OUTLINES[item.shape])


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{_length(x)},{_length(y)}" for x, y in points)


def _length(value: float) -> str:
    """Return a length with two decimals at most: the same bytes on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"
