"""The command ``convert``: from every readable format to every export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alliance_nlp.cli.shared import FOUND, OK, AsJson, Columns, FormatId, Paths, Roles, find_files, read_options, say, show, tell
from alliance_nlp.errors import ConfigError
from alliance_nlp.exports.registry import EXPORTS
from alliance_nlp.messages import LANGUAGES

_TO = say("help_to", formats=", ".join(export.id for export in EXPORTS))


def convert(
    paths: Paths,
    to: Annotated[str, typer.Option("--to", help=_TO, metavar="FORMAT")],
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
    if as_json:
        failed = [{"file": error.file, "error": error.message()} for error in done.failed]
        show({"sessions": done.sessions, "written": [str(path) for path in done.written], "failed": failed})
    tell(say("convert_done", sessions=done.sessions, files=len(done.written), failed=len(done.failed), place=out))
    return FOUND if done.failed else OK
