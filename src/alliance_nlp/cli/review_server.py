"""The command that serves the review page: `review ANNOTATIONS --db FILE`; and `review password`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from alliance_nlp.cli.shared import OK, Paths, find_files, say, show, tell
from alliance_nlp.errors import ConfigError


def open_page(
    annotations: Paths,
    db: Annotated[Path, typer.Option("--db", help=say("help_review_file"), metavar="FILE")],
    host: Annotated[str, typer.Option("--host", help=say("help_review_host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help=say("help_review_port"), min=0, max=65535)] = 8747,
    reviewer: Annotated[str, typer.Option("--reviewer", help=say("help_review_code"), metavar="CODE")] = "",
    blind: Annotated[bool, typer.Option("--blind", help=say("help_review_blind"))] = False,
    network: Annotated[bool, typer.Option("--i-know", help=say("help_review_network"))] = False,
    certfile: Annotated[str, typer.Option("--certfile", help=say("help_review_certfile"), metavar="FILE")] = "",
    keyfile: Annotated[str, typer.Option("--keyfile", help=say("help_review_keyfile"), metavar="FILE")] = "",
    passwords: Annotated[str, typer.Option("--passwords", help=say("help_review_passwords"), metavar="FILE")] = "",
    encrypt: Annotated[bool, typer.Option("--encrypt", help=say("help_review_encrypt"))] = False,
) -> int:
    from alliance_nlp.cli.review import open_store
    from alliance_nlp.formats import read_sessions
    from alliance_nlp.messages import render, user_language
    from alliance_nlp.review.server import ServerSettings, serve

    files = {"certfile": certfile, "keyfile": keyfile, "passwords": passwords}
    settings = ServerSettings(
        user_language(), host, port, reviewer, blind, network, **{name: Path(given) for name, given in files.items() if given}
    )
    sessions = [session for item in find_files(annotations) for session in read_sessions(item.path)]
    if not sessions:
        raise ConfigError("review.no_annotations", file=", ".join(Path(path).name for path in annotations))
    with open_store(db, encrypt=encrypt, new=True) as store:
        lost = sum(len(added.conflicts) for added in store.add_sessions(sessions))
        if lost:
            tell(render("review.carried", count=lost))
        serve(store, settings, tell=tell_address)
    return OK


def tell_address(code: str, address: str) -> None:
    """Print a sentence, and the page's address at once, even into a pipe: the address is the result of this command."""
    from alliance_nlp.messages import render

    tell(render(f"review.{code}"))
    show(address)
    sys.stdout.flush()


def password(
    file: Annotated[Path, typer.Argument(help=say("help_review_passwords"), metavar="FILE")],
    code: Annotated[str, typer.Argument(help=say("help_review_code"), metavar="CODE")],
) -> int:
    from alliance_nlp.messages import render
    from alliance_nlp.review.access import MIN_PASSWORD, add_password, is_code

    if not is_code(code):
        raise ConfigError("review.bad_code", found=code[:32])
    given = str(typer.prompt(render("review.ask_password", code=code), hide_input=True, confirmation_prompt=True, err=True))
    if len(given) < MIN_PASSWORD:
        raise ConfigError("review.short_password")
    add_password(file, code, given)
    tell(render("review.password_kept", code=code, file=file.name))
    return OK
