"""The session's time line as geometry: where each turn, marker, doubt and episode is drawn.

In: a transcript, its patterns and marks.  Out: :class:`TimeLine`, numbers in the drawing's own units (the
page scales it), for ``templates/timeline.svg.j2`` to draw.  Left out: colours and fonts (CSS) and words
(``wording``).

From top to bottom: thirds, one lane a marker, the lane of doubtful turns, episodes, one row a speaker, the
axis. A lane has a fixed place and each marker its own shape, so that nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alliance_nlp.labels import default_label_set
from alliance_nlp.patterns import Episode, SessionPatterns
from alliance_nlp.report.marks import Mark
from alliance_nlp.report.numbering import turn_number
from alliance_nlp.transcript import Transcript, Turn

WIDTH = 1000.0
LEFT = 132.0  # room for the longest lane name in print type
RIGHT = 988.0
TOP = 22.0  # the thirds' names
LANE = 21.0
STACK = 9.0  # markers that would touch are drawn so much lower, in up to STACKS rows
STACKS = 3
SYMBOL = 11.0  # width of a symbol with its margin
BRACKET = 24.0
ROW = 20.0
BAR = 15.0
AXIS = 24.0
GAP = 8.0
EQUAL_SHARE = 0.2  # of the width is dealt out equally: a one-word turn beside a long one is still seen
MIN_BAR = 0.9
TICK_ROOM = 44.0
TURN_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
TIME_STEPS_S = (10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


@dataclass(frozen=True, slots=True)
class Bar:
    """One turn in its speaker's row."""

    index: int
    x: float
    y: float
    width: float
    marked: bool


@dataclass(frozen=True, slots=True)
class Symbol:
    """One marker in its lane, centred on (x, y); ``mark`` is None for the sign of a doubtful turn."""

    index: int
    lane: str
    x: float
    y: float
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """A named band of the drawing: a marker's lane or a speaker's row; ``y`` is its middle."""

    name: str | None
    y: float
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Bracket:
    """One episode from ``x1`` to ``x2``; ``number`` counts from 1."""

    number: int
    episode: Episode
    x1: float
    x2: float
    y: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis: the number of a turn, or seconds when the axis is time."""

    x: float
    value: int


@dataclass(frozen=True, slots=True)
class ThirdBand:
    """A third of the session; ``named`` is False where it is too narrow for its name."""

    number: int
    x1: float
    x2: float
    named: bool


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The whole drawing.  ``by_time`` tells whether widths are seconds; else they are words."""

    height: float
    by_time: bool
    lanes: tuple[Lane, ...]
    doubt_lane: Lane | None
    rows: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    symbols: tuple[Symbol, ...]
    brackets: tuple[Bracket, ...]
    bracket_y: float
    thirds: tuple[ThirdBand, ...]
    ticks: tuple[Tick, ...]
    axis_y: float
    width: float = WIDTH
    left: float = LEFT
    right: float = RIGHT


def time_line(
    transcript: Transcript, patterns: SessionPatterns, *, marks: Mapping[int, Sequence[Mark]]
) -> TimeLine | None:
    """Return the drawing of a session, None when it has no turn.  ``marks`` holds the marks by turn index."""
    turns = transcript.turns
    if not turns:
        return None
    by_time = has_times(turns)
    edges = turn_edges(transcript, patterns)
    middles = [(left + right) / 2 for left, right in edges]
    lanes, symbols, y = _draw_lanes(middles, marks)
    doubt_lane, doubts, y = _draw_doubts(middles, patterns.doubtful, y)
    bracket_y = y + BRACKET / 2
    brackets = _draw_brackets(edges, patterns.episodes, bracket_y)
    y += BRACKET if brackets else 0.0
    rows, bars, y = _draw_rows(transcript, patterns, edges, y + GAP)
    return TimeLine(
        height=round(y + AXIS, 2),
        by_time=by_time,
        lanes=lanes,
        doubt_lane=doubt_lane,
        rows=rows,
        bars=bars,
        symbols=symbols + doubts,
        brackets=brackets,
        bracket_y=bracket_y,
        thirds=_draw_thirds(patterns, edges),
        ticks=_time_ticks(turns, edges) if by_time else _turn_ticks(edges),
        axis_y=round(y, 2),
    )


# ------------------------------------------------------------------------------- along the width


def turn_edges(transcript: Transcript, patterns: SessionPatterns) -> list[tuple[float, float]]:
    """Return each turn's left and right edge, by time where the file gives times, else by words."""
    turns = transcript.turns
    return place_by_time(turns) if has_times(turns) else place_by_words(patterns.turn_words)


def has_times(turns: Sequence[Turn]) -> bool:
    """Return True when every turn has a start, none before the one above it, and time does pass."""
    starts = [turn.start_s for turn in turns]
    if any(start is None for start in starts):
        return False
    known = [start for start in starts if start is not None]
    return all(a <= b for a, b in zip(known, known[1:])) and _end_s(turns[-1], known[-1]) > known[0]


def _end_s(turn: Turn, otherwise: float) -> float:
    return turn.end_s if turn.end_s is not None and turn.end_s >= (turn.start_s or 0.0) else otherwise


def place_by_time(turns: Sequence[Turn]) -> list[tuple[float, float]]:
    """Return each turn's left and right edge by its times; a turn without an end lasts until the next."""
    starts = [turn.start_s or 0.0 for turn in turns]
    ends = [_end_s(turn, after) for turn, after in zip(turns, [*starts[1:], starts[-1]])]
    scale = (RIGHT - LEFT) / (max(ends) - starts[0])
    return [
        (LEFT + (start - starts[0]) * scale, LEFT + (end - starts[0]) * scale)
        for start, end in zip(starts, ends)
    ]


def place_by_words(turn_words: Sequence[int]) -> list[tuple[float, float]]:
    """Return each turn's left and right edge by its words, a small equal part added to each."""
    total, room = sum(turn_words), RIGHT - LEFT
    equal = EQUAL_SHARE if total else 1.0
    edges, x = [], LEFT
    for words in turn_words:
        width = room * (equal / len(turn_words) + (1 - equal) * words / (total or 1))
        edges.append((x, x + width))
        x += width
    return edges


def _turn_ticks(edges: Sequence[tuple[float, float]]) -> tuple[Tick, ...]:
    room = (RIGHT - LEFT) / TICK_ROOM
    step = next((step for step in TURN_STEPS if len(edges) / step <= room), TURN_STEPS[-1])
    ticks: list[Tick] = []
    for index, (left, right) in enumerate(edges):
        wanted = turn_number(index) % step == 0 or index == 0
        if wanted and (not ticks or (left + right) / 2 - ticks[-1].x >= TICK_ROOM):
            ticks.append(Tick(round((left + right) / 2, 2), turn_number(index)))
    return tuple(ticks)


def _time_ticks(turns: Sequence[Turn], edges: Sequence[tuple[float, float]]) -> tuple[Tick, ...]:
    first = turns[0].start_s or 0.0
    length = max(_end_s(turn, turn.start_s or 0.0) for turn in turns) - first
    scale = (RIGHT - LEFT) / length
    step = next((step for step in TIME_STEPS_S if step * scale >= 1.6 * TICK_ROOM), TIME_STEPS_S[-1])
    begin = int(-(-first // step)) * step
    return tuple(
        Tick(round(LEFT + (second - first) * scale, 2), second)
        for second in range(begin, int(first + length) + 1, step)
    )


def _draw_thirds(patterns: SessionPatterns, edges: Sequence[tuple[float, float]]) -> tuple[ThirdBand, ...]:
    bands = []
    for third in patterns.thirds:
        if third.first is not None and third.last is not None:
            x1, x2 = edges[third.first][0], edges[third.last][1]
            bands.append(ThirdBand(third.number, round(x1, 2), round(x2, 2), x2 - x1 > 3 * TICK_ROOM))
    return tuple(bands)


# ---------------------------------------------------------------------------- down the page


def _draw_lanes(
    middles: Sequence[float], marks: Mapping[int, Sequence[Mark]]
) -> tuple[tuple[Lane, ...], tuple[Symbol, ...], float]:
    lanes, symbols, top = [], [], TOP
    for name in default_label_set().markup_tags:
        found = [(index, mark) for index in sorted(marks) for mark in marks[index] if name in mark.lanes]
        stacks = _stack([middles[index] for index, _ in found])
        height = LANE + STACK * max(stacks, default=0)
        lanes.append(Lane(name, y=top + LANE / 2, top=top, height=height))
        for (index, mark), stack in zip(found, stacks):
            x, y = round(middles[index], 2), round(top + LANE / 2 + STACK * stack, 2)
            symbols.append(Symbol(index, name, x, y, mark))
        top += height
    return tuple(lanes), tuple(symbols), top


def _draw_doubts(
    middles: Sequence[float], doubtful: Sequence[int], top: float
) -> tuple[Lane | None, tuple[Symbol, ...], float]:
    if not doubtful:
        return None, (), top
    stacks = _stack([middles[index] for index in doubtful])
    lane = Lane(None, y=top + LANE / 2, top=top, height=LANE + STACK * max(stacks))
    signs = tuple(
        Symbol(index, "doubt", round(middles[index], 2), round(lane.y + STACK * stack, 2))
        for index, stack in zip(doubtful, stacks)
    )
    return lane, signs, top + lane.height


def _stack(places: Sequence[float]) -> list[int]:
    """Return for each place (left to right) the first stack where it does not touch, else the freest."""
    last = [float("-inf")] * STACKS
    chosen = []
    for x in places:
        free = [stack for stack in range(STACKS) if x - last[stack] >= SYMBOL]
        stack = free[0] if free else min(range(STACKS), key=lambda place: last[place])
        last[stack] = x
        chosen.append(stack)
    return chosen


def _draw_brackets(
    edges: Sequence[tuple[float, float]], episodes: Sequence[Episode], y: float
) -> tuple[Bracket, ...]:
    return tuple(
        Bracket(number, episode, round(edges[episode.first][0], 2), round(edges[episode.last][1], 2), y)
        for number, episode in enumerate(episodes, 1)
    )


def _draw_rows(
    transcript: Transcript, patterns: SessionPatterns, edges: Sequence[tuple[float, float]], top: float
) -> tuple[tuple[Lane, ...], tuple[Bar, ...], float]:
    speakers = [part.speaker for part in patterns.talk if part.turns]
    rows = tuple(
        Lane(name, top + ROW * place + ROW / 2, top + ROW * place, ROW) for place, name in enumerate(speakers)
    )
    middle = {row.name: row.y for row in rows}
    bars = tuple(
        Bar(
            index=turn.index,
            x=round(left, 2),
            y=round(middle[turn.speaker] - BAR / 2, 2),
            width=round(max(right - left - 0.4, MIN_BAR), 2),  # a hair of white between neighbours
            marked=bool(turn.markers),
        )
        for turn, (left, right) in zip(transcript.turns, edges)
    )
    return rows, bars, top + ROW * len(rows)
