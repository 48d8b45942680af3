"""Places in a text counted in UTF-16 units (Java, JavaScript) ↔ counted in code points (here).

In: a text and a place in it.  Out: the same place in the other unit.  Only characters beyond U+FFFF (emoji) differ.
"""

from __future__ import annotations

from bisect import bisect_left


class Utf16:
    """The places of one text in both units.

    >>> Utf16("a😀b").units(2), Utf16("a😀b").place(3), Utf16("a😀b").place(2), Utf16("a😀b").place(2, up=True)
    (3, 2, 1, 2)
    """

    def __init__(self, text: str) -> None:
        self._pairs = [place for place, char in enumerate(text) if ord(char) > 0xFFFF]  # in code points
        self._starts = [place + number for number, place in enumerate(self._pairs)]  # in units

    def units(self, place: int) -> int:
        """Return the UTF-16 place of a place in code points."""
        return place + bisect_left(self._pairs, place)

    def place(self, units: int, *, up: bool = False) -> int:
        """Return the code point place of a UTF-16 place; within a pair its beginning, or its end when ``up``."""
        before = bisect_left(self._starts, units)  # pairs that begin before it
        if before and self._starts[before - 1] + 1 == units:
            return self._pairs[before - 1] + (1 if up else 0)
        return units - before
