"""Groups of sessions that the metadata name: which keys make groups, and the comparison of each.

In: counts of sessions.  Out: one section a key with two to eight values.  Left out: any reading of a difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from alliance_nlp.labels import default_label_set
from alliance_nlp.report.charts import IntervalRow, interval_chart, paint_of
from alliance_nlp.report.context import SHOWN_METADATA
from alliance_nlp.report.corpus_rates import bounds_of
from alliance_nlp.report.corpus_wording import CorpusWording
from alliance_nlp.report.sections import Figure, Section
from alliance_nlp.report.tables import Column, Table
from alliance_nlp.statistics import GroupComparison, SessionCounts, compare_groups

FEWEST_LEVELS, MOST_LEVELS = 2, 8  # beyond eight, a figure of seven labels no longer fits a page
MOST_FACTORS = 6  # each is a page of paper; more would be fishing
WORK = 400_000  # draws × clusters: keeps a comparison of thousands of sessions within seconds
DRAWS = (200, 2000)  # bounds; p can be no smaller than 1 / (1 + draws)
NOT_A_GROUP = frozenset({*SHOWN_METADATA, "id", "session_id"})  # they name sessions and dyads
LONGEST_NAME = 26  # characters of a level beside the drawing; the table holds it whole


def groups_sections(counts: Sequence[SessionCounts], wording: CorpusWording) -> tuple[Section, ...]:
    """Return one section for each key of the metadata that makes groups, in order of first appearance."""
    factors, left_out = choose_factors(counts)
    stems = file_stems(factors)
    draws = min(DRAWS[1], max(DRAWS[0], WORK // max(len({entry.cluster for entry in counts}), 1)))
    sections = [_section(compare_groups(counts, factor, draws=draws), stems[factor], wording) for factor in factors]
    if sections and left_out:
        remark = wording.tell("groups_left_out", keys=", ".join(left_out), most=MOST_LEVELS, factors=MOST_FACTORS)
        last = sections[-1]
        sections[-1] = Section(
            last.anchor, last.title, last.notes, last.figure, last.tables, (*last.remarks, remark)
        )
    return tuple(sections)


def choose_factors(counts: Sequence[SessionCounts]) -> tuple[list[str], list[str]]:
    """Return the keys to compare by, and those left out because they have too many values or are too many.

    A key makes groups when it has two to eight values, at least twice as many sessions as values, and at least
    two values that two sessions share; a key with one value tells nothing and is not mentioned.
    """
    levels: dict[str, dict[str, int]] = {}
    for entry in counts:
        for key, value in entry.metadata.items():
            if key not in NOT_A_GROUP and value is not None and str(value).strip():
                own = levels.setdefault(key, {})
                own[str(value).strip()] = own.get(str(value).strip(), 0) + 1
    several = {key: sizes for key, sizes in levels.items() if len(sizes) >= FEWEST_LEVELS}
    fitting = [key for key, sizes in several.items() if _makes_groups(sizes)]
    return fitting[:MOST_FACTORS], [key for key in several if key not in fitting[:MOST_FACTORS]]


def _makes_groups(sizes: Mapping[str, int]) -> bool:
    shared = sum(size >= 2 for size in sizes.values())
    return len(sizes) <= MOST_LEVELS and sum(sizes.values()) >= 2 * len(sizes) and shared >= FEWEST_LEVELS


def file_stems(keys: Sequence[str]) -> dict[str, str]:
    """Return a plain stem for the files of each key: lower-case letters, digits and hyphens, no two alike.

    >>> file_stems(["Type de séance", "type-de-seance"])
    {'Type de séance': 'type-de-seance', 'type-de-seance': 'type-de-seance-2'}
    """
    stems: dict[str, str] = {}
    for key in keys:
        plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode("ascii").lower()
        wanted = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "group"
        number, stem = 1, wanted
        while stem in stems.values():
            number += 1
            stem = f"{wanted}-{number}"
        stems[key] = stem
    return stems


def _section(comparison: GroupComparison, stem: str, wording: CorpusWording) -> Section:
    factor = wording.factor(comparison.factor)
    drawing = interval_chart(
        f"group-{stem}",
        _chart_rows(comparison, wording),
        title=wording.tell("group_title", factor=factor),
        description=wording.tell("group_desc", factor=factor),
        axis=wording.tell("axis_per_100"),
        tick=wording.tick,
    )
    sizes = wording.say("list_separator").join(
        wording.tell(
            "level_size", level=wording.level(level.level), sessions=wording.tally("sessions", level.sessions),
            clusters=wording.tally("clusters", level.clusters),
        )  # fmt: skip
        for level in comparison.levels
    )
    tables = [_rates_table(comparison, stem, wording)]
    if comparison.differences:
        tables.append(_differences_table(comparison, stem, wording))
    return Section(
        anchor=f"groupe-{stem}",
        title=wording.tell("group_title", factor=factor),
        notes=_notes(comparison, wording),
        figure=Figure(drawing, wording.tell("group_caption", factor=factor, sizes=sizes)),
        tables=tuple(tables),
        remarks=(wording.tell("group_bootstrap"),) if comparison.differences else (),
    )


def _notes(comparison: GroupComparison, wording: CorpusWording) -> tuple[str, ...]:
    notes = [wording.tell("group_intro")]
    if comparison.unknown:
        notes.append(wording.tally("group_unknown", comparison.unknown))
    if comparison.not_compared:
        names = wording.join([wording.level(level) for level in comparison.not_compared])
        notes.append(wording.tell("group_not_compared", levels=names, fewest=comparison.min_clusters))
    if comparison.shared_clusters:
        notes.append(wording.tally("group_shared", comparison.shared_clusters))
    if not comparison.differences:
        notes.append(wording.tell("group_no_difference", fewest=comparison.min_clusters))
    elif not comparison.all_pairs:
        notes.append(wording.tell("group_against_first", level=wording.level(comparison.differences[0].first)))
    return tuple(notes)


def _chart_rows(comparison: GroupComparison, wording: CorpusWording) -> list[IntervalRow]:
    rows = []
    for place, name in enumerate(default_label_set().outputs):
        paint = paint_of(name)
        rows.append(IntervalRow(wording.label(name), paint, None, None, "", head=True, bold=True))
        for level in comparison.levels:
            rate = level.rates[place]
            bounds = bounds_of(rate.low, rate.high)
            shown = wording.estimate(rate.per_100_turns, bounds)
            rows.append(IntervalRow(_short(wording.level(level.level)), paint, rate.per_100_turns, bounds, shown))
    return rows


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"


def _rates_table(comparison: GroupComparison, stem: str, wording: CorpusWording) -> Table:
    columns = (
        Column("label", wording.tell("col_label"), "label"),
        Column("level", wording.factor(comparison.factor), "level"),
        Column("marked", wording.tell("col_marked"), "count"),
        Column("turns", wording.tell("col_eligible"), "count"),
        Column("per_100_turns", wording.tell("col_rate"), "rate"),
        Column("interval", wording.tell("col_interval"), "interval"),
        Column("sessions", wording.tell("col_sessions"), "count"),
        Column("clusters", wording.tell("col_clusters"), "count"),
    )
    rows = tuple(
        (
            name, level.level, rate.marked, rate.turns, rate.per_100_turns, bounds_of(rate.low, rate.high),
            rate.sessions, rate.clusters,
        )  # fmt: skip
        for place, name in enumerate(default_label_set().outputs)
        for level in comparison.levels
        for rate in [level.rates[place]]
    )
    caption = wording.tell("group_rates_table", factor=wording.factor(comparison.factor))
    return Table(f"group-{stem}-rates", caption, columns, rows)


def _differences_table(comparison: GroupComparison, stem: str, wording: CorpusWording) -> Table:
    columns = (
        Column("label", wording.tell("col_label"), "label"),
        Column("first", wording.tell("col_first"), "level"),
        Column("second", wording.tell("col_second"), "level"),
        Column("difference", wording.tell("col_difference"), "change"),
        Column("interval", wording.tell("col_interval"), "interval_change"),
        Column("bootstrap", wording.tell("col_bootstrap"), "interval_change"),
        Column("p", wording.tell("col_p"), "p"),
        Column("p_holm", wording.tell("col_p_holm"), "p"),
    )
    rows = tuple(
        (
            entry.name, entry.first, entry.second, entry.difference.value,
            (entry.difference.low, entry.difference.high), (entry.bootstrap.low, entry.bootstrap.high),
            entry.p, entry.p_holm,
        )  # fmt: skip
        for entry in sorted(comparison.differences, key=lambda e: default_label_set().outputs.index(e.name))
    )
    factor = wording.factor(comparison.factor)
    caption = wording.tell("group_differences_table", factor=factor, draws=wording.number(comparison.draws))
    return Table(f"group-{stem}-differences", caption, columns, rows)
