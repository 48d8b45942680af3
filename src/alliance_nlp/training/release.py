"""A trained network → a model directory: calibrated, measured, described.

In: a fine-tuned network and the corpus.  Out: ``model.safetensors``, ``config.json``, tokenizer, ``calibration.json``,
``therapy.json``, ``metrics.json``, ``training.toml`` and the card ``README.md``.  Calibration and thresholds use the validation
split only; the test split is looked at once, for the card.
"""

from __future__ import annotations

import copy
import json
import platform
import random
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers

from alliance_nlp import __version__
from alliance_nlp.corpus.contrast import contrast_score
from alliance_nlp.corpus.factors import factor_levels
from alliance_nlp.corpus.folder import corpus_sha256, load_sessions, read_cards
from alliance_nlp.corpus.pairs import load_pairs, pairs_folder
from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.breakdown import by_factor, reliability, risk_coverage, tenths
from alliance_nlp.evaluation.scores import compare, evidence_f1, matched
from alliance_nlp.labels import default_label_set
from alliance_nlp.model_folder import METRICS, find_model, model_facts, read_metrics
from alliance_nlp.tagger.architecture import read_architecture
from alliance_nlp.tagger.calibration import Calibration, OutputCalibration, fit_output
from alliance_nlp.tagger.inference import Tagger
from alliance_nlp.tagger.model import AllianceModel
from alliance_nlp.tagger.network import load_network
from alliance_nlp.tagger.onnx_network import graphs_fit
from alliance_nlp.tagger.reading import SessionScores
from alliance_nlp.tagger.therapy import THERAPY_FILE
from alliance_nlp.tagger.tokens import Tokens
from alliance_nlp.training.card import write_card
from alliance_nlp.training.checkpoint import forget_state, state_folder
from alliance_nlp.training.config import TrainingConfig, to_toml
from alliance_nlp.training.examples import hide_roles
from alliance_nlp.training.fit import fit
from alliance_nlp.training.graphs import write_graphs
from alliance_nlp.training.pictures import write_pictures
from alliance_nlp.training.reviewed import load_reviewed, with_reviewed
from alliance_nlp.training.robustness import robustness
from alliance_nlp.training.therapy import fit_therapy_check, is_therapy, left_unmarked
from alliance_nlp.transcript import Transcript

EVIDENCE_CUTS = (0.25, 0.35, 0.45, 0.55, 0.65)


def train_model(config: TrainingConfig, *, report: Callable[[dict], None] = lambda epoch: None) -> Path:
    """Train, calibrate, measure and write a model; return its directory."""
    config = settled(config)
    reviewed = load_reviewed(config.reviewed, config.corpus)
    train, validation = with_reviewed(drawn(config), reviewed), load_sessions("validation", config.corpus)
    pairs = load_pairs("train", config.corpus) if config.pairs else []
    fitted = fit(config, train, validation, pairs=pairs, report=lambda epoch: report(asdict(epoch)))
    folder = Path(config.output)
    if config.start_share:
        average_with(fitted.model, AllianceModel.from_pretrained(find_model(config.start)), config.start_share)
    fitted.model.save_pretrained(folder)
    fitted.tokenizer.save_pretrained(folder)
    data = f'\n[run]\ncorpus_sha256 = "{corpus_sha256(config.corpus)}"\n' + versions()
    (folder / "training.toml").write_text(to_toml(config) + data, encoding="utf-8")
    run = {
        "history": [asdict(epoch) for epoch in fitted.history],
        "training_seconds": round(sum(epoch.seconds for epoch in fitted.history)),
        "device": fitted.device,
        "trained_on": {"sessions": len(train) - len(reviewed.sessions), "pairs": len(pairs)},
    }
    if reviewed.sessions:
        run["trained_on"]["reviewed"] = reviewed.facts()
    if config.start:
        run["trained_on"]["start"] = started_from(config.start) | ({"share": config.start_share} if config.start_share else {})
    measure_model(config, run)
    forget_state(state_folder(config.output))
    return folder


def settled(config: TrainingConfig) -> TrainingConfig:
    """Return the configuration as it will be followed: how turns are read is the starting model's affair."""
    if not config.start:
        return config
    found = read_architecture(find_model(config.start))
    names = ("dropout", "prefix", "max_tokens", "previous_tokens")
    return replace(config, **{name: getattr(found, name) for name in names})


def average_with(model: AllianceModel, other: AllianceModel, share: float) -> None:
    """Move a model's weights towards those of the one it began with, ``share`` of the way.

    Two ends of one road often generalise better averaged than either (model soups: Wortsman et al., 2022, ICML).
    """
    theirs = {name: tensor.to(model.roles.weight.device) for name, tensor in other.state_dict().items()}
    model.load_state_dict({name: mine.lerp(theirs[name], share) for name, mine in model.state_dict().items()})


def drawn(config: TrainingConfig) -> list[Transcript]:
    """Return the training sessions, or the share of them that the configuration wants, drawn by its seed, in the corpus' order."""
    sessions = load_sessions("train", config.corpus)
    count = round(len(sessions) * config.corpus_share)
    kept = sorted(random.Random(config.seed).sample(range(len(sessions)), count))
    return sessions if config.corpus_share == 1.0 else [sessions[place] for place in kept]


def started_from(name: str) -> dict:
    """Return which model a run began with: name, version, hash."""
    facts = model_facts(find_model(name))
    return {"name": facts.name, "version": facts.version, "sha256": facts.sha256, "trained_on": facts.facts.get("trained_on", {})}


def measure_model(config: TrainingConfig, run: dict | None = None) -> Path:
    """Calibrate the model of ``config.output`` on the corpus' validation split, measure it and write figures and card.

    ``run`` is how the training went; by default what ``metrics.json`` says of it, so that a model is measured again when the
    corpus has grown.  What is measured is what is written, rounded weights and all; calibration, figures and card are written
    together at the end.
    """
    folder = Path(config.output)
    if run is None:
        run = {key: earlier_run(folder)[key] for key in ("history", "training_seconds", "device", "trained_on")}
    validation, test = load_sessions("validation", config.corpus), load_sessions("test", config.corpus)
    device = "cuda" if torch.cuda.is_available() and config.device != "cpu" else "cpu"
    if not graphs_fit(folder):
        write_graphs(folder)
    tagger = uncalibrated(folder, device)
    reviewed = load_reviewed([path for path in config.reviewed if Path(path).is_file()], config.corpus)
    check = fit_therapy_check(tagger, load_sessions("train", config.corpus), [*validation, *reviewed.sessions])
    scores = [tagger.score(session) for session in validation]
    tagger.calibration = calibration = calibrate(tagger, validation, scores)
    tagger.therapy = check
    decided = [tagger.decide(*seen) for seen in zip(validation, scores, strict=True)]
    read = [tagger.tag(session) for session in test]
    hidden = [tagger.tag(hide_roles(session)) for session in test]
    thresholds = {name: output.threshold for name, output in calibration.outputs.items()}
    metrics = {
        "name": config.name,
        "version": config.version,
        "validation": compare(validation, decided).as_dict(),
        "test": compare(test, read).as_dict(),
        "test_without_roles": compare(test, hidden).as_dict(),
        "robustness": robustness(tagger, test, read, hidden),
        "ordinary_talk": ordinary_talk(tagger, validation + test),
        "left_unmarked": {
            "validation": left_unmarked(validation, decided),
            "test": left_unmarked(test, read),
            "test_without_roles": left_unmarked(test, hidden),
        },
        "contrast": contrast(tagger, config),
        "factors": by_factor(test, read, factor_levels(test, read_cards(config.corpus))),
        "risk_coverage": risk_coverage(test, read, thresholds),
        "reliability": reliability(test, read),
        "reliability_by_tenth": reliability(test, read, tenths),
        **run,
        "split_sizes": {"train": run["trained_on"]["sessions"], "validation": len(validation), "test": len(test)},
    }
    metrics |= headline(metrics["test"], calibration)
    text = json.dumps(metrics, ensure_ascii=False, indent=1, default=float)
    calibration.save(folder)
    (folder / THERAPY_FILE).unlink(missing_ok=True)
    if check is not None:
        check.save(folder)
    (folder / METRICS).write_text(text + "\n", encoding="utf-8")
    write_pictures(folder, metrics)
    write_card(folder, config, metrics, calibration)
    return folder


def earlier_run(folder: Path) -> dict:
    """Return how the training of a measured model went; ConfigError when the directory holds no figures."""
    metrics = read_metrics(folder)
    if not metrics:
        raise ConfigError("training.nothing_to_measure", place=str(folder))
    return {"trained_on": {"sessions": metrics["split_sizes"]["train"], "pairs": 0}, **metrics}


def uncalibrated(folder: Path, device: str) -> Tagger:
    """Return the model of a directory with the identity as its calibration."""
    network = load_network(folder, device=device)
    raw = Calibration({name: OutputCalibration() for name in network.architecture.outputs})
    return Tagger(network, Tokens.load(folder), raw, name="calibrating", version="0")


def contrast(tagger: Tagger, config: TrainingConfig) -> dict | None:
    """Return the score on the contrast pairs beside the corpus; None when there are none."""
    if not (pairs_folder(config.corpus) / "splits.json").is_file():
        return None
    return contrast_score(load_pairs("contrast", config.corpus), tagger.tag).as_dict()


def versions() -> str:
    """Return the versions that shaped the run, as TOML lines."""
    return (
        f'alliance_nlp = "{__version__}"\npython = "{platform.python_version()}"\n'
        f'torch = "{torch.__version__}"\ntransformers = "{transformers.__version__}"\n'
    )


def headline(scores: dict, calibration: Calibration) -> dict:
    """Return what a report quotes of the model: macro-F1, and each label's precision, recall and band of doubt."""
    labels = {
        o["name"]: {
            "precision": o["precision"],
            "recall": o["recall"],
            "review_low": calibration.outputs[o["name"]].review_low,
            "review_high": calibration.outputs[o["name"]].review_high,
        }
        for o in scores["outputs"]
    }
    return {"macro_f1": scores["macro_f1"]["value"], "per_label": labels}


def calibrate(tagger: Tagger, validation: list[Transcript], scores: list[SessionScores]) -> Calibration:
    """Fit temperatures, offsets, thresholds and bands of doubt, and the evidence cut, on the validation split."""
    names = tagger.network.architecture.outputs
    logits = np.concatenate([score.logits for score in scores])
    gold = np.array([[n in turn.labels or n in turn.types for n in names] for s in validation for turn in s.turns])
    outputs = {name: fit_output(logits[:, column], gold[:, column]) for column, name in enumerate(names)}
    return Calibration(outputs, evidence_cut(tagger, outputs, validation, scores))


def evidence_cut(
    tagger: Tagger,
    outputs: dict[str, OutputCalibration],
    validation: list[Transcript],
    scores: list[SessionScores],
) -> float:
    """Return the token probability that gives the best character F1 of evidence on validation."""
    found = []
    for cut in EVIDENCE_CUTS:
        tagger.calibration = Calibration(outputs, cut)
        pairs = matched(validation, [tagger.decide(*read) for read in zip(validation, scores, strict=True)])
        found.append(evidence_f1(pairs, shared_only=True))
    return EVIDENCE_CUTS[int(np.argmax(found))]


def ordinary_talk(tagger: Tagger, sessions: list[Transcript]) -> dict[str, Any]:
    """Return how many marks the tagger gives per 1,000 turns of talk that is no therapy (right: none), roles unknown.

    ``turn_by_turn``: the same when the judgement of whole sessions is left out (``tag_all``).
    """
    talk = [hide_roles(session) for session in sessions if not is_therapy(session)]
    scores = [tagger.score(session) for session in talk]
    found = []
    for tag_all in (False, True):
        reader = copy.copy(tagger)
        reader.tag_all = tag_all
        tagged = [turn for seen in zip(talk, scores, strict=True) for turn in reader.decide(*seen).turns]
        scale = 1000 / max(len(tagged), 1)
        ids = default_label_set().ids
        found.append({label: round(scale * sum(label in turn.labels for turn in tagged), 1) for label in ids})
    return {"turns": sum(len(session.turns) for session in talk), **found[0], "turn_by_turn": found[1]}
