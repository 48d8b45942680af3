"""Reports alone: languages, without text, PDF, and a dyad's earlier sessions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alliance_nlp.batch.inputs import find_inputs
from alliance_nlp.batch.pdf import find_chromium
from alliance_nlp.batch.reports import ReportSettings, write_reports
from alliance_nlp.errors import ConfigError
from alliance_nlp.formats import SUFFIXES

SPEECH = """#meta {{"id": "{name}", "dyad_id": "{dyad}", "session_number": {number}, "speakers": {{"T": "therapist", "P": "patient"}}}}
T: <task>On reprend le carnet violet ensemble, si ça vous va ?</task>
P: <task>D'accord, je le remplirai dimanche.</task>
T: Hm.
P: Le facteur siffle encore.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two sessions of one dyad, the later one first, and one of another."""
    source = tmp_path / "séances"
    source.mkdir()
    for name, dyad, number in (("a", "d1", 2), ("b", "d1", 1), ("c", "d2", 1)):
        (source / f"{name}.txt").write_text(SPEECH.format(name=name, dyad=dyad, number=number), encoding="utf-8")
    return source


def write(folder: Path, out: Path, *formats: str, **settings) -> dict[str, str]:
    written = write_reports(find_inputs([str(folder)], SUFFIXES), out, ReportSettings(formats, **settings))
    return {path.name: path.read_text(encoding="utf-8") for path in written if path.suffix != ".pdf"}


def test_une_seance_est_mise_a_cote_des_precedentes_de_sa_dyade_seulement(folder, tmp_path):
    pages = write(folder, tmp_path / "out", "html", "json")
    earlier = {name: json.loads(pages[f"{name}.json"])["patterns"]["dyad"] for name in "abc"}
    assert [session["session_id"] for session in earlier["a"]["earlier"]] == ["b"]
    assert (earlier["b"], earlier["c"]) == (None, None)
    assert '<a href="b.html">b</a>' in pages["a.html"]


def test_la_langue_est_celle_qu_on_demande(folder, tmp_path):
    pages = write(folder, tmp_path / "out", "html", "md", language="en")
    assert '<html lang="en">' in pages["a.html"] and "## Rupture episodes" in pages["a.md"]
    assert '<html lang="en">' in (tmp_path / "out/index.html").read_text(encoding="utf-8")


def test_sans_texte_aucun_fichier_ne_tient_de_propos(folder, tmp_path):
    write(folder, tmp_path / "out", "html", "md", "json", with_text=False)
    for path in (p for p in (tmp_path / "out").rglob("*") if p.is_file()):
        text = path.read_bytes().decode("utf-8", "replace")
        assert "carnet violet" not in text and "facteur siffle" not in text, path.name


def test_sans_navigateur_le_message_dit_quoi_installer(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "rien"))
    with pytest.raises(ConfigError, match="chromium"):
        write(folder, tmp_path / "out", "html", pdf=True)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_le_pdf_est_en_a4_et_la_page_qui_n_est_pas_demandee_disparait(folder, tmp_path):
    try:
        find_chromium()
    except ConfigError:
        pytest.skip("no Chromium found: install the Debian package chromium, or set CHROMIUM to its path")
    (folder / "b.txt").unlink()
    (folder / "c.txt").unlink()
    write(folder, tmp_path / "out", "json", pdf=True)
    made = sorted(path.name for path in (tmp_path / "out/reports").iterdir())
    assert made == ["a.json", "a.pdf"]
    data = (tmp_path / "out/reports/a.pdf").read_bytes()
    assert data.startswith(b"%PDF") and b"/MediaBox [0 0 594.95996 841.91998]" in data
