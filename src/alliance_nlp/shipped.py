"""Where the files that travel with the package lie: labels, the model, the templates' data.

In an installed wheel they stand under ``alliance_nlp/_shipped``; in a checkout (editable install)
at the repository's top level, where people look for them.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def shipped_path(relative: str) -> Path:
    """Return the path of a shipped file, e.g. ``"models/alliance-fr-small"`` (it may not exist)."""
    installed = PACKAGE / "_shipped" / relative
    return installed if installed.exists() else PACKAGE.parents[1] / relative
