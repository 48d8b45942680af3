"""docs/formats.md names every readable format and every export, and what it tells people to type exists."""

from __future__ import annotations

import re

import pytest

from alliance_nlp.exports.registry import EXPORTS
from alliance_nlp.formats import FORMATS
from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs/formats.md").read_text(encoding="utf-8")


def table_ids(heading: str) -> set[str]:
    """Return what stands between backquotes in the first column of the table under ``heading``."""
    part = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)} - {"--to"}


@pytest.mark.parametrize(("heading", "known"), [("Ce qui se lit", FORMATS), ("Ce qui s'écrit", EXPORTS)], ids=["lu", "écrit"])
def test_la_page_des_formats_les_nomme_tous_et_aucun_autre(heading, known):
    ids = {entry.id for entry in known}
    named = table_ids(heading)
    assert not ids - named, f"sans ligne dans docs/formats.md, « {heading} » : {sorted(ids - named)}"
    assert not named - ids, f"dans docs/formats.md sans exister : {sorted(named - ids)}"


def test_chaque_ligne_du_tableau_a_toutes_ses_cellules():
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert rows and all(line.count("|") == 6 and all(cell.strip() for cell in line.split("|")[1:-1]) for line in rows)


def test_les_commandes_de_la_page_nomment_des_formats_qui_existent():
    assert set(re.findall(r"convert[^`]*?--to ([\w-]+)", PAGE)) <= {export.id for export in EXPORTS}
