"""How a turn is called on a page: people count from 1, records from 0; this is the only place that knows."""

from __future__ import annotations

FIRST_NUMBER = 1


def turn_number(index: int) -> int:
    """Return the number shown for the turn at ``index`` of the record."""
    return index + FIRST_NUMBER


def turn_anchor(index: int) -> str:
    """Return the address of a turn within its session's page, without ``#``: the number that is shown.

    >>> turn_anchor(11)
    't12'
    """
    return f"t{turn_number(index)}"
