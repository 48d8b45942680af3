"""The command line: parse → call one function → print.  Nothing heavy is imported before a command runs.

Results go to files or standard output, progress and messages to standard error.  Exit status: 0 all done, 1 some
input failed or a check found something, 2 usage or configuration, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alliance_nlp import __version__
from alliance_nlp.errors import AllianceError, ConfigError
from alliance_nlp.messages import render

if TYPE_CHECKING:
    from alliance_nlp.batch.inputs import InputFile
    from alliance_nlp.batch.run import Outcome, Progress
    from alliance_nlp.formats.base import ReadOptions

OK, FOUND, USAGE, INTERRUPTED = 0, 1, 2, 130


def say(code: str, **params: object) -> str:
    """Return a sentence of the command line's catalogue in the user's language."""
    return render(f"cli.{code}", **params)


app = typer.Typer(
    name="alliance-nlp",
    help=say("help"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Paths = Annotated[list[str], typer.Argument(help=say("help_paths"), metavar="PATH", show_default=False)]
Roles = Annotated[str, typer.Option("--roles", help=say("help_roles"), metavar="T=therapist,P=patient")]
Columns = Annotated[str, typer.Option("--columns", help=say("help_columns"), metavar="text=…,speaker=…")]
FormatId = Annotated[str, typer.Option("--format", help=say("help_format"), metavar="FORMAT")]
AsJson = Annotated[bool, typer.Option("--json", help=say("help_json"))]
Model = Annotated[str, typer.Option("--model", help=say("help_model"), metavar="NAME_OR_DIR")]


def main() -> None:
    """Run the command line and leave with its exit status."""
    status = USAGE
    try:
        status = app(standalone_mode=False) or OK
    except AllianceError as error:
        tell(error.message())
    except typer.Exit as leave:
        status = leave.exit_code
    except (KeyboardInterrupt, typer.Abort):
        tell(say("interrupted"))
        status = INTERRUPTED
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = OK
    except Exception as error:
        if not hasattr(error, "format_message"):  # not a usage error of the parser: a defect, shown without any text
            raise
        tell(say("usage", detail=error.format_message()))
    sys.exit(status)


def tell(message: str) -> None:
    """Print a message for a person on standard error."""
    print(message, file=sys.stderr)


def show(value: object) -> None:
    """Print a result on standard output: text as it is, anything else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    print(text, file=sys.stdout)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help=say("help_version"), is_eager=True)] = False,
) -> None:
    if version:
        show(f"alliance-nlp {__version__}")
        raise typer.Exit(OK)


@app.command(help=say("help_annotate"))
def annotate(
    paths: Paths,
    out: Annotated[Path, typer.Option("--out", help=say("help_out"), metavar="DIR")],
    model: Model = "alliance-fr-small",
    roles: Roles = "",
    columns: Columns = "",
    format: FormatId = "",
    device: Annotated[str, typer.Option("--device", help=say("help_device"), metavar="cpu|cuda")] = "cpu",
    strict_privacy: Annotated[bool, typer.Option("--strict-privacy", help=say("help_strict"))] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help=say("help_no_report"))] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help=say("help_overwrite"))] = False,
    as_json: AsJson = False,
) -> int:
    from alliance_nlp.batch import BatchSettings, run_batch
    from alliance_nlp.model_folder import find_model, model_facts

    folder = find_model(model)
    inputs = find_files(paths)
    with progress_bar(len(inputs)) as advance:
        outcomes = run_batch(
            inputs,
            out,
            lambda: load_tagger(folder, device),
            model=model_facts(folder),
            settings=BatchSettings(read_options(roles, columns, format), strict_privacy, not no_report, overwrite),
            report=advance,
        )
    if as_json:
        show(batch_summary(out, outcomes))
    else:
        tell_batch(out, outcomes, with_reports=not no_report)
    return FOUND if any(outcome.error or outcome.renamed for outcome in outcomes) else OK


@app.command(help=say("help_check"))
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


@app.command(help=say("help_report"))
def report(
    annotations: Paths,
    out: Annotated[Path, typer.Option("--out", help=say("help_out"), metavar="DIR")],
    format: Annotated[str, typer.Option("--format", help=say("help_report_format"), metavar="html,md,json")] = "html",
    model: Model = "",
) -> int:
    from alliance_nlp.batch.reports import write_reports
    from alliance_nlp.model_folder import find_model, model_facts

    formats = [name.strip() for name in format.split(",")]
    if set(formats) - {"html", "md", "json"}:
        raise ConfigError("cli.bad_report_format", found=format)
    facts = model_facts(find_model(model)).facts if model else None
    written = write_reports(find_files(annotations), out, formats, model_facts=facts)
    tell(say("reports_written", count=len(written), place=out / "index.html" if "html" in formats else out))
    return OK


@app.command(help=say("help_schema"))
def schema() -> int:
    from alliance_nlp.record import json_schema

    show(json_schema())
    return OK


@app.command(help=say("help_doctor"))
def doctor(as_json: AsJson = False) -> int:
    from alliance_nlp.doctor import examine, render_findings

    findings = examine()
    show([finding.as_dict() for finding in findings] if as_json else render_findings(findings))
    return FOUND if any(finding.broken for finding in findings) else OK


@app.command(help=say("help_train"))
def train(
    config: Annotated[Path, typer.Option("--config", help=say("help_config"), metavar="FILE.toml")],
    base: Annotated[str, typer.Option("--base", help=say("help_base"), metavar="DIR")] = "",
    output: Annotated[str, typer.Option("--out", help=say("help_train_out"), metavar="DIR")] = "",
) -> int:
    from alliance_nlp.training.config import read_config
    from alliance_nlp.training.release import train_model

    given = {key: value for key, value in (("base", base), ("output", output)) if value}
    folder = train_model(read_config(config, **given), report=lambda epoch: tell(say("epoch", **epoch)))
    tell(say("trained", place=folder))
    return OK


@app.command(help=say("help_evaluate"))
def evaluate(
    reference: Annotated[str, typer.Option("--reference", help=say("help_reference"), metavar="GOLD")],
    hypothesis: Annotated[str, typer.Option("--hypothesis", help=say("help_hypothesis"), metavar="PRED")] = "",
    model: Model = "",
    as_json: AsJson = False,
) -> int:
    from alliance_nlp.evaluation.scores import compare, render_scores
    from alliance_nlp.formats import read_sessions

    if bool(hypothesis) == bool(model):
        raise ConfigError("cli.one_of", options="--hypothesis, --model")
    gold = [session for item in find_files([reference]) for session in read_sessions(item.path)]
    if model:
        tagger = load_tagger(model, "cpu")
        predicted = [tagger.tag(session) for session in gold]
    else:
        predicted = [session for item in find_files([hypothesis]) for session in read_sessions(item.path)]
    scores = compare(gold, predicted)
    show(scores.as_dict() if as_json else render_scores(scores))
    return OK


# ------------------------------------------------------------------------------------ shared parts


def find_files(paths: list[str]) -> list[InputFile]:
    """Return the files to read."""
    from alliance_nlp.batch.inputs import find_inputs
    from alliance_nlp.formats import SUFFIXES

    return find_inputs(paths, SUFFIXES)


def read_input(item: InputFile) -> bytes:
    """Return a file's bytes; ConfigError when the system refuses."""
    try:
        return item.read()
    except OSError as error:
        raise ConfigError("batch.unreadable", file=item.name, detail=error.strerror or "") from error


def read_options(roles: str, columns: str, format: str) -> ReadOptions:
    """Return the reading options of ``--roles``, ``--columns`` and ``--format``."""
    from alliance_nlp.formats.base import ReadOptions
    from alliance_nlp.transcript import Role

    asked = {name: Role.parse(role) for name, role in pairs(roles, "--roles").items()}
    return ReadOptions(roles=asked, columns=pairs(columns, "--columns"), format=format or None)


def pairs(text: str, option: str) -> dict[str, str]:
    """Return ``a=b,c=d`` as a dict; ConfigError when it is not of that form."""
    table = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise ConfigError("cli.bad_pairs", option=option, found=part)
        table[name.strip()] = value.strip()
    return table


def load_tagger(model: str | Path, device: str) -> Any:
    """Load a tagger quietly; a first sentence is shown because it takes seconds."""
    if device not in ("cpu", "cuda"):
        raise ConfigError("cli.bad_device", found=device)
    from alliance_nlp.tagger import Tagger

    return Tagger.load(model, device=device)


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
    tell(say("look_here", place=out / ("index.html" if with_reports else "annotations.jsonl")))


def batch_summary(out: Path, outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the machine-readable summary of a run: that of ``run.json``."""
    return {"out": str(out), **json.loads((out / "run.json").read_text(encoding="utf-8"))}


if __name__ == "__main__":
    main()
