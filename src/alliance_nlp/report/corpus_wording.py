"""Words and numbers of the corpus pages: those of ``messages/corpus_report.toml`` beside the session page's."""

from __future__ import annotations

from typing import Any

from alliance_nlp.messages import catalogue, render
from alliance_nlp.report.tables import Column
from alliance_nlp.report.wording import Wording

MINUS = "\u2212"
UNKNOWN = "—"
SMALLEST_P = 0.001  # as usual in print: less is written « < 0,001 »


class CorpusWording(Wording):
    """The wording of a corpus page in its language."""

    __slots__ = ()

    def tell(self, key: str, **params: object) -> str:
        """Return the sentence ``corpus_report.<key>``."""
        return render(f"corpus_report.{key}", self.language, **params)

    def tally(self, key: str, number: int, **params: object) -> str:
        """Return ``corpus_report.<key>_one`` or ``_many`` with ``{n}``; in French 0 and 1 are singular."""
        singular = number < 2 if self.language == "fr" else number == 1
        return self.tell(f"{key}_{'one' if singular else 'many'}", n=self.number(number), **params)

    def rate(self, value: float | None) -> str:
        """Return a rate per 100 turns with one decimal."""
        return UNKNOWN if value is None else self.number(value, 1)

    def change(self, value: float | None) -> str:
        """Return a difference of rates with its sign; a rounded zero has none."""
        if value is None:
            return UNKNOWN
        text = self.number(abs(value), 1)
        sign = "" if not text.strip("0,.") else "+" if value > 0 else MINUS
        return sign + text

    def interval(self, bounds: tuple[float, float] | None, *, signed: bool = False) -> str:
        """Return an interval: « 3,1 à 5,0 », '3.1 to 5.0'."""
        if bounds is None:
            return UNKNOWN
        write = self.change if signed else self.rate
        return self.tell("interval", low=write(bounds[0]), high=write(bounds[1]))

    def estimate(self, value: float | None, bounds: tuple[float, float] | None, *, signed: bool = False) -> str:
        """Return an estimate with its interval behind it: « 4,0 (3,1 à 5,0) »."""
        text = self.change(value) if signed else self.rate(value)
        return text if bounds is None else f"{text} ({self.interval(bounds, signed=signed)})"

    def tick(self, value: float) -> str:
        """Return a number of an axis: no more decimals than it needs."""
        text = self.number(abs(value), 0 if value == round(value) else 1)
        return MINUS + text if value < 0 else text

    def side(self, side: str) -> str:
        """Return the name of a side: all, therapist, patient, other."""
        return self.tell(f"side_{side}")

    def measure(self, measure: str) -> str:
        """Return the name of what a trajectory follows: agreement, bond, tension, repair."""
        return self.tell(f"measure_{measure}")

    def factor(self, key: str) -> str:
        """Return the name of a metadata key: ours in the page's language, any other as it is written."""
        return self.tell(f"factor_{key}") if f"factor_{key}" in catalogue("corpus_report") else key

    def level(self, value: str) -> str:
        """Return the name of a group: yes or no in the page's language, anything else as it is written."""
        return self.tell({"True": "level_yes", "False": "level_no"}[value]) if value in ("True", "False") else value

    def p(self, value: float | None) -> str:
        """Return a p with three decimals, « < 0,001 » below that."""
        if value is None:
            return UNKNOWN
        return f"<\u00a0{self.number(SMALLEST_P, 3)}" if value < SMALLEST_P else self.number(value, 3)

    def cell(self, column: Column, value: Any) -> str:
        """Return a table's value as a reader sees it."""
        if value is None:
            return UNKNOWN
        writers = {
            "label": self.label,
            "side": self.side,
            "measure": self.measure,
            "factor": self.factor,
            "level": self.level,
            "count": self.number,
            "rate": self.rate,
            "change": self.change,
            "share": self.percent,
            "p": self.p,
            "number": lambda number: self.number(number, 2),
            "interval": self.interval,
            "interval_change": lambda bounds: self.interval(bounds, signed=True),
            "link": lambda pair: pair[0],
        }
        return writers[column.kind](value) if column.kind in writers else str(value)
