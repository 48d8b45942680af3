"""Everything the corpus page shows, put together in the order a researcher reads it.

In: summaries of sessions, what is known of the model.  Out: :class:`CorpusPage`.  Each part is built where its
numbers are (``corpus_rates``, ``corpus_groups``, ``corpus_corrected``, ``dyad``); here is what was read, and what
must be known before a number is quoted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.labels import default_label_set
from alliance_nlp.report.corpus_corrected import corrected_section
from alliance_nlp.report.corpus_groups import choose_factors, groups_sections
from alliance_nlp.report.corpus_rates import rates_section, spreads_section
from alliance_nlp.report.corpus_wording import CorpusWording
from alliance_nlp.report.dyad import DyadPage, dips_table, dyad_pages, dyads_section, trajectories_table
from alliance_nlp.report.facts import ModelFacts, read_facts
from alliance_nlp.report.sections import Section
from alliance_nlp.report.summary import SessionSummary
from alliance_nlp.report.tables import Column, Table

FEW = 20  # clusters: below, Student's quantile widens intervals by 7 % or more, and one odd cluster weighs 5 %
LISTED_FACTORS = 3  # group names under a session's code: more would fill the table


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all sessions of the page."""

    sessions: int
    turns: int
    words: int
    counts: Mapping[str, int]
    doubtful: int
    warnings: int


@dataclass(frozen=True, slots=True)
class CorpusPage:
    """What the corpus page shows.

    ``factors`` are the metadata keys whose values stand under each session's code; ``extra_tables`` are files only.
    """

    rows: tuple[SessionSummary, ...]
    totals: Totals
    failures: tuple[tuple[str, str], ...]
    facts: ModelFacts
    models: tuple[str, ...]
    machine_read: bool
    with_number: bool
    with_dyad: bool
    dyad_addresses: Mapping[str, str]
    factors: tuple[str, ...]
    cautions: tuple[str, ...]
    sections: tuple[Section, ...]
    dyads: tuple[DyadPage, ...]
    extra_tables: tuple[Table, ...]


def corpus_page(
    summaries: Sequence[SessionSummary],
    wording: CorpusWording,
    *,
    failures: Sequence[tuple[str, str]] = (),
    model_facts: Mapping[str, Any] | None = None,
) -> CorpusPage:
    """Return what the page of these sessions shows."""
    rows, facts = tuple(summaries), read_facts(model_facts)
    counted_rows = tuple(row for row in rows if not row.left_unmarked)
    named = {name for row in rows for name in row.models} or ({facts.name} if facts.name else set())
    factors, _ = choose_factors([row.tally for row in counted_rows])
    dyads = dyad_pages(counted_rows, wording)
    return CorpusPage(
        rows=rows,
        totals=total(rows),
        failures=tuple(failures),
        facts=facts,
        models=tuple(sorted(named)),
        machine_read=any(row.machine_read for row in rows),
        with_number=any(row.metadata.get("session_number") not in (None, "") for row in rows),
        with_dyad=any(row.dyad for row in rows),
        dyad_addresses={page.trajectory.dyad_id: page.address for page in dyads},
        factors=tuple(factors[:LISTED_FACTORS]),
        cautions=tuple(cautions(rows, wording)),
        sections=tuple(_sections(counted_rows, factors, dyads, wording)),
        dyads=dyads,
        extra_tables=tuple(_extra_tables(rows, dyads, wording)),
    )


def _sections(
    rows: Sequence[SessionSummary], factors: Sequence[str], dyads: Sequence[DyadPage], wording: CorpusWording
) -> list[Section]:
    counts = [row.tally for row in rows if row.turns]
    if not counts:
        return []
    machine = [row.checks for row in rows if row.machine_read]
    parts = [
        rates_section(counts, wording),
        spreads_section(counts, wording),
        *groups_sections(counts, wording),
        corrected_section(machine, factors, wording),
        dyads_section(dyads, wording),
    ]
    return [part for part in parts if part is not None]


def total(rows: Sequence[SessionSummary]) -> Totals:
    """Return the sums over sessions."""
    return Totals(
        sessions=len(rows),
        turns=sum(row.turns for row in rows),
        words=sum(row.words for row in rows),
        counts={name: sum(row.counts.get(name, 0) for row in rows) for name in default_label_set().outputs},
        doubtful=sum(row.doubtful for row in rows),
        warnings=sum(len(row.warnings) for row in rows),
    )


# -------------------------------------------------------------------------------------- cautions


def cautions(rows: Sequence[SessionSummary], wording: CorpusWording) -> list[str]:
    """Return what must be known before a number of the page is quoted, as sentences."""
    if not rows:
        return []
    counted = [row for row in rows if not row.left_unmarked]
    found = _about_clusters(counted, wording) if counted else []
    machine = sum(row.machine_read for row in counted)
    models = sorted({name for row in counted for name in row.models})
    unknown = sum(row.unknown_roles for row in counted)
    unmarked = len(rows) - len(counted)
    if machine:
        found.append(wording.tell("caution_machine"))
    if 0 < machine < len(counted):
        parts = {"machine": wording.tally("sessions", machine), "people": wording.tally("sessions", len(counted) - machine)}
        found.append(wording.tell("caution_mixed", **parts))
    if len(models) > 1:
        found.append(wording.tell("caution_models", models=wording.join(models)))
    if unknown:
        found.append(wording.tally("caution_unknown_roles", unknown))
    if unmarked:
        found.append(wording.tally("caution_left_unmarked", unmarked))
    return found


def _about_clusters(rows: Sequence[SessionSummary], wording: CorpusWording) -> list[str]:
    clusters = len({row.tally.cluster for row in rows})
    alone = sum(row.dyad is None for row in rows)
    found = []
    if clusters == 1:
        found.append(wording.tell("caution_one_cluster"))
    elif clusters < FEW:
        found.append(wording.tell("caution_few", clusters=wording.tally("clusters_named", clusters)))
    if alone == len(rows) > 1:
        found.append(wording.tell("caution_no_dyad"))
    elif 0 < alone < len(rows):
        found.append(wording.tally("caution_some_dyads", alone))
    return found


# ---------------------------------------------------------------------------------------- tables


def _extra_tables(
    rows: Sequence[SessionSummary], dyads: Sequence[DyadPage], wording: CorpusWording
) -> list[Table]:
    """Return the tables that are files only: one row a session, all courses, all dips."""
    tables = [sessions_table(rows, wording)]
    if dyads:
        found = [page.trajectory for page in dyads]
        tables += [trajectories_table(dyads, wording), dips_table(found, "dips", wording, links={})]
    return tables


def sessions_table(rows: Sequence[SessionSummary], wording: CorpusWording) -> Table:
    """Return one row a session: what names it, its size, marked and possible turns of each label (none where it was left unmarked), warnings."""
    keys = [key for key in dict.fromkeys(key for row in rows for key in row.metadata) if key not in ("session_id", "id")]
    names = default_label_set().outputs
    fixed = ("session_id", "turns", "words", "doubtful", "warnings", "models", "left_unmarked")
    counted = [f"{name}_{part}" for name in names for part in ("marked", "turns")]
    columns = (
        Column("session_id", ""),
        *(Column(f"meta_{key}" if key in (*fixed, *counted) else key, "") for key in keys),
        *(Column(key, "") for key in fixed[1:]),
        *(Column(name, "") for name in counted),
    )
    return Table("sessions", wording.tell("sessions_csv"), columns, tuple(_session_row(row, keys) for row in rows))


def _session_row(row: SessionSummary, keys: Sequence[str]) -> tuple[Any, ...]:
    counted = [row.tally.rate(name) for name in default_label_set().outputs]
    return (
        row.session_id,
        *(row.metadata.get(key) for key in keys),
        row.turns,
        row.words,
        row.doubtful if row.machine_read else None,
        len(row.warnings),
        "; ".join(row.models),
        int(row.left_unmarked),
        *(None if row.left_unmarked else number for rate in counted for number in (rate.marked, rate.eligible)),
    )

