"""Commands on the corpus of a checkout: check, stats, build, contrast."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alliance_nlp.cli.shared import FOUND, OK, AsJson, Model, load_tagger, say, show, tell

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Folder = Annotated[str, typer.Argument(help=say("help_corpus_folder"), metavar="[DIR]", show_default=False)]


@app.command(help=say("help_corpus_check"))
def check(folder: Folder = "", as_json: AsJson = False) -> int:
    from alliance_nlp.corpus.check import check_corpus
    from alliance_nlp.corpus.check_table import render_check
    from alliance_nlp.messages import user_language

    report = check_corpus(folder or None)
    show(report.as_dict() if as_json else render_check(report, user_language()))
    return FOUND if report.problems or report.short else OK


@app.command(help=say("help_corpus_stats"))
def stats(folder: Folder = "", as_json: AsJson = False) -> int:
    from alliance_nlp.corpus.stats import corpus_stats, render_stats
    from alliance_nlp.messages import user_language

    found = corpus_stats(folder or None)
    show(found.as_dict() if as_json else render_stats(found, user_language()))
    return OK


@app.command(help=say("help_corpus_build"))
def build(
    out: Annotated[Path, typer.Option("--out", help=say("help_out"), metavar="DIR")],
    folder: Folder = "",
) -> int:
    from alliance_nlp.corpus.build import build_records

    for path, count in build_records(out, folder or None):
        tell(say("corpus_built", file=path, count=count))
    return OK


@app.command(help=say("help_corpus_contrast"))
def contrast(folder: Folder = "", model: Model = "alliance-fr-small", as_json: AsJson = False) -> int:
    from alliance_nlp.corpus.contrast import contrast_score, render_contrast
    from alliance_nlp.corpus.pairs import load_pairs
    from alliance_nlp.messages import user_language

    pairs = load_pairs("contrast", folder or None)
    score = contrast_score(pairs, load_tagger(model, "cpu").tag)
    show(score.as_dict() if as_json else render_contrast(score, user_language()))
    return OK
