"""A second process for the search for identifying information, so that it costs a batch no time.

spaCy takes seconds to start and holds Python's lock; in a process of its own it starts while the tagger is loaded.  Text goes to
that process through a pipe of the operating system, and nowhere else.  It ends with the first one, however that ends.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from typing import Any


class SecondProcess(Executor):
    """One process, started when it is first asked; to be used by a program, not by a library.

    A program that was started from a script without ``if __name__ == "__main__"`` would start itself again.  What is asked of a
    process that the system has ended fails in its future, like what it was doing then.
    """

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_prepare)

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        """Ask for a call; BrokenExecutor in the future when the process is gone."""
        try:
            return self._pool.submit(function, *arguments, **options)
        except BrokenExecutor as error:
            failed: Future[Any] = Future()
            failed.set_exception(error)
            return failed

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the process when it has done what was asked."""
        self._pool.shutdown(wait, cancel_futures=cancel_futures)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """End the process: at once when the run was interrupted, for nobody waits for its answers."""
        workers = list((getattr(self._pool, "_processes", None) or {}).values())  # public from Python 3.14 on
        self.shutdown(wait=kind is None, cancel_futures=kind is not None)
        for worker in workers if kind is not None else ():
            worker.terminate()


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process, which then ends this one
    sys.modules["torch"] = None  # type: ignore[assignment]  # spaCy imports it where it is installed: two seconds, for nothing
    threading.Thread(target=_end_with_the_first, daemon=True).start()


def _end_with_the_first() -> None:
    """Wait for the first process to end, even by kill -9, and end: this one holds text of sessions."""
    first = parent_process()
    if first is not None:
        first.join()
        os._exit(1)
