"""The sheet of markers, one row a marker and span → the markers of each turn.

In: rows with the columns of :mod:`alliance_nlp.exports.tables`, some perhaps typed by a person.  Out: markers by session and
turn.  What a person may leave out: the offsets, when the words are quoted under ``evidence`` and stand once in the turn, and
``origin_kind`` (then the marker is the person's whose code is in ``origin_name``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from alliance_nlp.errors import LabelError
from alliance_nlp.formats.cells import number_of
from alliance_nlp.formats.coding import code_of
from alliance_nlp.formats.sheets import Row, Sheet
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Marker, Notice, Origin, OriginKind, Span


@dataclass(slots=True)
class MarkerRows:
    """The rows by session and turn, and those from which nothing, or no evidence, could be read."""

    columns: Mapping[str, int] = field(default_factory=dict)
    rows: dict[tuple[str, int], list[Row]] = field(default_factory=dict)
    problems: dict[str, list[int]] = field(default_factory=dict)
    placed: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def of(cls, sheet: Sheet | None) -> MarkerRows:
        """Return the rows of a sheet, none when there is no sheet."""
        if sheet is None:
            return cls()
        told = cls({cell.strip(): place for place, cell in enumerate(sheet.rows[0].cells)})
        for row in sheet.rows[1:]:
            turn = told._cell(row, "turn_index").strip()
            if turn.isascii() and turn.isdigit() and len(turn) < 8:
                told.rows.setdefault((told._cell(row, "session_id"), int(turn)), []).append(row)
            else:
                told._problem("documents.marker_without_turn", row)
        return told

    def of_turn(self, session_id: str, index: int, text: str) -> Iterator[Marker]:
        """Yield the markers of one turn, one a row; LabelError with the row for what the scheme does not know."""
        self.placed.add((session_id, index))
        for row in self.rows.get((session_id, index), ()):
            marker = self._marker(row, text)
            if marker is not None:
                yield marker

    def notices(self) -> list[Notice]:
        """Return what the user should know of rows that gave no marker, or one without evidence."""
        lost = [row for key, rows in self.rows.items() if key not in self.placed for row in rows]
        for row in lost:
            self._problem("documents.marker_without_turn", row)
        return [Notice(code, line=min(rows), params={"count": len(set(rows))}) for code, rows in self.problems.items()]

    def _cell(self, row: Row, name: str) -> str:
        place = self.columns.get(name)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def _problem(self, code: str, row: Row) -> None:
        self.problems.setdefault(code, []).append(row.number)

    def _marker(self, row: Row, text: str) -> Marker | None:
        code = code_of(self._cell(row, "label"))
        origin = self._origin(row)
        if code is None or origin is None:
            self._problem("documents.marker_without_coder" if code else "documents.marker_unknown_label", row)
            return None
        named = [code_of(part) for part in re.split(r"[+,;/&]", self._cell(row, "type")) if part.strip()]
        given = {kind.type for kind in (code, *named) if kind is not None and kind.type}
        types = tuple(kind.id for kind in default_label_set()[code.label].types if kind.id in given)
        if default_label_set()[code.label].types and not types:
            self._problem("documents.rupture_without_type", row)
            return None
        probability = number_of(self._cell(row, "probability"))
        try:
            return Marker(code.label, origin, types, probability, self._spans(row, text))
        except LabelError as error:
            raise LabelError(error.code, line=row.number, **error.params) from error

    def _origin(self, row: Row) -> Origin | None:
        kind, name = self._cell(row, "origin_kind").strip(), self._cell(row, "origin_name")
        if kind not in {known.value for known in OriginKind} or not name.strip():
            return Origin(OriginKind.HUMAN, name.strip()) if name.strip() and not kind else None
        return Origin(OriginKind(kind), name, self._cell(row, "origin_version") or None)

    def _spans(self, row: Row, text: str) -> tuple[Span, ...]:
        words, offsets = self._cell(row, "evidence"), [self._cell(row, name).strip() for name in ("start", "end")]
        if all(offset.isascii() and offset.isdigit() and len(offset) < 10 for offset in offsets):
            start, end = map(int, offsets)
            if start < end <= len(text) and (not words or text[start:end] == words):
                return (Span(start, end),)
        if words and text.count(words) == 1:
            start = text.index(words)
            return (Span(start, start + len(words)),)
        if words or any(offsets):
            self._problem("documents.evidence_not_found", row)
        return ()
