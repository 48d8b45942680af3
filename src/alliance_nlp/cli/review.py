"""Commands around the review page: `review ANNOTATIONS …` opens it, `review export` and `review plan` stand beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from alliance_nlp.cli import review_server
from alliance_nlp.cli.shared import FOUND, OK, Paths, find_files, say, tell
from alliance_nlp.errors import ConfigError

if TYPE_CHECKING:
    from alliance_nlp.review.store import ReviewStore

SERVER = "open"  # the command that `review ANNOTATIONS …` stands for, where it is installed
PASSPHRASE = "ALLIANCE_PASSPHRASE"


class ServerByDefault(TyperGroup):
    """A group whose first argument may be a path instead of a command's name: then the server is meant."""

    def parse_args(self, context: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Put the server's name in front unless a command or the group's help is asked for."""
        if SERVER in self.commands and args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = [SERVER, *args]
        return super().parse_args(context, args)


app = typer.Typer(cls=ServerByDefault, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Encrypted = Annotated[bool, typer.Option("--encrypt", help=say("help_review_encrypt"))]


@app.command(help=say("help_review_export"))
def export(
    database: Annotated[Path, typer.Argument(help=say("help_review_db"), metavar="DB")],
    out: Annotated[Path, typer.Option("--out", help=say("help_review_out"), metavar="FILE.jsonl")],
    reviewer: Annotated[str, typer.Option("--reviewer", help=say("help_review_reviewer"), metavar="CODE")] = "",
    adjudicated: Annotated[bool, typer.Option("--adjudicated", help=say("help_review_adjudicated"))] = False,
    complete: Annotated[bool, typer.Option("--complete", help=say("help_review_complete"))] = False,
    everything: Annotated[bool, typer.Option("--all", help=say("help_review_all"))] = False,
    conflicts: Annotated[bool, typer.Option("--conflicts", help=say("help_review_conflicts"))] = False,
    encrypt: Encrypted = False,
) -> int:
    from alliance_nlp.review.export import export_sessions, is_complete, reviewed_turns, unsettled, write_conflicts, write_sessions

    with open_store(database, encrypt=encrypt) as store:
        waiting = {name: sum(len(store.waiting(name, code)) for code in store.people_waiting(name)) for name in store.sessions()}
        if conflicts:
            write_conflicts(out, store)
            tell(say("review_conflicts_written", count=sum(waiting.values()), place=out))
            return FOUND if any(waiting.values()) else OK
        sessions = export_sessions(store, reviewer=reviewer or None, adjudicated=adjudicated, everything=everything)
        left = unsettled(store) if adjudicated else {}
    sessions = [session for session in sessions if is_complete(session) or not complete]
    write_sessions(out, sessions)
    for name, count in left.items():
        tell(say("review_unsettled", session=name, open="–" if count is None else count))
    for name in (name for name, count in waiting.items() if count):
        tell(say("review_conflicts", session=name, count=waiting[name]))
    tell(say("review_exported", sessions=len(sessions), place=out, turns=sum(map(reviewed_turns, sessions))))
    return FOUND if left or any(waiting.values()) else OK


@app.command(help=say("help_review_plan"))
def plan(
    annotations: Paths,
    out: Annotated[Path, typer.Option("--out", help=say("help_review_out"), metavar="FILE.csv")],
    n: Annotated[int, typer.Option("--n", help=say("help_review_n"), metavar="N")] = 100,
    seed: Annotated[int, typer.Option("--seed", help=say("help_review_seed"))] = 0,
    random_share: Annotated[float, typer.Option("--random-share", help=say("help_review_share"))] = 0.2,
) -> int:
    from alliance_nlp.formats import read_sessions
    from alliance_nlp.review.plan import RANDOM, plan_csv
    from alliance_nlp.review.plan import plan as plan_turns

    sessions = [session for item in find_files(annotations) for session in read_sessions(item.path)]
    planned = plan_turns(sessions, n, seed=seed, random_share=random_share)
    out.write_text(plan_csv(planned, sessions), encoding="utf-8")
    drawn = sum(turn.reason == RANDOM for turn in planned)
    tell(say("review_planned", count=len(planned), place=out, chosen=len(planned) - drawn, drawn=drawn))
    return OK


def open_store(path: Path, *, encrypt: bool, new: bool = False) -> ReviewStore:
    """Open a review database; ConfigError when there is none and ``new`` is False."""
    from alliance_nlp.review.database import sqlcipher
    from alliance_nlp.review.store import ReviewStore

    if encrypt:
        sqlcipher()  # missing: said before anybody types a passphrase
    if not new and not path.is_file():
        raise ConfigError("store.no_database", file=path.name)
    return ReviewStore.open(path, passphrase=ask_passphrase(new=not path.is_file()) if encrypt else None)


def ask_passphrase(*, new: bool) -> str:
    """Return the passphrase of ALLIANCE_PASSPHRASE, or ask for it without showing it (twice for a new database)."""
    given = os.environ.get(PASSPHRASE)
    return given or str(typer.prompt(say("ask_passphrase"), hide_input=True, confirmation_prompt=new, err=True))


app.command(SERVER, help=say("help_review_open"))(review_server.open_page)
app.command("password", help=say("help_review_password"))(review_server.password)
