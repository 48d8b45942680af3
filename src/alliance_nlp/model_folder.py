"""A model's directory without loading it: where it is, its name, version, hash and measured scores.

Standard library only, so that a run that has nothing to tag never loads torch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alliance_nlp.errors import ModelError
from alliance_nlp.shipped import shipped_path

DEFAULT_MODEL = "alliance-fr-small"
WEIGHTS = "model.safetensors"
METRICS = "metrics.json"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A model's identity; ``facts`` is its ``metrics.json``."""

    name: str
    version: str
    sha256: str
    facts: Mapping[str, Any]


def find_model(name_or_path: str | Path = DEFAULT_MODEL) -> Path:
    """Return the directory of a path, or of a shipped model's name; ModelError when there is none or it is empty."""
    for folder in (Path(name_or_path), shipped_path(f"models/{name_or_path}")):
        if folder.is_dir():
            if not (folder / WEIGHTS).is_file():
                raise ModelError("tagger.no_weights", file=str(folder))
            return folder.resolve()
    raise ModelError("tagger.no_model", name=str(name_or_path))


def model_facts(folder: Path) -> ModelFacts:
    """Return a model directory's identity and measured scores."""
    digest = hashlib.sha256()
    for name in ("config.json", "calibration.json", "therapy.json", "tokenizer.json", WEIGHTS):
        path = folder / name
        digest.update(path.read_bytes() if path.is_file() else b"")
    facts = read_metrics(folder)
    return ModelFacts(folder.name, str(facts.get("version", "0")), digest.hexdigest(), facts)


def model_version(folder: Path) -> str:
    """Return a model directory's version, without reading its weights."""
    return str(read_metrics(folder).get("version", "0"))


def read_metrics(folder: Path) -> dict[str, Any]:
    """Return the measured scores; empty when there are none: an unmeasured model is usable, its reports then quote no scores."""
    try:
        return dict(json.loads((folder / METRICS).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
