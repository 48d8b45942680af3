"""Commands on transcripts: annotate, check, report."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alliance_nlp.cli.shared import (
    FOUND,
    OK,
    AsJson,
    Columns,
    FormatId,
    Model,
    Paths,
    Roles,
    find_files,
    load_tagger,
    read_input,
    read_options,
    say,
    show,
    tell,
)
from alliance_nlp.errors import AllianceError, ConfigError
from alliance_nlp.messages import LANGUAGES

if TYPE_CHECKING:
    from alliance_nlp.batch.run import Outcome, Progress


def annotate(
    paths: Paths,
    out: Annotated[Path, typer.Option("--out", help=say("help_out"), metavar="DIR")],
    model: Model = "alliance-fr-small",
    roles: Roles = "",
    columns: Columns = "",
    format: FormatId = "",
    device: Annotated[str, typer.Option("--device", help=say("help_device"), metavar="cpu|cuda")] = "cpu",
    backend: Annotated[str, typer.Option("--backend", help=say("help_backend"), metavar="auto|onnx|torch")] = "auto",
    strict_privacy: Annotated[bool, typer.Option("--strict-privacy", help=say("help_strict"))] = False,
    tag_all: Annotated[bool, typer.Option("--tag-all", help=say("help_tag_all"))] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help=say("help_no_report"))] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help=say("help_overwrite"))] = False,
    as_json: AsJson = False,
) -> int:
    from alliance_nlp.batch import BatchSettings, run_batch
    from alliance_nlp.batch.beside import SecondProcess
    from alliance_nlp.model_folder import find_model, model_facts

    folder = find_model(model)
    inputs = find_files(paths, out=out)
    with progress_bar(len(inputs)) as advance:
        outcomes = run_batch(
            inputs,
            out,
            lambda: load_tagger(folder, device, backend),
            model=model_facts(folder),
            settings=BatchSettings(read_options(roles, columns, format), strict_privacy, not no_report, overwrite, tag_all),
            report=advance,
            beside=SecondProcess,
        )
    if as_json:
        show(batch_summary(out, outcomes))
    else:
        tell_batch(out, outcomes, with_reports=not no_report)
    return FOUND if any(outcome.error or outcome.renamed for outcome in outcomes) else OK


def check(
    paths: Paths,
    roles: Roles = "",
    columns: Columns = "",
    format: FormatId = "",
    show_text: Annotated[bool, typer.Option("--show-text", help=say("help_show_text"))] = False,
    as_json: AsJson = False,
) -> int:
    from alliance_nlp.checking import check_transcript, render_check
    from alliance_nlp.formats import read_bytes
    from alliance_nlp.messages import user_language

    options, results, failed = read_options(roles, columns, format), [], []
    for item in find_files(paths):
        try:
            checks = [check_transcript(transcript) for transcript in read_bytes(read_input(item), item.name, options=options)]
        except AllianceError as error:
            failed.append({"file": item.name, "error": error.at(item.name).message()})
            tell(failed[-1]["error"])
            continue
        results += checks
        if not as_json:
            for result in checks:
                show(render_check(result, user_language(), show_text=show_text) + "\n")
    if as_json:
        show({"sessions": [result.as_dict() for result in results], "failed": failed})
    return FOUND if failed or any(result.problems for result in results) else OK


def report(
    annotations: Paths,
    out: Annotated[Path, typer.Option("--out", help=say("help_out"), metavar="DIR")],
    format: Annotated[str, typer.Option("--format", help=say("help_report_format"), metavar="html,md,json")] = "html",
    model: Model = "",
    lang: Annotated[str, typer.Option("--lang", help=say("help_report_lang"), metavar="fr|en")] = "fr",
    without_text: Annotated[bool, typer.Option("--without-text", help=say("help_without_text"))] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help=say("help_pdf"))] = False,
    plan: Annotated[str, typer.Option("--plan", help=say("help_report_plan"), metavar="FILE.csv")] = "",
) -> int:
    from alliance_nlp.batch.reports import ReportSettings, write_reports
    from alliance_nlp.model_folder import find_model, model_facts
    from alliance_nlp.report.figures import png_available
    from alliance_nlp.statistics import read_sample

    formats = tuple(dict.fromkeys(name.strip() for name in format.split(",")))
    if set(formats) - {"html", "md", "json"}:
        raise ConfigError("cli.bad_report_format", found=format)
    if lang not in LANGUAGES:
        raise ConfigError("report.bad_language", found=lang, expected=", ".join(LANGUAGES))
    facts = model_facts(find_model(model)).facts if model else None
    sample = read_sample(Path(plan)) if plan else None
    settings = ReportSettings(formats, language=lang, with_text=not without_text, pdf=pdf, model_facts=facts, sample=sample)
    written = write_reports(find_files(annotations), out, settings)
    tell(say("reports_written", count=len(written), place=out / "index.html" if "html" in formats else out))
    if "html" in formats and not png_available():
        tell(say("no_png"))
    return OK


@contextlib.contextmanager
def progress_bar(total: int) -> Iterator[Any]:
    """Yield a function that shows a file's outcome; the bar appears on a terminal only, failures always."""
    from tqdm import tqdm

    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    with tqdm(total=total, unit=say("unit_file"), file=sys.stderr, disable=None) as bar:

        def advance(progress: Progress) -> None:
            bar.update()
            elapsed = bar.format_dict["elapsed"] or 1e-9
            bar.set_postfix_str(
                say("speed", sessions=f"{progress.sessions / elapsed:.2f}", turns=f"{progress.turns / elapsed:.0f}")
            )
            if progress.outcome.error:
                with bar.external_write_mode(file=sys.stderr):
                    tell(progress.outcome.error.message())

        yield advance


def tell_batch(out: Path, outcomes: list[Outcome], *, with_reports: bool) -> None:
    """Say what was done and where to look."""
    done = [outcome for outcome in outcomes if not outcome.error]
    for outcome in done:
        for given in outcome.renamed:
            tell(say("renamed", file=outcome.file, given=given))
    tell(
        say(
            "batch_done",
            sessions=sum(len(outcome.sessions) for outcome in done),
            turns=sum(outcome.turns for outcome in done),
            unchanged=sum(outcome.resumed for outcome in done),
            failed=len(outcomes) - len(done),
        )
    )
    unmarked = sum(outcome.unmarked for outcome in done)
    if unmarked:
        tell(say("unmarked_one" if unmarked == 1 else "unmarked_many", n=unmarked))
    tell(say("look_here", place=out / ("index.html" if with_reports else "annotations.jsonl")))


def batch_summary(out: Path, outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the machine-readable summary of a run: that of ``run.json``."""
    return {"out": str(out), **json.loads((out / "run.json").read_text(encoding="utf-8"))}
