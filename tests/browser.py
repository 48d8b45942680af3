"""What every test in a real browser needs: where Chromium is, the sizes of the screens, a headless browser.

Needs Playwright and a Chromium: Debian's, or the one that ``CHROMIUM`` names.  Without them the tests are skipped with the
reason; ``ALLIANCE_REQUIRE_BROWSER=1`` makes that a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]
SIZES = {"bureau": (1280, 900), "tablette": (768, 1024), "200 %": (640, 450)}


def missing(reason: str) -> None:
    """Skip the test, or fail it where a browser is required."""
    if os.environ.get("ALLIANCE_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """Return a headless Chromium, closed at the end."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("no Chromium found: install the Debian package chromium, or set CHROMIUM to its path")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright is not installed: pip install 'alliance-nlp[test]'")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


def violations(page) -> list[dict]:
    """Return what axe finds against the page."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        missing("axe-playwright-python is not installed: pip install 'alliance-nlp[test]'")
    return Axe().run(page).response["violations"]
