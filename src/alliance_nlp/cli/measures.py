"""Commands that train and measure: train, evaluate, agreement."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance_nlp.cli.shared import OK, AsJson, Model, Paths, find_files, load_tagger, say, show, tell
from alliance_nlp.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alliance_nlp.transcript import Transcript


def train(
    config: Annotated[Path, typer.Option("--config", help=say("help_config"), metavar="FILE.toml")],
    base: Annotated[str, typer.Option("--base", help=say("help_base"), metavar="DIR")] = "",
    output: Annotated[str, typer.Option("--out", help=say("help_train_out"), metavar="DIR")] = "",
    start: Annotated[str, typer.Option("--start", help=say("help_train_start"), metavar="NAME_OR_DIR")] = "",
    reviewed: Annotated[list[str] | None, typer.Option("--reviewed", help=say("help_train_reviewed"), metavar="FILE.jsonl")] = None,
    measure: Annotated[bool, typer.Option("--measure", help=say("help_train_measure"))] = False,
) -> int:
    from alliance_nlp.training.config import read_config
    from alliance_nlp.training.release import measure_model, train_model

    given = {key: value for key, value in (("base", base), ("output", output), ("start", start), ("reviewed", reviewed)) if value}
    settings = read_config(config, **given)
    folder = measure_model(settings) if measure else train_model(settings, report=lambda epoch: tell(say("epoch", **epoch)))
    tell(say("trained", place=folder))
    return OK


def evaluate(
    reference: Annotated[str, typer.Option("--reference", help=say("help_reference"), metavar="GOLD")] = "",
    split: Annotated[str, typer.Option("--split", help=say("help_split"), metavar="train|validation|test")] = "",
    hypothesis: Annotated[str, typer.Option("--hypothesis", help=say("help_hypothesis"), metavar="PRED")] = "",
    model: Model = "",
    versus: Annotated[str, typer.Option("--versus", help=say("help_versus"), metavar="PRED_OR_MODEL")] = "",
    tag_all: Annotated[bool, typer.Option("--tag-all", help=say("help_tag_all"))] = False,
    as_json: AsJson = False,
) -> int:
    from alliance_nlp.evaluation import versus as paired
    from alliance_nlp.evaluation.likeness import is_withheld
    from alliance_nlp.evaluation.scores import compare, render_scores

    if bool(hypothesis) == bool(model):
        raise ConfigError("cli.one_of", options="--hypothesis, --model")
    gold = reference_sessions(reference, split)
    read = reader_of(model or hypothesis, model=bool(model), tag_all=tag_all)
    read_other = reader_of(versus, model=None, tag_all=tag_all) if versus else None  # both are found before either reads
    predicted = read(gold)
    unmarked = sum(is_withheld(session) for session in predicted)
    if unmarked:
        tell(say("evaluated_unmarked", n=unmarked, total=len(predicted)))
    scores = compare(gold, predicted)
    differences = paired.versus(gold, read_other(gold), predicted) if read_other else ()
    if as_json:
        compared = {"versus": {"first": versus, "second": model or hypothesis, "differences": paired.as_dict(differences)}}
        show(scores.as_dict() | {"left_unmarked": unmarked} | (compared if versus else {}))
    else:
        show(render_scores(scores))
        if versus:
            show("\n" + paired.render_versus(differences, versus, model or hypothesis))
    return OK


def reference_sessions(reference: str, split: str) -> list[Transcript]:
    """Return the sessions of a path, or of a split of the corpus of this checkout."""
    from alliance_nlp.corpus.folder import SPLITS, load_sessions

    if bool(reference) == bool(split):
        raise ConfigError("cli.one_of", options="--reference, --split")
    if split and split not in SPLITS:
        raise ConfigError("cli.bad_split", found=split, expected=", ".join(SPLITS))
    return load_sessions(split) if split else sessions_of(reference)


def sessions_of(path: str) -> list[Transcript]:
    """Return all sessions of a file or folder."""
    from alliance_nlp.formats import read_sessions

    return [session for item in find_files([path]) for session in read_sessions(item.path)]


def reader_of(name: str, *, model: bool | None, tag_all: bool = False) -> Callable[[list[Transcript]], list[Transcript]]:
    """Return what gives a reading of the reference: the sessions of a path, or a model that tags it.

    ``model`` None: a model when ``name`` is a directory with weights or no path at all.
    """
    from alliance_nlp.model_folder import WEIGHTS

    path = Path(name)
    is_path = path.exists() or bool(path.suffix)
    if model is False or (model is None and is_path and not (path / WEIGHTS).is_file()):
        sessions = sessions_of(name)
        return lambda gold: sessions
    tagger = load_tagger(name, "cpu", tag_all=tag_all)
    return lambda gold: [tagger.tag(session) for session in gold]


def agreement(
    annotations: Paths,
    by: Annotated[str, typer.Option("--by", help=say("help_by"), metavar="label|session|pair")] = "label",
    differences: Annotated[str, typer.Option("--differences", help=say("help_differences"), metavar="FILE.csv")] = "",
    as_json: AsJson = False,
) -> int:
    from alliance_nlp.evaluation.agreement import measure_agreement
    from alliance_nlp.evaluation.agreement_table import GROUPINGS, differences_csv, render_agreement
    from alliance_nlp.messages import user_language

    if by not in GROUPINGS:
        raise ConfigError("cli.bad_grouping", found=by, expected=", ".join(GROUPINGS))
    readings = {}
    for path in annotations:
        name = Path(path).stem
        if name in readings:
            raise ConfigError("evaluation.same_annotator", name=name)
        readings[name] = sessions_of(path)
    result = measure_agreement(readings)
    if differences:
        Path(differences).write_text(differences_csv(result), encoding="utf-8")
    show(result.as_dict() if as_json else render_agreement(result, user_language(), by=by))
    return OK
