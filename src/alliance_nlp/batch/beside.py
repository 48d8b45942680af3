"""A second process for the search for identifying information, so that it costs a batch no time.

spaCy takes seconds to start and holds Python's lock; in a process of its own it starts while the tagger is loaded.  Text goes to
that process through a pipe of the operating system, and nowhere else.
"""

from __future__ import annotations

import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


def second_process() -> ProcessPoolExecutor:
    """Return an executor with one process, started when it is first asked; to be used by a program, not by a library.

    A program that was started from a script without ``if __name__ == "__main__"`` would start itself again.
    """
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_prepare)


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process, which then ends this one
    sys.modules["torch"] = None  # type: ignore[assignment]  # spaCy imports it where it is installed: two seconds, for nothing
