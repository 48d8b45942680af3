"""The main job: many files in, one folder of results out; resumable at any moment, the same bytes every time.

Each input file's sessions are written to ``DIR/.parts`` as soon as they are tagged, under a name made of the file's
bytes and of everything that shapes the result (version, model, settings).  The final files are put together from
these parts in input order, so a run that was killed continues where it stopped and ends with the same bytes.
``.parts`` may be deleted; then the next run does everything again.
"""

from __future__ import annotations

import dataclasses
import json
import platform
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from alliance_nlp import __version__, privacy
from alliance_nlp.batch.corpus_files import drop_corpus_report, write_corpus_report
from alliance_nlp.batch.decided import Decided
from alliance_nlp.batch.dyads import group_by_dyad, page_links, same_dyad
from alliance_nlp.batch.inputs import InputFile, sha256
from alliance_nlp.batch.outputs import atomic_writer, prepare_folder, write_if_changed
from alliance_nlp.errors import AllianceError, StoreError, TranscriptFormatError
from alliance_nlp.evaluation.likeness import is_left_unmarked
from alliance_nlp.exports.turns_csv import csv_writer, turn_columns, turn_rows
from alliance_nlp.file_names import file_name
from alliance_nlp.formats import ReadOptions, read_bytes
from alliance_nlp.model_folder import ModelFacts
from alliance_nlp.patterns import DyadSession, dyad_session
from alliance_nlp.pipeline import annotate_all
from alliance_nlp.record import dumps, from_record
from alliance_nlp.report import SessionSummary, render_session, summarise
from alliance_nlp.transcript import Notice, Transcript

if TYPE_CHECKING:
    from alliance_nlp.tagger import Tagger

PARTS = ".parts"
ANNOTATIONS, TURNS, RUN, INDEX, REPORTS = "annotations.jsonl", "turns.csv", "run.json", "index.html", "reports"


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """What shapes the results of a run, beside the input and the model."""

    options: ReadOptions = field(default_factory=ReadOptions)
    strict_privacy: bool = False
    reports: bool = True
    overwrite: bool = False
    tag_all: bool = False  # also what does not sound like psychotherapy


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one input file: ``error`` is None when it is done.  ``part`` holds its tagged sessions."""

    file: str
    part: Path | None = None
    sessions: tuple[str, ...] = ()
    turns: int = 0
    resumed: bool = False
    error: AllianceError | None = None
    renamed: tuple[str, ...] = ()  # ids another session of the run had already
    unmarked: int = 0  # sessions that do not sound like psychotherapy
    counts: tuple[DyadSession, ...] = ()  # what later sessions of the same dyad are set beside


@dataclass(frozen=True, slots=True)
class Progress:
    """One file is finished: its place, how many there are, and what has been done so far."""

    done: int
    total: int
    sessions: int
    turns: int
    outcome: Outcome


def run_batch(
    inputs: list[InputFile],
    out: Path,
    load_tagger: Callable[[], Tagger],
    *,
    model: ModelFacts,
    settings: BatchSettings,
    report: Callable[[Progress], None] = lambda progress: None,
    beside: Callable[[], Executor] = lambda: ThreadPoolExecutor(1),
) -> list[Outcome]:
    """Annotate ``inputs`` into the folder ``out`` and return one outcome a file, in input order.

    The tagger is loaded when the first file needs it: a run with nothing left to do starts at once.  ``beside`` makes the
    executor that searches for identifying information meanwhile: a thread, or in a program ``beside.SecondProcess``.
    Raises StoreError when the folder cannot be written; a bad file is an outcome, never an exception.
    """
    began = time.time()
    prepare_folder(out)
    key = settings_key(settings, model)
    load_once = lru_cache(maxsize=1)(lambda: following(load_tagger(), settings))
    outcomes: list[Outcome] = []
    sessions = turns = 0
    with beside() as executor:
        for place, item in enumerate(inputs, 1):
            outcomes.append(do_file(item, out / PARTS, key, load_once, settings, executor))
            sessions, turns = sessions + len(outcomes[-1].sessions), turns + outcomes[-1].turns
            report(Progress(place, len(inputs), sessions, turns, outcomes[-1]))
    outcomes = assemble(out, outcomes, settings, model)
    drop_parts(out / PARTS, outcomes)
    write_run(out / RUN, outcomes, settings, model, began)
    return outcomes


def following(tagger: Tagger, settings: BatchSettings) -> Tagger:
    """Return the tagger as the settings want it."""
    tagger.tag_all = settings.tag_all
    return tagger


# --------------------------------------------------------------------------------------- one file


def do_file(
    item: InputFile, parts: Path, key: str, load_tagger: Callable[[], Tagger], settings: BatchSettings, beside: Executor
) -> Outcome:
    """Tag one file's sessions into its part, unless that is done already."""
    try:
        data = item.read()
    except OSError as error:
        detail = error.strerror or type(error).__name__
        return Outcome(item.name, error=StoreError("batch.unreadable", file=item.name, detail=detail))
    part = parts / f"{sha256(item.name.encode() + b'/' + data)[:24]}-{key}.jsonl"
    resumed = part.is_file() and not settings.overwrite
    if not resumed:
        try:
            transcripts = read_bytes(data, item.name, options=settings.options)
        except AllianceError as error:
            return Outcome(item.name, error=error.at(item.name))
        try:  # a model that cannot be loaded is a ModelError: it ends the run, it is no fault of the file
            tagged = annotate_all(transcripts, load_tagger, beside=beside, strict_privacy=settings.strict_privacy)
        except TranscriptFormatError as error:
            return Outcome(item.name, error=error.at(item.name))
        write_lines(part, tagged)
    sessions = list(read_part(part))
    return Outcome(
        item.name,
        part=part,
        sessions=tuple(session.session_id for session in sessions),
        turns=sum(len(session.turns) for session in sessions),
        resumed=resumed,
        counts=tuple(dyad_session(session) for session in sessions),
    )


def write_lines(path: Path, transcripts: list[Transcript]) -> None:
    """Write session records, one a line, whole or not at all."""
    with atomic_writer(path) as stream:
        stream.writelines(dumps(transcript) + "\n" for transcript in transcripts)


def read_part(path: Path) -> Iterator[Transcript]:
    """Yield the sessions of a part."""
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            yield from_record(json.loads(line))


# ------------------------------------------------------------------------------------- everything


def assemble(out: Path, outcomes: list[Outcome], settings: BatchSettings, model: ModelFacts) -> list[Outcome]:
    """Put the parts together in input order, with what people decided on them before: records, table, reports, index.

    Return outcomes with final ids.
    """
    decided = Decided(out, ANNOTATIONS, present=[name for outcome in outcomes for name in outcome.sessions])
    taken: set[str] = set()
    finished: list[Outcome] = []
    summaries: list[SessionSummary] = []
    dyads = group_by_dyad(final_counts(outcomes))
    with atomic_writer(out / ANNOTATIONS) as records, atomic_writer(out / TURNS) as table:
        rows = csv_writer(table)
        rows.writerow(turn_columns())
        for outcome in outcomes:
            ids, renamed, unmarked = [], [], 0
            for session in read_part(outcome.part) if outcome.part else ():
                unique = with_unique_id(session, taken)
                renamed += [session.session_id] if unique is not session else []
                unique = decided.put_back(unique)
                unmarked += is_left_unmarked(unique)
                ids.append(unique.session_id)
                records.write(dumps(unique) + "\n")
                rows.writerows(turn_rows(unique))
                if settings.reports:
                    earlier = same_dyad(unique, dyads)
                    page = render_session(
                        unique,
                        model_facts=model.facts,
                        index_link=f"../{INDEX}",
                        earlier=earlier,
                        links=page_links(earlier),
                    )
                    write_if_changed(out / REPORTS / f"{file_name(unique.session_id)}.html", page)
                    summaries.append(summarise(unique, link=f"{REPORTS}/{file_name(unique.session_id)}.html"))
            finished.append(dataclasses.replace(outcome, sessions=tuple(ids), renamed=tuple(renamed), unmarked=unmarked))
        decided.set_aside(out)
    decided.drop_returned(out)
    if settings.reports:
        failures = [(o.file, o.error.message("fr")) for o in finished if o.error]
        write_corpus_report(out, summaries, failures=failures, model_facts=model.facts, png=False)
    else:
        drop_corpus_report(out)  # an earlier run's would show its numbers and link to pages that are gone
    drop_reports(out, {f"{file_name(i)}.html" for o in finished for i in o.sessions} if settings.reports else set())
    return finished


def with_unique_id(session: Transcript, taken: set[str]) -> Transcript:
    """Return the session under an id whose file name no earlier one has: ``id``, ``id-2``, ``id-3`` …"""
    wanted = unique_id(session.session_id, taken)
    if wanted == session.session_id:
        return session
    notice = Notice("batch.renamed", params={"given": session.session_id, "new": wanted})
    return dataclasses.replace(session, session_id=wanted, warnings=(*session.warnings, notice))


def unique_id(given: str, taken: set[str]) -> str:
    """Return the first of ``given``, ``given-2``, ``given-3`` … whose file name is not in ``taken``, and take it."""
    wanted, number = given, 1
    while file_name(wanted).casefold() in taken:
        number += 1
        wanted = f"{given}-{number}"
    taken.add(file_name(wanted).casefold())
    return wanted


def final_counts(outcomes: list[Outcome]) -> Iterator[DyadSession]:
    """Yield every session's counts under the id that it will be written with."""
    taken: set[str] = set()
    for outcome in outcomes:
        for counts in outcome.counts:
            yield dataclasses.replace(counts, session_id=unique_id(counts.session_id, taken))


def drop_parts(parts: Path, outcomes: list[Outcome]) -> None:
    """Delete parts that no file of this run uses: other settings, other bytes, files that are gone."""
    used = {outcome.part for outcome in outcomes}
    for path in parts.glob("*.jsonl"):
        if path not in used:
            path.unlink()


def drop_reports(out: Path, current: set[str]) -> None:
    """Delete reports that an earlier run wrote and this one did not (only those that ``run.json`` names)."""
    try:
        earlier = json.loads((out / RUN).read_text(encoding="utf-8"))
        names = [f"{file_name(i)}.html" for entry in earlier["files"] for i in entry["sessions"]]
    except (OSError, ValueError, KeyError, TypeError):
        return  # no readable run before this one: nothing is ours to delete
    for name in set(names) - current:
        (out / REPORTS / name).unlink(missing_ok=True)


def settings_key(settings: BatchSettings, model: ModelFacts) -> str:
    """Return a short hash of everything but the input that shapes a record."""
    options = settings.options
    table = {
        "version": __version__,
        "model": model.sha256,
        "privacy": privacy.engine_name(),
        "strict": settings.strict_privacy,
        "roles": {name: role.value for name, role in options.roles.items()},
        "columns": dict(options.columns),
        "format": options.format,
        "tag_all": settings.tag_all,
    }
    return sha256(json.dumps(table, sort_keys=True).encode())[:12]


def write_run(path: Path, outcomes: list[Outcome], settings: BatchSettings, model: ModelFacts, began: float) -> None:
    """Write ``run.json``: versions, model, settings, timing and each file's outcome."""
    turns = sum(outcome.turns for outcome in outcomes if not outcome.resumed)
    seconds = time.time() - began
    table = {
        "alliance_nlp": __version__,
        "python": platform.python_version(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "seconds": round(seconds, 2),
        "turns_per_second": round(turns / seconds, 1) if turns else None,
        "model": {"name": model.name, "version": model.version, "sha256": model.sha256},
        "settings": {
            "roles": {name: role.value for name, role in settings.options.roles.items()},
            "columns": dict(settings.options.columns),
            "strict_privacy": settings.strict_privacy,
            "tag_all": settings.tag_all,
            "privacy_engine": privacy.engine_name(),
        },
        "files": [
            {
                "file": outcome.file,
                "status": "failed" if outcome.error else ("unchanged" if outcome.resumed else "done"),
                "sessions": list(outcome.sessions),
                "turns": outcome.turns,
                "renamed": list(outcome.renamed),
                "unmarked": outcome.unmarked,
                "error": outcome.error.message("fr") if outcome.error else None,
            }
            for outcome in outcomes
        ],
    }
    with atomic_writer(path) as stream:
        json.dump(table, stream, ensure_ascii=False, indent=1)
        stream.write("\n")
