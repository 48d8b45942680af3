"""A page printed to PDF by a Chromium that is installed on this machine; nothing is fetched.

In: a page on disk.  Out: a PDF beside it.  Chromium is looked for under the path in ``CHROMIUM``, then under its
usual names.  It runs headless, on a profile of its own that is deleted, with every host name made unresolvable.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from alliance_nlp.errors import ConfigError, StoreError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
TIMEOUT_S = 180  # a session of 400 turns takes a few seconds on a laptop
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",  # the page has its own
    "--generate-pdf-document-outline",
    "--export-tagged-pdf",  # headings and tables for screen readers
)


def find_chromium() -> str:
    """Return the browser's path; ConfigError, with what to install, when there is none."""
    given = os.environ.get("CHROMIUM")
    found = shutil.which(given) if given else next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise ConfigError("batch.no_chromium", given=given or "—")
    return found


def print_pdf(page: Path, out: Path, *, chromium: str) -> None:
    """Print ``page`` to ``out``, whole or not at all; StoreError when the browser fails or takes too long."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = Path(folder) / "page.pdf"
        command = [chromium, *OPTIONS, *_unsandboxed(), f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}"]
        try:
            done = subprocess.run([*command, page.resolve().as_uri()], capture_output=True, timeout=TIMEOUT_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StoreError("batch.pdf_failed", file=out.name, detail=type(error).__name__) from error
        if done.returncode or not made.is_file():
            raise StoreError("batch.pdf_failed", file=out.name, detail=f"status {done.returncode}")
        partial = out.with_name(out.name + ".partial")
        shutil.copyfile(made, partial)
        os.replace(partial, out)


def _unsandboxed() -> tuple[str, ...]:
    """Return the option without which Chromium refuses to run as root (containers); others keep the sandbox."""
    return ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
