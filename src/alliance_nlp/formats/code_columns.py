"""Columns in which a person coded turns (0/1, x, oui) → human markers.

In: a header, a row and the coder's name.  Out: markers whose ``origin.name`` is the coder.  Which columns mean a label or
a type is said by :mod:`alliance_nlp.formats.coding`, in French or English.  Without a coder's name nothing is read: nobody
would know whose reading it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from alliance_nlp.formats.coding import Code, code_of
from alliance_nlp.formats.names import fold
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Marker, Notice, Origin, OriginKind

YES = frozenset({"1", "1.0", "1,0", "x", "oui", "o", "vrai", "true", "yes", "y", "v", "+"})
NO = frozenset({"", "0", "0.0", "0,0", "non", "n", "faux", "false", "no", "-", "."})


@dataclass(slots=True)
class Coding:
    """The columns of codes by place, and what could not be read in them: first row and number of cells."""

    columns: Mapping[int, Code]
    untyped: list[int]
    unread: list[int]

    def notices(self) -> list[Notice]:
        """Return what the user should know of cells that gave no marker."""
        found = (("documents.rupture_without_type", self.untyped), ("documents.code_not_read", self.unread))
        return [Notice(code, line=rows[0], params={"count": len(rows)}) for code, rows in found if rows]


def coding_of(header: Sequence[str], taken: Iterable[int]) -> Coding:
    """Return the columns of ``header`` that name a label or a type, ``taken`` places apart."""
    codes = {place: code_of(name) for place, name in enumerate(header) if place not in set(taken)}
    return Coding({place: code for place, code in codes.items() if code is not None}, [], [])


def coded_markers(cells: Sequence[str], coding: Coding, coder: str, *, row: int) -> tuple[Marker, ...]:
    """Return the markers that the cells of one row say, in the scheme's order, without evidence spans."""
    given: dict[str, set[str]] = {}
    for place, code in coding.columns.items():
        said = _codes(cells[place].strip() if place < len(cells) else "", code, coding, row)
        for found in said:
            given.setdefault(found.label, set()).update({found.type} if found.type else ())
    origin = Origin(OriginKind.HUMAN, coder)
    return tuple(_markers(given, origin, coding, row))


def _codes(cell: str, column: Code, coding: Coding, row: int) -> list[Code]:
    word = fold(cell)
    if word in NO:
        return []
    if word in YES:
        return [column]
    named = [code_of(part) for part in cell.replace("+", ",").replace(";", ",").split(",")]
    if all(code is not None and code.label == column.label for code in named):  # « retrait » under « rupture »
        return [code for code in named if code is not None]
    coding.unread.append(row)
    return []


def _markers(given: Mapping[str, set[str]], origin: Origin, coding: Coding, row: int) -> Iterable[Marker]:
    for label in default_label_set().labels:
        if label.id not in given:
            continue
        types = tuple(kind.id for kind in label.types if kind.id in given[label.id])
        if label.types and not types:
            coding.untyped.append(row)
        else:
            yield Marker(label.id, origin, types)
