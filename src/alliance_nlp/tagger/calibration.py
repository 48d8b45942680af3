"""Logits → calibrated probabilities, thresholds and the band of doubt.  Numpy only.

In: logits and gold of the validation split (fitting), or logits alone (use).  Out: probabilities.
Platt's scaling with one temperature and one offset per output (Platt, 1999; Guo et al., 2017 keep the temperature
alone, which cannot undo the class weighting of training).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.errors import ModelError

CALIBRATION_FILE = "calibration.json"
SURE_PRECISION = 0.8  # a tag is sure where validation tags at or above its probability were right this often
NEAR_MISS = 0.8  # an untagged turn is doubtful from this share of the threshold upwards
EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class OutputCalibration:
    """One output's scale: p = sigmoid(logit / temperature + offset); doubt is ``[review_low, review_high)``."""

    temperature: float = 1.0
    offset: float = 0.0
    threshold: float = 0.5
    review_low: float = 0.4
    review_high: float = 0.6


@dataclass(frozen=True, slots=True)
class Calibration:
    """All outputs' scales by name, and the token probability from which a word is evidence."""

    outputs: Mapping[str, OutputCalibration]
    evidence_threshold: float = 0.5

    def probabilities(self, logits: NDArray[np.float64], names: tuple[str, ...]) -> NDArray[np.float64]:
        """(turns, outputs) logits → calibrated probabilities; minus infinity gives 0."""
        temperature = np.array([self.outputs[name].temperature for name in names])
        offset = np.array([self.outputs[name].offset for name in names])
        return sigmoid(logits / temperature + offset)

    def save(self, folder: Path) -> None:
        """Write ``calibration.json``."""
        table = {
            "outputs": {name: asdict(output) for name, output in self.outputs.items()},
            "evidence_threshold": self.evidence_threshold,
            "sure_precision": SURE_PRECISION,
        }
        (folder / CALIBRATION_FILE).write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, names: tuple[str, ...]) -> Calibration:
        """Read ``calibration.json``; ModelError when it is missing or lacks an output of ``names``."""
        try:
            table = json.loads((folder / CALIBRATION_FILE).read_text(encoding="utf-8"))
            outputs = {name: OutputCalibration(**table["outputs"][name]) for name in names}
            return cls(outputs=outputs, evidence_threshold=float(table["evidence_threshold"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError("tagger.no_calibration", file=str(folder)) from error


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-x)) without overflow."""
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-values))


def fit_output(logits: NDArray[np.float64], gold: NDArray[np.bool_]) -> OutputCalibration:
    """Fit one output on the validation turns that may carry it (finite logits)."""
    finite = np.isfinite(logits)
    logits, gold = logits[finite], gold[finite]
    if gold.sum() < 2 or gold.all():
        return OutputCalibration()
    slope, offset = fit_platt(logits, gold)
    probabilities = sigmoid(logits * slope + offset)
    threshold = best_threshold(probabilities, gold)
    return OutputCalibration(
        temperature=round(1.0 / slope, 6),
        offset=round(offset, 6),
        threshold=round(threshold, 4),
        review_low=round(NEAR_MISS * threshold, 4),
        review_high=round(sure_from(probabilities, gold, threshold), 4),
    )


def fit_platt(logits: NDArray[np.float64], gold: NDArray[np.bool_]) -> tuple[float, float]:
    """Return (slope, offset) that minimise the log loss, by damped Newton steps on Platt's smoothed targets."""
    positives = int(gold.sum())
    target = np.where(gold, (positives + 1) / (positives + 2), 1 / (len(gold) - positives + 2))
    features = np.stack([logits, np.ones_like(logits)], axis=1)
    weights = np.array([1.0, 0.0])
    for _ in range(100):
        p = sigmoid(features @ weights)
        gradient = features.T @ (p - target)
        hessian = (features * (p * (1 - p))[:, None]).T @ features + 1e-6 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        weights = weights - step * min(1.0, 2.0 / np.abs(step).max(initial=EDGE))
    return max(float(weights[0]), 0.05), float(weights[1])  # a falling scale would turn the ranking round


def best_threshold(probabilities: NDArray[np.float64], gold: NDArray[np.bool_]) -> float:
    """Return the cut with the best F1, half-way to the next lower probability, within [0.2, 0.9]: a mark that is
    right less than once in five is noise to a reader, whatever it adds to F1."""
    order = np.argsort(-probabilities, kind="stable")
    ranked, hits = probabilities[order], np.cumsum(gold[order])
    f1 = 2 * hits / (np.arange(1, len(gold) + 1) + gold.sum())
    best = int(np.argmax(f1))
    lower = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return float(np.clip((ranked[best] + lower) / 2, 0.2, 0.9))


def sure_from(probabilities: NDArray[np.float64], gold: NDArray[np.bool_], threshold: float) -> float:
    """Return the lowest cut from ``threshold`` up where precision reaches ``SURE_PRECISION``; 1.0 when none does."""
    for cut in np.unique(probabilities[probabilities >= threshold]):
        if gold[probabilities >= cut].mean() >= SURE_PRECISION:
            return float(cut)
    return 1.0
