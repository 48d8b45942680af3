"""How often each label occurs over the corpus, by side, and how its rate spreads over sessions.

In: counts of sessions (:mod:`alliance_nlp.statistics`).  Out: sections of the corpus page.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from alliance_nlp.labels import default_label_set
from alliance_nlp.report.charts import IntervalRow, SpreadRow, interval_chart, paint_of, spread_chart
from alliance_nlp.report.corpus_wording import CorpusWording
from alliance_nlp.report.sections import Figure, Section
from alliance_nlp.report.tables import Column, Table
from alliance_nlp.statistics import Rate, SessionCounts, Side, label_rates

SHOWN_SIDES = (Side.ALL, Side.THERAPIST, Side.PATIENT, Side.OTHER)
SHORTEST = 10  # eligible turns: in a shorter session a single mark would weigh more than 10 per 100


def rates_section(counts: Sequence[SessionCounts], wording: CorpusWording) -> Section:
    """Return the pooled rates with their intervals, for all turns and by side."""
    by_side = {side: label_rates(counts, side=side) for side in SHOWN_SIDES}
    rates = _in_order(by_side)
    present = {name: sum(entry.rate(name).marked > 0 for entry in counts) for name in default_label_set().outputs}
    clusters = len({entry.cluster for entry in counts})
    words = {
        "sessions": wording.tally("sessions", len(counts)),
        "clusters": wording.tally("clusters", clusters),
        "turns": wording.tally("turns", max(rate.turns for rate in rates) if rates else 0),
    }
    drawing = interval_chart(
        "rates",
        [_chart_row(rate, wording) for rate in rates],
        title=wording.tell("rates_title"),
        description=wording.tell("rates_desc"),
        axis=wording.tell("axis_per_100"),
        tick=wording.tick,
    )
    return Section(
        anchor="taux",
        title=wording.tell("rates_title"),
        notes=(wording.tell("rates_intro"),),
        figure=Figure(drawing, wording.tell("rates_caption", **words)),
        tables=(_rates_table(rates, present, wording),),
    )


def _in_order(by_side: Mapping[Side, Sequence[Rate]]) -> list[Rate]:
    """Return the rates label by label, all turns first; sides that hold no turn or tell nothing more are left out."""
    rates = []
    for place in range(len(default_label_set().outputs)):
        whole = by_side[Side.ALL][place]
        sides = [by_side[side][place] for side in SHOWN_SIDES[1:]]
        rates += [whole, *([] if whole.patient_side_only else [rate for rate in sides if rate.turns])]
    return rates


def _chart_row(rate: Rate, wording: CorpusWording) -> IntervalRow:
    whole = rate.side is Side.ALL
    return IntervalRow(
        name=wording.label(rate.name) if whole else wording.side(rate.side.value),
        paint=paint_of(rate.name),
        value=rate.per_100_turns,
        interval=bounds_of(rate.low, rate.high),
        shown=wording.estimate(rate.per_100_turns, bounds_of(rate.low, rate.high)),
        head=whole,
        bold=whole,
    )


def bounds_of(low: float | None, high: float | None) -> tuple[float, float] | None:
    """Return an interval, None when either bound is unknown."""
    return None if low is None or high is None else (low, high)


def _rates_table(rates: Sequence[Rate], present: Mapping[str, int], wording: CorpusWording) -> Table:
    columns = (
        Column("label", wording.tell("col_label"), "label"),
        Column("side", wording.tell("col_side"), "side"),
        Column("marked", wording.tell("col_marked"), "count"),
        Column("turns", wording.tell("col_eligible"), "count"),
        Column("per_100_turns", wording.tell("col_rate"), "rate"),
        Column("interval", wording.tell("col_interval"), "interval"),
        Column("sessions", wording.tell("col_sessions"), "count"),
        Column("sessions_with_one", wording.tell("col_present"), "count"),
        Column("clusters", wording.tell("col_clusters"), "count"),
    )
    rows = tuple(
        (
            rate.name,
            # A rupture can stand on the patient side only, so that « all turns » are that side's.
            Side.PATIENT.value if rate.patient_side_only else rate.side.value,
            rate.marked,
            rate.turns,
            rate.per_100_turns,
            bounds_of(rate.low, rate.high),
            rate.sessions,
            present[rate.name] if rate.side is Side.ALL else None,
            rate.clusters,
        )
        for rate in rates
    )
    return Table("rates", wording.tell("rates_table"), columns, rows)


# --------------------------------------------------------------------------------------- spreads


def spreads_section(counts: Sequence[SessionCounts], wording: CorpusWording) -> Section | None:
    """Return how the rates of single sessions spread; None with fewer than two sessions long enough."""
    spreads = [(name, session_rates(counts, name)) for name in default_label_set().outputs]
    spreads = [(name, values) for name, values in spreads if len(values) >= 2]
    if not spreads:
        return None
    kept = max(len(values) for _, values in spreads)
    drawing = spread_chart(
        "spreads",
        [_spread_row(name, values, wording) for name, values in spreads],
        title=wording.tell("spreads_title"),
        description=wording.tell("spreads_desc"),
        axis=wording.tell("axis_session_per_100"),
        tick=wording.tick,
    )
    caption = wording.tell("spreads_caption", sessions=wording.tally("sessions", kept), shortest=SHORTEST)
    return Section(
        anchor="dispersion",
        title=wording.tell("spreads_title"),
        notes=(wording.tell("spreads_intro", shortest=SHORTEST),),
        figure=Figure(drawing, caption),
        tables=(_spreads_table(spreads, wording),),
    )


def session_rates(counts: Sequence[SessionCounts], name: str) -> tuple[float, ...]:
    """Return the rate per 100 turns of each session with at least :data:`SHORTEST` eligible turns, in their order."""
    entries = (entry.rate(name) for entry in counts)
    return tuple(100 * entry.marked / entry.eligible for entry in entries if entry.eligible >= SHORTEST)


def five_numbers(values: Sequence[float]) -> tuple[float, float, float, float, float]:
    """Return minimum, quartiles and maximum of at least two values (quartiles: Hyndman and Fan, 1996, type 7).

    >>> five_numbers([0, 1, 2, 3, 4])
    (0, 1.0, 2.0, 3.0, 4)
    """
    first, middle, third = statistics.quantiles(values, n=4, method="inclusive")
    return min(values), first, middle, third, max(values)


def _spread_row(name: str, values: tuple[float, ...], wording: CorpusWording) -> SpreadRow:
    five = five_numbers(values)
    shown = wording.tell("median_quartiles", median=wording.rate(five[2]), span=wording.interval((five[1], five[3])))
    return SpreadRow(wording.label(name), paint_of(name), values, five, shown)


def _spreads_table(spreads: Sequence[tuple[str, tuple[float, ...]]], wording: CorpusWording) -> Table:
    keys = ("minimum", "quartile_1", "median", "quartile_3", "maximum")
    columns = (
        Column("label", wording.tell("col_label"), "label"),
        Column("sessions", wording.tell("col_sessions"), "count"),
        *(Column(key, wording.tell(f"col_{key}"), "rate") for key in keys),
        Column("sessions_without", wording.tell("col_without"), "count"),
    )
    rows = tuple(
        (name, len(values), *five_numbers(values), sum(value == 0 for value in values)) for name, values in spreads
    )
    return Table("spreads", wording.tell("spreads_table"), columns, rows)
