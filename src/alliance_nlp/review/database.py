"""One SQLite file, opened safely: write-ahead log, every commit on the disk before it is acknowledged, schema brought up to date.

Errors of SQLite become :class:`StoreError` with a sentence; neither holds what was being written.  With a passphrase the file is
encrypted (SQLCipher, extra ``encrypt``).
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alliance_nlp.errors import ConfigError, StoreError
from alliance_nlp.review.migrations import steps_from

BUSY_TIMEOUT_S = 15.0  # twenty writers wait for each other's few milliseconds; a stuck one is told after this


class Database:
    """An open connection behind a lock: threads take turns, other processes wait for the file's own lock."""

    def __init__(self, path: Path, *, passphrase: str | None = None) -> None:
        self.driver: Any = sqlite3 if passphrase is None else sqlcipher()
        self.lock = threading.RLock()
        make_private(path)
        with self.errors():
            self.connection = self.driver.connect(
                str(path), timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=256
            )
        try:
            self.prepare(passphrase)
        except BaseException:
            self.connection.close()
            raise

    def prepare(self, passphrase: str | None) -> None:
        """Unlock, check whose file it is, set it up and bring its schema up to date."""
        with self.errors():
            if passphrase is not None:
                self.connection.execute("PRAGMA cipher_log_level = NONE")  # else it writes to standard error itself
                self.connection.execute("PRAGMA key = '" + passphrase.replace("'", "''") + "'")
            self.missing_steps()  # refuses a foreign or newer file before anything is written to it
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")  # NORMAL may lose the last commits when the power fails
            self.connection.execute("PRAGMA foreign_keys = ON")
        with self.writing() as connection:
            steps = self.missing_steps()  # again: another process may have done it
            for statement in (statement for step in steps for statement in step):
                connection.execute(statement)
            version = self.pragma("user_version") + len(steps)
            connection.execute(f"PRAGMA user_version = {version:d}")

    def missing_steps(self) -> tuple[tuple[str, ...], ...]:
        """Return the migrations still to be done."""
        (tables,) = self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return steps_from(self.pragma("user_version"), application=self.pragma("application_id"), tables=tables)

    def pragma(self, name: str) -> int:
        """Return a whole-number pragma."""
        return int(self.connection.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """Yield the connection within one transaction: all of the block is stored and on the disk, or nothing of it."""
        with self.transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """Yield the connection within one snapshot."""
        with self.transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def transaction(self, begin: str) -> Iterator[Any]:
        """Yield the connection between ``begin`` and COMMIT; a transaction already begun by this thread is joined."""
        with self.lock, self.errors():
            if self.connection.in_transaction:
                yield self.connection
                return
            self.connection.execute(begin)
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:  # a full disk may have rolled back already
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn SQLite's errors into StoreError."""
        try:
            yield
        except self.driver.Error as error:
            raise store_error(str(error)) from error

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        with self.lock:
            self.connection.close()


def make_private(path: Path) -> None:
    """Make the file, readable by its owner alone (SQLite gives its side files the same rights), unless it exists."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError("store.unwritable", file=path.name, detail=error.strerror or type(error).__name__) from error


def store_error(detail: str) -> StoreError:
    """Return the error for SQLite's own message (which never quotes values)."""
    if "full" in detail:
        return StoreError("store.disk_full")
    if "locked" in detail or "busy" in detail:
        return StoreError("store.locked")
    if "not a database" in detail:
        return StoreError("store.not_a_database")
    return StoreError("store.database", detail=detail[:120])


def sqlcipher() -> Any:
    """Return the encrypted driver; ConfigError with the command that installs it."""
    try:
        from sqlcipher3 import dbapi2
    except ImportError as error:
        raise ConfigError("store.no_sqlcipher") from error
    return dbapi2
