"""The timeline of a TEI transcription: points that count from one another → seconds.

In: the elements ``timeline`` and ``when``.  Out: a :class:`Timeline`.  A point has an ``absolute`` time or an ``interval`` since
another one, in the unit of its own or of the timeline's.  Source: TEI P5, 17.4.2 (Placing Synchronous Events in Time).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from alliance_nlp.formats.clock import seconds
from alliance_nlp.formats.oral import MAX_TIME_S, time_s

_ID = "{http://www.w3.org/XML/1998/namespace}id"
_UNITS = {"s": 1.0, "sec": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Seconds of each point by its id, None for what has no time; how many times could not be read."""

    points: Mapping[str, float | None] = field(default_factory=dict)
    unread: int = 0

    def at(self, reference: str | None) -> float | None:
        """Return the time that an attribute points to (« #T3 », « T3 »), or says itself (« 12.5 »); else None."""
        if not reference:
            return None
        key = pointer(reference)
        return self.points[key] if key in self.points else (None if reference.startswith("#") else time_s(reference))


@dataclass(frozen=True, slots=True)
class _When:
    since: str | None
    interval: str | None
    absolute: str | None
    unit_s: float


def pointer(reference: str) -> str:
    """Return the id that a pointer names.

    >>> pointer("#T3"), pointer("file.xml#T3"), pointer("T3")
    ('T3', 'T3', 'T3')
    """
    return reference.strip().rpartition("#")[2]


def read_timeline(text: etree._Element) -> Timeline:
    """Return the points of every timeline of ``text``; a circle of references has no time."""
    whens: dict[str, _When] = {}
    for timeline in text.iter("{*}timeline"):
        unit = timeline.get("unit", "s")
        origin = pointer(timeline.get("origin") or "") or None
        for item in timeline.iter("{*}when"):
            own_s = _UNITS.get(item.get("unit") or unit, 1.0)
            since = pointer(item.get("since") or "") or origin
            whens[item.get(_ID, "")] = _When(since, item.get("interval"), item.get("absolute"), own_s)
    points = _resolved(whens)
    unread = sum(points[key] is None and when.interval not in (None, "-1", "") for key, when in whens.items())
    return Timeline(points, unread)


def _resolved(whens: Mapping[str, _When]) -> dict[str, float | None]:
    """Follow each chain of ``since`` to a known point and count back from it; no recursion, chains may be long."""
    points: dict[str, float | None] = {}
    for start in whens:
        waiting: list[str] = []
        seen: set[str] = set()
        key: str | None = start
        while key is not None and key in whens and key not in points and key not in seen:
            waiting.append(key)
            seen.add(key)
            key = whens[key].since if whens[key].interval is not None else None
        base = points.get(key) if key in points else (None if key in seen else 0.0)
        for key in reversed(waiting):
            base = _time(whens[key], base)
            points[key] = base
    return points


def _time(when: _When, base: float | None) -> float | None:
    if when.interval is not None:
        interval = time_s(when.interval, unit_s=when.unit_s)
        total = None if interval is None or base is None else round(base + interval, 3)
        return total if total is not None and total < MAX_TIME_S else None
    if when.absolute is None:
        return 0.0  # the origin: a point with no time of its own
    number = time_s(when.absolute, unit_s=when.unit_s)
    clock = seconds(when.absolute)
    return number if number is not None else (clock if clock is not None else 0.0)  # a date: the recording's beginning
