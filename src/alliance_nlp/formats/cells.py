"""Cells that a spreadsheet would take for a formula, made harmless, and read back as they were.

In: text.  Out: text.  A cell that begins with ``= + - @``, a tab or a line break is written with an apostrophe before it
(OWASP, « CSV Injection »); one that begins with apostrophes and such a sign gets one more.  So reading takes exactly one
off, and what was written comes back.
"""

from __future__ import annotations

import math
import re

_RUN = r"[=+\-@\t\r\n＝＋－＠]"  # with the full-width forms, which Excel runs too
_TO_PROTECT = re.compile(rf"'*{_RUN}")
_PROTECTED = re.compile(rf"'+{_RUN}")


def protected(text: str) -> str:
    """Return the text as a cell that no spreadsheet runs.

    >>> protected("- Oui."), protected("d'accord")
    ("'- Oui.", "d'accord")
    """
    return f"'{text}" if _TO_PROTECT.match(text) else text


def unprotected(text: str) -> str:
    """Return what :func:`protected` was given."""
    return text[1:] if _PROTECTED.match(text) else text


def quoted(text: str) -> str:
    """Return the text for a typed cell of a workbook, which is never run: only what reading would change is changed."""
    return f"'{text}" if _PROTECTED.match(text) else text


def number_of(cell: str) -> float | None:
    """Return the number in a cell, with a point or a comma; None for anything else, also for infinities.

    >>> number_of("0,97"), number_of("vers midi")
    (0.97, None)
    """
    try:
        value = float(cell.strip().replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
