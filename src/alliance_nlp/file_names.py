"""Names of sessions and dyads as file names.  Standard library only."""

from __future__ import annotations

import hashlib
import re

UNSAFE = re.compile(r"[^\w.\-]+")
MOST_BYTES = 150  # of a name without its suffix: file systems take 255 bytes, and some suffixes are long


def file_name(name: str) -> str:
    """Return a session's or dyad's id as a safe file name: letters, digits, ``. - _``; never hidden, never a folder up.

    A long one is cut and ends with eight characters of its hash, so that two long ids that begin alike stay apart.

    >>> file_name("Séance 4/b")
    'Séance_4_b'
    """
    safe = UNSAFE.sub("_", name).lstrip(".") or "seance"
    data = safe.encode("utf-8", "replace")
    if len(data) <= MOST_BYTES:
        return safe
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{data[: MOST_BYTES - 9].decode('utf-8', 'ignore')}-{digest}"
