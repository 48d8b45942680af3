"""Clock times as people and machines type them → seconds.

In: ``75.2``, ``75,2``, ``1:15``, ``00:01:15,200``.  Out: seconds from the start of the recording, or None
when the text is no time.  Dates and times of day are left out: they count from no recording.
"""

from __future__ import annotations

import re

# At most nine digits a part: beyond that it is no time, and the pattern stays linear.
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2})(?:[.,](\d{1,9}))?", re.ASCII)
_SECONDS = re.compile(r"(\d{1,9})(?:[.,](\d{1,9}))?(?: ?s)?", re.ASCII)


def seconds(text: str) -> float | None:
    """Return the seconds that ``text`` says, None when it says no time.

    >>> seconds("00:01:16,500"), seconds("1:16"), seconds("76,5"), seconds("hier")
    (76.5, 76.0, 76.5, None)
    """
    text = text.strip()
    if plain := _SECONDS.fullmatch(text):
        return _decimal(int(plain[1]), plain[2])
    clock = _CLOCK.fullmatch(text)
    if clock is None or int(clock[3]) > 59 or (clock[1] is not None and int(clock[2]) > 59):
        return None
    return _decimal(int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3]), clock[4])


def timespan(text: str) -> tuple[float, float | None] | None:
    """Return start and end of « 0:03,1 - 0:05,2 »; None when it is no such pair.  An end before its start is None.

    >>> timespan("0:03,1 - 0:05,2")
    (3.1, 5.2)
    """
    first, dash, last = (part.strip() for part in text.replace("–", "-").partition("-"))
    start_s, end_s = seconds(first), seconds(last)
    if not dash or start_s is None or end_s is None:
        return None
    return start_s, end_s if end_s >= start_s else None


def _decimal(whole: int, fraction: str | None) -> float:
    # Through the decimal writing, so that 76.1 comes back as 76.1 and not as 76.10000000000001.
    return float(f"{whole}.{fraction or 0}")
