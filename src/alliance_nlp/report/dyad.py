"""The sessions of one dyad side by side: its page, and the dyads' part of the corpus page.

In: trajectories (:mod:`alliance_nlp.statistics.trajectories`).  Out: :class:`DyadPage` and its HTML; a section and
three tables of the corpus page.  A dip is arithmetic on counted marks: pages say « repli », never what befell people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from alliance_nlp.file_names import file_name
from alliance_nlp.report.canvas import INK, SOFT, svg
from alliance_nlp.report.charts import CoursePanel, CoursePoint, CourseSpan, Paint, course_chart, paint_of
from alliance_nlp.report.corpus_rates import bounds_of
from alliance_nlp.report.corpus_wording import CorpusWording
from alliance_nlp.report.page import render_html
from alliance_nlp.report.sections import Figure, Section
from alliance_nlp.report.summary import SessionSummary
from alliance_nlp.report.tables import Column, Table
from alliance_nlp.statistics import Dip, Measure, Trajectory, TrajectoryPoint, trajectories
from alliance_nlp.statistics.dips import MIN_SESSIONS

# Agreement joins two labels, so it takes the colour of neither.
PAINTS = {
    Measure.AGREEMENT: Paint("square", SOFT, INK),
    Measure.BOND: paint_of("bond"),
    Measure.TENSION: paint_of("rupture"),
    Measure.REPAIR: paint_of("repair"),
}


@dataclass(frozen=True, slots=True)
class DyadPage:
    """One dyad: ``stem`` names its page and files; ``links`` are its sessions' pages seen from ``dyads/``."""

    trajectory: Trajectory
    stem: str
    links: Mapping[str, str]
    course: Section
    dips: Section

    @property
    def address(self) -> str:
        """The page's address, relative to the corpus page."""
        return quote(f"dyads/{self.stem}.html", safe="/")


def dyad_pages(summaries: Sequence[SessionSummary], wording: CorpusWording) -> tuple[DyadPage, ...]:
    """Return one page for each dyad with at least two sessions, in order of first appearance."""
    links = {row.session_id: f"../{row.address}" for row in summaries if row.address}
    found = trajectories([row.tally for row in summaries])
    stems = dyad_stems([trajectory.dyad_id for trajectory in found])
    return tuple(_page(trajectory, stem, links, wording) for trajectory, stem in zip(found, stems))


def dyad_stems(dyad_ids: Sequence[str]) -> list[str]:
    """Return a safe file name for each dyad, no two alike even where case does not count.

    >>> dyad_stems(["d07", "D07", "a/b"])
    ['d07', 'D07-2', 'a_b']
    """
    stems: list[str] = []
    taken: set[str] = set()
    for dyad_id in dyad_ids:
        wanted = file_name(dyad_id)
        number, stem = 1, wanted
        while stem.casefold() in taken:
            number += 1
            stem = f"{wanted}-{number}"
        taken.add(stem.casefold())
        stems.append(stem)
    return stems


def render_dyad(page: DyadPage, *, wording: CorpusWording, links: bool, png: bool) -> str:
    """Return a dyad's page as one HTML document."""
    return render_html("dyad.html.j2", wording=wording, extra="corpus", page=page, svg=svg, links=links, png=png)


# -------------------------------------------------------------------------------------- one dyad


def _page(trajectory: Trajectory, stem: str, links: Mapping[str, str], wording: CorpusWording) -> DyadPage:
    own = {point.session_id: links[point.session_id] for point in trajectory.points if point.session_id in links}
    return DyadPage(trajectory, stem, own, _course(trajectory, stem, own, wording), _dips(trajectory, stem, own, wording))


def _course(trajectory: Trajectory, stem: str, links: Mapping[str, str], wording: CorpusWording) -> Section:
    dyad = trajectory.dyad_id
    drawing = course_chart(
        f"dyad-{stem}",
        [_panel(trajectory, measure, wording) for measure in Measure],
        places=[place_name(point, trajectory.ordered_by) for point in trajectory.points],
        title=wording.tell("course_title", dyad=dyad),
        description=wording.tell("course_desc"),
        axis=wording.tell(f"axis_{trajectory.ordered_by}"),
        tick=wording.tick,
    )
    caption = wording.tell(
        "course_caption",
        dyad=dyad,
        sessions=wording.tally("sessions", len(trajectory.points)),
        turns=wording.tally("turns", sum(point.density(Measure.BOND).turns for point in trajectory.points)),
    )
    return Section(
        anchor="parcours",
        title=wording.tell("course_heading"),
        notes=(wording.tell("course_intro"), wording.tell(f"ordered_by_{trajectory.ordered_by}")),
        figure=Figure(drawing, caption),
        tables=(_course_table(trajectory, stem, links, wording),),
    )


def place_name(point: TrajectoryPoint, ordered_by: str) -> str:
    """Return what stands below a session in the drawing: its number, its date, or its place counted from 1."""
    if ordered_by == "session_number" and point.session_number is not None:
        return f"{point.session_number:g}"
    return point.date or "" if ordered_by == "date" else str(point.place + 1)


def _panel(trajectory: Trajectory, measure: Measure, wording: CorpusWording) -> CoursePanel:
    densities = [point.density(measure) for point in trajectory.points]
    return CoursePanel(
        name=wording.measure(measure.value),
        paint=PAINTS[measure],
        points=tuple(CoursePoint(entry.per_100_turns, bounds_of(entry.low, entry.high)) for entry in densities),
        spans=tuple(_span(dip, wording) for dip in trajectory.dips if dip.measure is measure),
    )


def _span(dip: Dip, wording: CorpusWording) -> CourseSpan:
    name = wording.tell("dip_up" if dip.upward else "dip_down")
    return CourseSpan(dip.first_place, dip.lowest_place, dip.return_place, name)


def _course_table(trajectory: Trajectory, stem: str, links: Mapping[str, str], wording: CorpusWording) -> Table:
    columns = (
        Column("session_id", wording.tell("col_session"), "link"),
        Column("place", wording.tell(f"axis_{trajectory.ordered_by}")),
        Column("turns", wording.tell("col_turns"), "count"),
        *(
            column
            for measure in Measure
            for column in (
                Column(measure.value, wording.measure(measure.value), "rate"),
                Column(f"{measure.value}_interval", wording.tell("col_interval"), "interval"),
            )
        ),
    )
    rows = tuple(
        (
            (point.session_id, links.get(point.session_id)),
            place_name(point, trajectory.ordered_by),
            point.density(Measure.BOND).turns,
            *(
                cell
                for measure in Measure
                for entry in [point.density(measure)]
                for cell in (entry.per_100_turns, bounds_of(entry.low, entry.high))
            ),
        )
        for point in trajectory.points
    )
    return Table(f"dyad-{stem}", wording.tell("course_table", dyad=trajectory.dyad_id), columns, rows)


def _dips(trajectory: Trajectory, stem: str, links: Mapping[str, str], wording: CorpusWording) -> Section:
    if len(trajectory.points) < MIN_SESSIONS:
        note = wording.tell("dips_too_few", sessions=wording.tally("sessions", len(trajectory.points)), least=MIN_SESSIONS)
    else:
        note = wording.tell("dips_found" if trajectory.dips else "dips_none")
    table = dips_table([trajectory], f"dyad-{stem}-dips", wording, links=links)
    return Section(
        anchor="replis",
        title=wording.tell("dips_title"),
        notes=(wording.tell("dips_intro"), note),
        tables=(table,) if trajectory.dips else (),
        remarks=(wording.tell("dips_method"), wording.tell("dips_chance")),
    )


def dips_table(
    found: Sequence[Trajectory], name: str, wording: CorpusWording, *, links: Mapping[str, str]
) -> Table:
    """Return the dips of one or more dyads, one a row, each pointing to its three sessions."""
    columns = (
        Column("dyad_id", wording.tell("col_dyad")),
        Column("measure", wording.tell("col_measure"), "measure"),
        Column("first_session", wording.tell("col_first_session"), "link"),
        Column("lowest_session", wording.tell("col_lowest_session"), "link"),
        Column("return_session", wording.tell("col_return_session"), "link"),
        Column("depth", wording.tell("col_depth"), "rate"),
    )

    def linked(session_id: str | None) -> tuple[str, str | None] | None:
        return None if session_id is None else (session_id, links.get(session_id))

    rows = tuple(
        (
            trajectory.dyad_id,
            dip.measure.value,
            linked(dip.first_session),
            linked(dip.lowest_session),
            linked(dip.return_session),
            dip.depth,
        )
        for trajectory in found
        for dip in trajectory.dips
    )
    return Table(name, wording.tell("dips_table"), columns, rows)


# ------------------------------------------------------------------------------- the corpus page


def dyads_section(pages: Sequence[DyadPage], wording: CorpusWording) -> Section | None:
    """Return the list of dyads with links to their pages; None when no dyad has two sessions."""
    if not pages:
        return None
    counted = [dip for page in pages for dip in page.trajectory.dips]
    enough = sum(len(page.trajectory.points) >= MIN_SESSIONS for page in pages)
    notes = (
        wording.tell("dyads_intro"),
        wording.tell("dyads_too_short", least=MIN_SESSIONS)
        if not enough
        else wording.tell(
            "dyads_dips",
            dips=wording.tally("dips", len(counted)),
            back=wording.number(sum(dip.return_place is not None for dip in counted)),
            dyads=wording.tally("dyads", enough),
            least=MIN_SESSIONS,
        ),
    )
    return Section(
        anchor="dyades",
        title=wording.tell("dyads_title"),
        notes=notes,
        tables=(_dyads_table(pages, wording),),
        remarks=(wording.tell("dips_method"), wording.tell("dips_chance")),
    )


def _dyads_table(pages: Sequence[DyadPage], wording: CorpusWording) -> Table:
    columns = (
        Column("dyad_id", wording.tell("col_dyad"), "link"),
        Column("sessions", wording.tell("col_sessions"), "count"),
        Column("turns", wording.tell("col_turns"), "count"),
        Column("dips_agreement", wording.tell("col_dips_agreement"), "count"),
        Column("dips_bond", wording.tell("col_dips_bond"), "count"),
        Column("rises_tension", wording.tell("col_rises_tension"), "count"),
        Column("with_return", wording.tell("col_with_return"), "count"),
    )
    return Table("dyads", wording.tell("dyads_table"), columns, tuple(_dyad_row(page) for page in pages))


def _dyad_row(page: DyadPage) -> tuple[object, ...]:
    found, dips = page.trajectory, page.trajectory.dips
    enough = len(found.points) >= MIN_SESSIONS
    counts = [
        sum(dip.measure is measure for dip in dips) if enough else None
        for measure in (Measure.AGREEMENT, Measure.BOND, Measure.TENSION)
    ]
    returns = sum(dip.return_place is not None for dip in dips) if enough else None
    turns = sum(point.density(Measure.BOND).turns for point in found.points)
    return ((found.dyad_id, page.address), len(found.points), turns, *counts, returns)


def trajectories_table(pages: Sequence[DyadPage], wording: CorpusWording) -> Table:
    """Return all dyads' densities in long form, one row a session and measure, for other programs."""
    columns = (
        Column("dyad_id", ""), Column("session_id", ""), Column("place", "", "count"), Column("session_number", ""),
        Column("date", ""), Column("measure", ""), Column("marked", "", "count"), Column("turns", "", "count"),
        Column("effective_turns", "", "rate"), Column("per_100_turns", "", "rate"), Column("interval", "", "interval"),
    )  # fmt: skip
    rows = tuple(
        (
            page.trajectory.dyad_id, point.session_id, point.place, point.session_number, point.date,
            entry.measure.value, entry.marked, entry.turns, entry.effective_turns, entry.per_100_turns,
            bounds_of(entry.low, entry.high),
        )  # fmt: skip
        for page in pages
        for point in page.trajectory.points
        for entry in point.densities
    )
    return Table("trajectories", wording.tell("trajectories_table"), columns, rows)
