"""The documentation's pictures: reports of five fictional sessions of different arcs in a real browser.

    python benchmarks/pictures.py          # writes docs/pictures/*.png (needs Playwright, Debian's chromium and Pillow)

The sessions are of the corpus; their authored tags are taken off, the shipped model reads them, and they are given to two invented dyads.
"""

from __future__ import annotations

import dataclasses
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from alliance_nlp.formats import read_transcript
from alliance_nlp.record import dumps

SESSIONS = {"s089": ("d1", 1), "s107": ("d1", 2), "s074": ("d1", 3), "s090": ("d2", 1), "s125": ("d2", 2)}
PICTURES = Path("docs/pictures")
COLOURS = 256  # pages of few colours: a palette keeps each picture under 150 kB
DESKTOP, TABLET = {"width": 1280, "height": 1500}, {"width": 768, "height": 1100}


def write_sessions(path: Path) -> None:
    """Write the sessions without their authored tags."""
    with path.open("w", encoding="utf-8") as stream:
        for name, (dyad, number) in SESSIONS.items():
            session = read_transcript(f"data/corpus/sessions/{name}.txt")
            turns = tuple(dataclasses.replace(turn, markers=()) for turn in session.turns)
            metadata = {**session.metadata, "dyad_id": dyad, "session_number": number}
            stream.write(dumps(dataclasses.replace(session, turns=turns, metadata=metadata)) + "\n")


def save(data: bytes, name: str, *, width: int | None = None) -> None:
    """Write a picture with few colours, no wider than ``width``."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    if width and image.width > width:
        image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
    image.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE).save(PICTURES / f"{name}.png", optimize=True)


def shoot(browser: Any, page: Path, name: str, size: dict[str, int], *, at: str = "") -> None:
    """Save what a window of this size shows of a page, from the section ``at`` on."""
    window: Page = browser.new_page(viewport=size)
    window.goto(page.as_uri())
    if at:
        window.locator(at).scroll_into_view_if_needed()
        window.evaluate("place => document.querySelector(place).scrollIntoView()", at)
    window.wait_for_timeout(300)
    save(window.screenshot(), name)
    window.close()


def print_first_pages(browser: Any, page: Path, name: str) -> None:
    """Save the first two sheets of A4 side by side (``pdftoppm`` of poppler-utils turns them into pictures)."""
    if shutil.which("pdftoppm") is None:
        print("no pdftoppm (Debian: poppler-utils): the printed page is left out")
        return
    window: Page = browser.new_page()
    window.goto(page.as_uri())
    with tempfile.TemporaryDirectory() as folder:
        window.pdf(path=f"{folder}/page.pdf", prefer_css_page_size=True)
        subprocess.run(["pdftoppm", "-r", "80", "-l", "2", "-png", f"{folder}/page.pdf", f"{folder}/p"], check=True)
        sheets = [Image.open(path).convert("RGB") for path in sorted(Path(folder).glob("p*.png"))]
    both = Image.new("RGB", (sum(s.width for s in sheets) + 12, sheets[0].height), "#888")
    both.paste(sheets[0], (0, 0))
    both.paste(sheets[1], (sheets[0].width + 12, 0))
    data = io.BytesIO()
    both.save(data, "PNG")
    save(data.getvalue(), name)
    window.close()


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        write_sessions(folder / "sessions.jsonl")
        command = [sys.executable, "-m", "alliance_nlp.cli", "annotate", str(folder / "sessions.jsonl"), "--out", str(folder / "out")]
        subprocess.run(command, check=True)
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        reports = folder / "out" / "reports"
        for session in SESSIONS:
            shoot(browser, reports / f"{session}.html", f"seance-{session}", DESKTOP)
        shoot(browser, reports / "s090.html", "seance-a-verifier", DESKTOP, at="#verifier")
        shoot(browser, reports / "s107.html", "seance-tablette", TABLET)
        print_first_pages(browser, reports / "s090.html", "seance-papier")
        shoot(browser, folder / "out" / "index.html", "corpus", DESKTOP)
        shoot(browser, folder / "out" / "dyads" / "d1.html", "dyade", DESKTOP)
        browser.close()


if __name__ == "__main__":
    main()
