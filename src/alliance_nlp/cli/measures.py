"""Commands that train and measure: train, evaluate, agreement."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alliance_nlp.cli.shared import OK, AsJson, Model, Paths, find_files, load_tagger, say, show, tell
from alliance_nlp.errors import ConfigError


def train(
    config: Annotated[Path, typer.Option("--config", help=say("help_config"), metavar="FILE.toml")],
    base: Annotated[str, typer.Option("--base", help=say("help_base"), metavar="DIR")] = "",
    output: Annotated[str, typer.Option("--out", help=say("help_train_out"), metavar="DIR")] = "",
    measure: Annotated[bool, typer.Option("--measure", help=say("help_train_measure"))] = False,
) -> int:
    from alliance_nlp.training.config import read_config
    from alliance_nlp.training.release import measure_model, train_model

    given = {key: value for key, value in (("base", base), ("output", output)) if value}
    settings = read_config(config, **given)
    folder = measure_model(settings) if measure else train_model(settings, report=lambda epoch: tell(say("epoch", **epoch)))
    tell(say("trained", place=folder))
    return OK


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


def agreement(
    annotations: Paths,
    by: Annotated[str, typer.Option("--by", help=say("help_by"), metavar="label|session|pair")] = "label",
    differences: Annotated[str, typer.Option("--differences", help=say("help_differences"), metavar="FILE.csv")] = "",
    as_json: AsJson = False,
) -> int:
    from alliance_nlp.evaluation.agreement import measure_agreement
    from alliance_nlp.evaluation.agreement_table import GROUPINGS, differences_csv, render_agreement
    from alliance_nlp.formats import read_sessions
    from alliance_nlp.messages import user_language

    if by not in GROUPINGS:
        raise ConfigError("cli.bad_grouping", found=by, expected=", ".join(GROUPINGS))
    readings = {}
    for path in annotations:
        name = Path(path).stem
        if name in readings:
            raise ConfigError("evaluation.same_annotator", name=name)
        readings[name] = [session for item in find_files([path]) for session in read_sessions(item.path)]
    result = measure_agreement(readings)
    if differences:
        Path(differences).write_text(differences_csv(result), encoding="utf-8")
    show(result.as_dict() if as_json else render_agreement(result, user_language(), by=by))
    return OK
