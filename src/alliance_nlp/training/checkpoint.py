"""The state of a run on disk, so that a killed training goes on where it stopped and ends with the same weights.

``<output>.training/state.safetensors`` holds every tensor (weights, best weights, AdamW's moments, torch's random state) and
``state.json`` the rest.  Both are written beside and renamed; a state of another configuration or corpus is not taken up.
"""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

TENSORS, FACTS = "state.safetensors", "state.json"


@dataclass(slots=True)
class Progress:
    """Where a run is: ``done`` updates of epoch ``number`` (1-based), whose order follows from ``epoch_random``."""

    number: int
    done: int
    losses: list[float]
    history: list[dict[str, Any]]
    epoch_random: Any
    best: dict[str, Tensor]
    seconds: float  # of this epoch, before the last stop


def state_folder(output: str) -> Path:
    """Return where the state of a run lies: beside its output, so that the output is never half a model."""
    return Path(f"{output.rstrip('/')}.training")


def save_state(
    folder: Path, key: str, progress: Progress, model: torch.nn.Module, optimizer: torch.optim.Optimizer, schedule: Any
) -> None:
    """Write the state; ``key`` names what it belongs to (configuration and corpus)."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    tensors |= {f"best.{name}": tensor for name, tensor in progress.best.items()}
    moments = optimizer.state_dict()["state"]
    tensors |= {f"adam.{place}.{name}": value for place, table in moments.items() for name, value in table.items()}
    tensors["random"] = torch.get_rng_state()
    facts = {
        "key": key,
        "number": progress.number,
        "done": progress.done,
        "losses": progress.losses,
        "history": progress.history,
        "epoch_random": progress.epoch_random,
        "seconds": progress.seconds,
        "schedule": {name: value for name, value in schedule.state_dict().items() if name != "lr_lambdas"},
    }
    save_file({name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}, folder / f"{TENSORS}.new")
    (folder / f"{FACTS}.new").write_text(json.dumps(facts), encoding="utf-8")
    (folder / FACTS).unlink(missing_ok=True)  # between these lines there is no state rather than two halves
    (folder / f"{TENSORS}.new").replace(folder / TENSORS)
    (folder / f"{FACTS}.new").replace(folder / FACTS)


def load_state(
    folder: Path, key: str, model: torch.nn.Module, optimizer: torch.optim.Optimizer, schedule: Any
) -> Progress | None:
    """Put the state back into model, optimizer and schedule and return the progress; None when there is none for ``key``."""
    if not (folder / FACTS).is_file():
        return None
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    if facts["key"] != key:
        return None
    tensors = load_file(folder / TENSORS)
    model.load_state_dict(within(tensors, "model."))
    moments: dict[int, dict[str, Tensor]] = {}
    for name, tensor in within(tensors, "adam.").items():
        place, _, entry = name.partition(".")
        moments.setdefault(int(place), {})[entry] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": moments})
    schedule.load_state_dict({**schedule.state_dict(), **facts["schedule"]})
    for group, rate in zip(optimizer.param_groups, schedule.get_last_lr(), strict=True):
        group["lr"] = rate
    torch.set_rng_state(tensors["random"])
    return Progress(
        number=facts["number"],
        done=facts["done"],
        losses=facts["losses"],
        history=facts["history"],
        epoch_random=facts["epoch_random"],
        best=within(tensors, "best."),
        seconds=facts["seconds"],
    )


def forget_state(folder: Path) -> None:
    """Remove the state of a finished run."""
    shutil.rmtree(folder, ignore_errors=True)


def within(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose name begins with ``prefix``, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def random_state(rng: random.Random) -> list:
    """Return a random generator's state as JSON can hold it."""
    version, numbers, gauss = rng.getstate()
    return [version, list(numbers), gauss]


def random_from(state: list) -> random.Random:
    """Return the generator of :func:`random_state`."""
    rng = random.Random()
    rng.setstate((state[0], tuple(state[1]), state[2]))
    return rng
