"""The command ``convert``: from every readable format to every export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alliance_nlp.cli.shared import FOUND, OK, AsJson, Columns, FormatId, Paths, Roles, find_files, read_options, say, show, tell
from alliance_nlp.errors import ConfigError
from alliance_nlp.exports.registry import EXPORTS
from alliance_nlp.messages import LANGUAGES, render

if TYPE_CHECKING:
    from alliance_nlp.batch.convert import Conversion

def help_text() -> str:
    """Return the command's help: what it does, then one line a format (``\b``: lines stay as they are)."""
    width = max(len(export.id) for export in EXPORTS)
    lines = [f"  {export.id:{width}}  {render(f'exports.{export.name_code}')}" for export in EXPORTS]
    return "\n".join([say("help_convert"), "", "\b", say("help_convert_formats"), *lines])


def convert(
    paths: Paths,
    to: Annotated[str, typer.Option("--to", help=say("help_to"), metavar="FORMAT")],
    out: Annotated[Path, typer.Option("--out", help=say("help_convert_out"), metavar="PATH")],
    roles: Roles = "",
    columns: Columns = "",
    format: FormatId = "",
    excel_fr: Annotated[bool, typer.Option("--excel-fr", help=say("help_excel_fr"))] = False,
    lang: Annotated[str, typer.Option("--lang", help=say("help_convert_lang"), metavar="fr|en")] = "fr",
    annotator: Annotated[str, typer.Option("--annotator", help=say("help_annotator"), metavar="CODE")] = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help=say("help_convert_overwrite"))] = False,
    as_json: AsJson = False,
) -> int:
    from alliance_nlp.batch.convert import ConvertSettings
    from alliance_nlp.batch.convert import convert as convert_files
    from alliance_nlp.exports.base import ExportOptions
    from alliance_nlp.exports.registry import find_export

    if lang not in LANGUAGES:
        raise ConfigError("report.bad_language", found=lang, expected=", ".join(LANGUAGES))
    settings = ConvertSettings(read_options(roles, columns, format), ExportOptions(lang, excel_fr), annotator or None, overwrite)
    done = convert_files(find_files(paths, out=out), find_export(to), out, settings)
    for error in done.failed:
        tell(error.message())
    for session in done.renamed:
        tell(render("exports.renamed", file=session.file, given=session.given, new=session.new))
    if as_json:
        show(_summary(done))
    counts = {"sessions": done.sessions - done.left_out, "files": len(done.written), "failed": len(done.failed)}
    tell(say("convert_done", **counts, place=out))
    return FOUND if done.failed or done.renamed else OK


def _summary(done: Conversion) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {
        "sessions": done.sessions - done.left_out,
        "written": [str(path) for path in done.written],
        "renamed": [{"file": session.file, "given": session.given, "new": session.new} for session in done.renamed],
        "failed": [{"file": error.file, "error": error.message()} for error in done.failed],
    }
