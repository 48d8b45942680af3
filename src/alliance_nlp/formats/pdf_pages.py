"""The pages of a PDF → their lines of text, with the place and the type of each.

In: bytes.  Out: :class:`PdfLine` by page, in the order in which the file draws them.  The text layer is read by pypdf, an
extra (``pip install 'alliance-nlp[pdf]'``) that is loaded when the first PDF is read.  Bounds on pages, instructions and
sizes keep hostile files from taking the machine.
"""

from __future__ import annotations

import io
import logging
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.formats.document import Run

MAX_PAGES = 2_000  # a whole therapy
MAX_PAGE_BYTES = 4_000_000  # of drawing instructions: a dense page of talk takes 5,000 to 60,000
MAX_INSTRUCTIONS = 1_500_000  # a page of talk takes some hundreds; one placed letter by letter some thousands
TRAILER_BYTES = 4096  # the last bytes say whether the file is protected
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\ufeff"))


@dataclass(frozen=True, slots=True)
class PdfLine:
    """One line: its 1-based number in the document, its runs, and its height on the page in points (up is more)."""

    number: int
    runs: tuple[Run, ...]
    y: float

    @property
    def text(self) -> str:
        """The line's characters."""
        return "".join(run.text for run in self.runs)


def read_pages(data: bytes, name: str) -> list[list[PdfLine]]:
    """Return the lines of every page; TranscriptFormatError for what is damaged, protected or too large."""
    try:
        import pypdf
    except ImportError:
        raise TranscriptFormatError("documents.pdf_needs_extra", file=name) from None
    with _quiet():
        try:
            return _pages(pypdf, data, name)
        except AllianceError:
            raise
        except pypdf.errors.LimitReachedError as error:
            raise TranscriptFormatError("documents.pdf_too_large", file=name) from error
        except Exception as error:  # a parser let loose on broken files: whatever it raises means the same to the user
            is_locked = b"/Encrypt" in data[-TRAILER_BYTES:]  # by a scheme that pypdf does not know
            raise TranscriptFormatError(f"documents.pdf_{'encrypted' if is_locked else 'damaged'}", file=name) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pypdf's remarks, which may quote the file, out of logs and terminals."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _pages(pypdf: Any, data: bytes, name: str) -> list[list[PdfLine]]:
    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not _opens_without_password(reader):
        raise TranscriptFormatError("documents.pdf_encrypted", file=name)
    if len(reader.pages) > MAX_PAGES:
        raise TranscriptFormatError("documents.pdf_too_large", file=name)
    count = _counter(name)
    pages: list[list[PdfLine]] = []
    lines = 0
    for page in reader.pages:
        contents = page.get_contents()
        if contents is not None and len(contents.get_data()) > MAX_PAGE_BYTES:
            raise TranscriptFormatError("documents.pdf_too_large", file=name)
        pages.append(_lines(page, lines, count))
        lines += len(pages[-1])
    return pages


def _opens_without_password(reader: Any) -> bool:
    """Return whether the file is only kept from being changed; True opens it."""
    try:
        return bool(reader.decrypt(""))
    except Exception:  # a cipher that needs a further library, or is unknown: the same to the user
        return False


def _counter(name: str) -> Callable[..., None]:
    done = 0

    def count(*_: object) -> None:
        nonlocal done
        done += 1
        if done > MAX_INSTRUCTIONS:
            raise TranscriptFormatError("documents.pdf_too_large", file=name)

    return count


def _lines(page: Any, before: int, count: Callable[..., None]) -> list[PdfLine]:
    """Return the lines of one page that hold something, numbered after the ``before`` lines of the pages above."""
    pieces: list[tuple[str, bool, float]] = []

    def take(text: str, page_matrix: Any, text_matrix: Any, font: Any, size: float) -> None:
        height = float(page_matrix[1]) * float(text_matrix[4]) + float(page_matrix[3]) * float(text_matrix[5])
        pieces.append((text, "bold" in str((font or {}).get("/BaseFont", "")).lower(), height + float(page_matrix[5])))

    page.extract_text(visitor_text=take, visitor_operand_before=count)
    found: list[PdfLine] = []
    runs: list[Run] = []
    y: float | None = None
    for text, is_bold, height in [*pieces, ("\n", False, 0.0)]:
        for place, part in enumerate(text.split("\n")):
            if place:
                _end_line(found, runs, y, before)
                runs, y = [], None
            if part:
                runs.append(Run(unicodedata.normalize("NFC", part.translate(_INVISIBLE)), is_bold))
                y = height if y is None and part.strip() else y
    return found


def _end_line(found: list[PdfLine], runs: list[Run], y: float | None, before: int) -> None:
    if y is not None:
        found.append(PdfLine(before + len(found) + 1, tuple(runs), y))
