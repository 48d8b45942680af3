"""The command line: parse → call one function → print.  Nothing heavy is imported before a command runs.

Results go to files or standard output, progress and messages to standard error.  Exit status: 0 all done, 1 some
input failed or a check found something, 2 usage or configuration, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from alliance_nlp import __version__
from alliance_nlp.cli import conversion, corpus, measures, review, transcripts
from alliance_nlp.cli.shared import FOUND, INTERRUPTED, OK, USAGE, AsJson, say, show, tell
from alliance_nlp.errors import AllianceError

app = typer.Typer(
    name="alliance-nlp",
    help=say("help"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help=say("help_version"), is_eager=True)] = False,
) -> None:
    if version:
        show(f"alliance-nlp {__version__}")
        raise typer.Exit(OK)


app.command(help=say("help_annotate"))(transcripts.annotate)
app.command(help=say("help_check"))(transcripts.check)
app.command(help=say("help_report"))(transcripts.report)
app.command(help=conversion.help_text(), short_help=say("help_convert"))(conversion.convert)
app.command(help=say("help_evaluate"))(measures.evaluate)
app.command(help=say("help_agreement"))(measures.agreement)
app.command(help=say("help_train"))(measures.train)
app.add_typer(corpus.app, name="corpus", help=say("help_corpus"))
app.add_typer(review.app, name="review", help=say("help_review"))


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
