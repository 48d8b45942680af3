"""What noScribe writes at the head of its transcripts, in all its formats: « Transcribed with noScribe … ».

In: the first lines.  Out: whether it is noScribe's, and the language it was told.  Its speakers, overlaps and pauses
are read by the readers of the formats themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_LANGUAGE = re.compile(r"\(Language:\s*[^()|]{1,40}\((?P<code>[a-z]{2,3})\)")
SIGNATURE = "Transcribed with noScribe"


def declared_language(lines: Iterable[str]) -> str | None:
    """Return the language that noScribe was set to, None when no line says it.

    >>> declared_language(["(Language: French (fr) | Speaker detection: auto)"])
    'fr'
    """
    return next((match["code"] for line in lines if (match := _LANGUAGE.search(line[:400]))), None)
