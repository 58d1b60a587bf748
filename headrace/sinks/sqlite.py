"""`sqlite:/path/orders.db?table=orders&key=id` writes rows of a table, each record's once.

It is the table sink without a server, from the standard library. Parameters, rows and promises are
those of `headrace.sinks.postgres`; lists and objects inside a row become JSON text. Several
processes may write to one file, one transaction after the other; a network drive will not do.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from headrace import json_text
from headrace.sinks.base import ContentRefused, Message
from headrace.sinks.partial_writes import Transient
from headrace.sinks.sqlite_ledger import SqliteLedger
from headrace.sinks.sqlite_table import Column, check, look_up, statement
from headrace.sinks.table import parameters
from headrace.sinks.table.done import places
from headrace.sinks.table.parameters import TableOptions, options
from headrace.sinks.table.rows import rows
from headrace.sinks.table.writing import write
from headrace.sinks.url import SinkUrl

_OF_CONTENT = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    OverflowError,  # an integer of more than 64 bits
    UnicodeEncodeError,  # half a surrogate pair
)
_FORGET_SECONDS = 3600.0  # how often ids that are old enough are dropped


def open_url(url: SinkUrl) -> "SqliteSink":
    """Open `sqlite:/absolute.db?table=…` or `sqlite:relative.db?table=…`; the table must exist."""
    with _asked(url) as asked:
        return SqliteSink(url, asked)


def check_url(url: SinkUrl) -> None:
    """See whether the file could be opened and written. Nothing is written."""
    with _asked(url) as asked, closing(_connect(url, asked)) as connection:
        check(url, asked, connection, look_up(connection, asked))
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")


@contextmanager
def _asked(url: SinkUrl) -> Iterator[TableOptions]:
    """Give what a URL says. An error about its file becomes a SettingsError."""
    url.allow(parameters.PARAMETERS)
    if url.host or not url.path:
        raise url.wrong("the form is sqlite:/path/to/file.db?table=name")
    asked = options(url)
    if not Path(url.path).exists():
        raise url.wrong("there is no such file")
    try:
        yield asked
    except sqlite3.Error as error:
        raise url.wrong(str(error)) from None


class SqliteSink:
    """Rows of a table. Any thread may write; they take turns.

    Args:
        url: of the file.
        asked: what the URL says.

    Raises:
        SettingsError: there is no such table or column.
        sqlite3.Error: the file is no database, or cannot be written.
    """

    def __init__(self, url: SinkUrl, asked: TableOptions) -> None:
        self._options = asked
        self._lock = threading.Lock()
        self._forget_at = time.monotonic()
        self._connection = _connect(url, asked)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._columns = look_up(self._connection, asked)
        check(url, asked, self._connection, self._columns)
        self._insert = statement(self._columns, asked)
        self._ledger = SqliteLedger(self._connection, f"{asked.group}:{asked.table}")

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Write the rows, in as few transactions as possible; none of a record that has its own."""
        texts = [_rows(message, self._columns) for message in messages]
        positions = [message.position for message in messages]

        def attempt(part: Sequence[int]) -> None:
            with self._transaction():
                done = self._ledger.take(places(positions, part))
                for index in part:
                    found = texts[index]
                    if index not in done and isinstance(found, list):
                        self._write(found)

        with self._lock:
            failures = write(messages, texts, attempt, self._options.timeout)
            if time.monotonic() >= self._forget_at:
                self._forget_at = time.monotonic() + _FORGET_SECONDS
                with suppress(Transient, sqlite3.Error), self._transaction():
                    self._ledger.forget(self._options.remember)
        return failures

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _write(self, found: Sequence[tuple[Any, ...]]) -> None:
        """Write rows. If the statement is as good as it was, an error of logic is theirs.

        A function in the table may fail, such as one that reads JSON.
        """
        try:
            self._connection.executemany(self._insert, found)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise
            # A text of its own: an EXPLAIN out of the cache would not look at the table as it is.
            check = f"EXPLAIN {self._insert} -- {time.monotonic_ns()}"
            self._connection.execute(check, [None] * len(self._columns))
            raise ContentRefused(str(error)) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise Transient(str(error)) from error
            if isinstance(error, _OF_CONTENT):
                raise ContentRefused(str(error)) from error
            raise


def _connect(url: SinkUrl, asked: TableOptions) -> sqlite3.Connection:
    return sqlite3.connect(
        url.path, timeout=asked.timeout, isolation_level=None, check_same_thread=False
    )


def _rows(message: Message, columns: Sequence[Column]) -> list[tuple[Any, ...]] | ContentRefused:
    texts = rows(message)
    if isinstance(texts, ContentRefused):
        return texts
    try:
        found = json_text.decode(b"[" + texts + b"]")
    except json_text.JsonError as error:
        return ContentRefused(str(error))
    return [tuple(_value(row.get(field)) for _, field, _ in columns) for row in found]


def _value(value: Any) -> Any:
    return json_text.encode(value).decode() if isinstance(value, dict | list) else value
