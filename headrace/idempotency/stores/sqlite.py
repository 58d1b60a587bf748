"""`sqlite:/path/once.db` keeps keys in a file, for the processes of one machine."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from headrace.idempotency.store import Claim
from headrace.sinks.url import SinkUrl

_TIMEOUT_SECONDS = 10.0
_CREATE = (
    "CREATE TABLE IF NOT EXISTS headrace_once (key TEXT PRIMARY KEY, token TEXT NOT NULL,"
    " lease_until REAL NOT NULL, done_until REAL, digest TEXT, answer TEXT) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS headrace_once_done ON headrace_once (done_until)",
)
_CLAIM = """
INSERT INTO headrace_once AS o VALUES (:key, :token, :now + :lease, NULL, :digest, NULL)
ON CONFLICT (key) DO UPDATE SET token = excluded.token, lease_until = excluded.lease_until,
    done_until = NULL, digest = excluded.digest, answer = NULL
WHERE coalesce(o.done_until, o.lease_until) <= :now
    OR (o.token = excluded.token AND o.done_until IS NULL)"""


def open_url(url: SinkUrl) -> "SqliteStore":
    """Open `sqlite:/absolute.db` or `sqlite:relative.db`; the file is made if it is missing."""
    url.allow(())
    if url.host or not url.path:
        raise url.wrong("the form is sqlite:/path/to/once.db")
    with suppress(OSError):  # SQLite says what is wrong
        # Answers may be confidential. What SQLite puts beside the file has its mode.
        os.close(os.open(url.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    try:
        return SqliteStore(url.path)
    except sqlite3.Error as error:
        raise url.wrong(str(error)) from None


class SqliteStore:
    """A table of a file. Whoever writes holds the lock of the whole file.

    Args:
        path: the file.
        clock: seconds since the epoch.
    """

    most_bytes = 1 << 29  # half of what a field may have

    def __init__(self, path: str, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, timeout=_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
        )
        for statement in _CREATE:
            self._connection.execute(statement)

    def claim(self, digests: Mapping[str, str], token: str, lease: float) -> dict[str, Claim]:
        """See `headrace.idempotency.store.OnceStore`, as for the others."""
        with self._transaction() as run:
            now = self._clock()  # a lease begins once nobody else's turn is waited for
            run("DELETE FROM headrace_once WHERE done_until <= ?", (now,))
            return {
                key: Claim("mine") if run(_CLAIM, row).rowcount else self._found(key)
                for key, digest in digests.items()
                for row in [
                    {"key": key, "token": token, "now": now, "lease": lease, "digest": digest}
                ]
            }

    def extend(self, keys: Sequence[str], token: str, lease: float) -> None:
        """Have the caller's leases end later."""
        with self._transaction() as run:
            until = self._clock() + lease
            for key in keys:
                run(
                    "UPDATE headrace_once SET lease_until = ?"
                    " WHERE key = ? AND token = ? AND done_until IS NULL",
                    (until, key, token),
                )

    def complete(self, answers: Mapping[str, str], token: str, window: float) -> set[str]:
        """Remember answers. Returns the keys that another one has claimed."""
        with self._transaction() as run:
            until = self._clock() + window
            return {
                key
                for key, answer in answers.items()
                if not run(
                    "UPDATE headrace_once SET done_until = ?, answer = ?"
                    " WHERE key = ? AND token = ?",
                    (until, answer, key, token),
                ).rowcount
            }

    def release(self, keys: Sequence[str], token: str) -> None:
        """Give leases up."""
        with self._transaction() as run:
            for key in keys:
                run(
                    "DELETE FROM headrace_once WHERE key = ? AND token = ? AND done_until IS NULL",
                    (key, token),
                )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _found(self, key: str) -> Claim:
        found = self._connection.execute(
            "SELECT done_until, digest, answer FROM headrace_once WHERE key = ?", (key,)
        ).fetchone()
        done, digest, answer = found
        return Claim("busy") if done is None else Claim("done", digest, answer)

    @contextmanager
    def _transaction(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has ended it already
                    self._connection.execute("ROLLBACK")
                raise
