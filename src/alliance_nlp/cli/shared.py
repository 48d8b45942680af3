"""What several commands share: their options, finding and reading files, printing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alliance_nlp.errors import ConfigError
from alliance_nlp.messages import render

if TYPE_CHECKING:
    from alliance_nlp.batch.inputs import InputFile
    from alliance_nlp.formats.base import ReadOptions

OK, FOUND, USAGE, INTERRUPTED = 0, 1, 2, 130


def say(code: str, **params: object) -> str:
    """Return a sentence of the command line's catalogue in the user's language."""
    return render(f"cli.{code}", **params)


Paths = Annotated[list[str], typer.Argument(help=say("help_paths"), metavar="PATH", show_default=False)]
Roles = Annotated[str, typer.Option("--roles", help=say("help_roles"), metavar="T=therapist,P=patient")]
Columns = Annotated[str, typer.Option("--columns", help=say("help_columns"), metavar="text=…,speaker=…")]
FormatId = Annotated[str, typer.Option("--format", help=say("help_format"), metavar="FORMAT")]
AsJson = Annotated[bool, typer.Option("--json", help=say("help_json"))]
Model = Annotated[str, typer.Option("--model", help=say("help_model"), metavar="NAME_OR_DIR")]


def tell(message: str) -> None:
    """Print a message for a person on standard error."""
    print(message, file=sys.stderr)


def show(value: object) -> None:
    """Print a result on standard output: text as it is, anything else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    print(text, file=sys.stdout)


def find_files(paths: list[str], *, out: Path | None = None) -> list[InputFile]:
    """Return the files to read; what an earlier run wrote below ``out`` is none."""
    from alliance_nlp.batch.inputs import find_inputs
    from alliance_nlp.formats import SUFFIXES

    return find_inputs(paths, SUFFIXES, out=out)


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


def load_tagger(model: str | Path, device: str, backend: str = "auto", *, tag_all: bool = False) -> Any:
    """Load a tagger quietly; a first sentence is shown because it takes seconds."""
    if device not in ("cpu", "cuda"):
        raise ConfigError("cli.bad_device", found=device)
    from alliance_nlp.tagger import Tagger

    return Tagger.load(model, device=device, backend=backend, tag_all=tag_all)
