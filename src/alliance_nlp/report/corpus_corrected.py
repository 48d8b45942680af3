"""Rates corrected by people's checks: what the machine's reading alone cannot give.

In: what each machine-read session holds of people's tags.  Out: one section, None when nobody checked anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from alliance_nlp.errors import ConfigError
from alliance_nlp.labels import default_label_set
from alliance_nlp.report.charts import IntervalRow, interval_chart, paint_of
from alliance_nlp.report.corpus_wording import CorpusWording
from alliance_nlp.report.sections import Figure, Section
from alliance_nlp.report.tables import Column, Table
from alliance_nlp.statistics import (
    MIN_CHECKED_CLUSTERS,
    CheckedCounts,
    CorrectedDifference,
    CorrectedEstimate,
    corrected_difference,
    corrected_prevalence,
)

READINGS = ("corrected", "classical", "machine")


def corrected_section(
    checks: Sequence[CheckedCounts], factors: Sequence[str], wording: CorpusWording
) -> Section | None:
    """Return the corrected rates, and their differences by factor where enough was checked; None without any check."""
    checked = sum(any(sums.checked for sums in entry.sums.values()) for entry in checks)
    if not checked:
        return None
    estimates = [found for name in default_label_set().outputs if (found := _estimate(checks, name)) is not None]
    title, notes = wording.tell("corrected_title"), [wording.tell("corrected_intro")]
    if not estimates:
        notes.append(wording.tell("corrected_too_few", sessions=wording.tally("sessions", checked), least=MIN_CHECKED_CLUSTERS))
        return Section("corrige", title, tuple(notes))
    differences = [
        found
        for factor in factors
        for estimate in estimates
        if (found := _difference(checks, estimate.name, factor)) is not None
    ]
    tables = [_table(estimates, wording)]
    if differences:
        tables.append(_differences_table(differences, wording))
    return Section(
        anchor="corrige",
        title=title,
        notes=(*notes, wording.tell("corrected_planned" if any(entry.weighted for entry in checks) else "corrected_random")),
        figure=_figure(estimates, wording),
        tables=tuple(tables),
    )


def _estimate(checks: Sequence[CheckedCounts], name: str) -> CorrectedEstimate | None:
    try:
        return corrected_prevalence(checks, name)
    except ConfigError:  # too few checked: said once for the page
        return None


def _difference(checks: Sequence[CheckedCounts], name: str, factor: str) -> CorrectedDifference | None:
    try:
        return corrected_difference(checks, name, factor)
    except ConfigError:  # too few checked in at least two groups
        return None


def _figure(estimates: Sequence[CorrectedEstimate], wording: CorpusWording) -> Figure:
    rows = []
    for estimate in estimates:
        paint = paint_of(estimate.name)
        rows.append(IntervalRow(wording.label(estimate.name), paint, None, None, "", head=True, bold=True))
        for reading in READINGS:
            found = getattr(estimate, reading)
            bounds = (found.low, found.high)
            shown = wording.estimate(found.value, bounds)
            rows.append(IntervalRow(wording.tell(f"reading_{reading}"), paint, found.value, bounds, shown))
    drawing = interval_chart(
        "corrected",
        rows,
        title=wording.tell("corrected_title"),
        description=wording.tell("corrected_desc"),
        axis=wording.tell("axis_per_100"),
        tick=wording.tick,
    )
    most = max(estimates, key=lambda estimate: estimate.turns)
    caption = wording.tell(
        "corrected_caption",
        turns=wording.tally("turns", most.turns),
        checked=wording.tally("checked_turns", most.checked_turns),
        clusters=wording.tally("clusters", most.checked_clusters),
        value=wording.tell(f"machine_{most.machine_value}"),
    )
    return Figure(drawing, caption)


def _table(estimates: Sequence[CorrectedEstimate], wording: CorpusWording) -> Table:
    columns = (
        Column("label", wording.tell("col_label"), "label"),
        *(
            column
            for reading in READINGS
            for column in (
                Column(reading, wording.tell(f"reading_{reading}"), "rate"),
                Column(f"{reading}_interval", wording.tell("col_interval"), "interval"),
            )
        ),
        Column("turns", wording.tell("col_eligible"), "count"),
        Column("checked_turns", wording.tell("col_checked"), "count"),
        Column("effective_checked", wording.tell("col_effective"), "count"),
        Column("power", wording.tell("col_power"), "number"),
    )
    rows = tuple(
        (
            estimate.name,
            *(
                cell
                for reading in READINGS
                for found in [getattr(estimate, reading)]
                for cell in (found.value, (found.low, found.high))
            ),
            estimate.turns,
            estimate.checked_turns,
            estimate.effective_checked,
            estimate.power,
        )
        for estimate in estimates
    )
    return Table("corrected", wording.tell("corrected_table"), columns, rows)


def _differences_table(differences: Sequence[CorrectedDifference], wording: CorpusWording) -> Table:
    columns = (
        Column("label", wording.tell("col_label"), "label"),
        Column("factor", wording.tell("col_factor"), "factor"),
        Column("first", wording.tell("col_first"), "level"),
        Column("second", wording.tell("col_second"), "level"),
        *(
            column
            for reading in READINGS
            for column in (
                Column(reading, wording.tell(f"reading_{reading}"), "change"),
                Column(f"{reading}_interval", wording.tell("col_interval"), "interval_change"),
            )
        ),
    )
    rows = tuple(
        (
            entry.name, entry.factor, pair.first, pair.second,
            *(
                cell
                for reading in READINGS
                for found in [getattr(pair, reading)]
                for cell in (found.value, (found.low, found.high))
            ),
        )  # fmt: skip
        for entry in differences
        for pair in entry.differences
    )
    return Table("corrected-differences", wording.tell("corrected_differences_table"), columns, rows)
