"""Connections to a PostgreSQL server: kept open, made anew after a fault, never shared.

The connection is made by libpq, so what a URL leaves open comes from libpq's own variables and
files (PGUSER, PGPASSWORD, PGPASSFILE, PGSSLROOTCERT, ~/.pgpass).
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from headrace import json_text, whole_file
from headrace.settings import wrong_text
from headrace.sinks.base import ContentRefused
from headrace.sinks.pg.errors import in_our_terms
from headrace.sinks.pg.waiting import WaitingConnection
from headrace.sinks.url import SinkUrl

PARAMETERS = ("user", "password_file", "sslmode", "sslrootcert", "sslcert", "sslkey")

_OF_LIBPQ = ("user", "sslmode", "sslrootcert", "sslcert", "sslkey")
_HERE = ("", "localhost", "127.0.0.1", "[::1]")
_CONNECT_SECONDS = 10

Connection = psycopg.Connection[tuple[Any, ...]]


class Connections:
    """A connection for each thread that asks at once; idle ones wait for the next.

    Args:
        url: of the sink.
        timeout: seconds after which a server that does not answer counts as lost.

    Raises:
        SettingsError: the URL names no database, or the file of its password cannot be read.
    """

    def __init__(self, url: SinkUrl, timeout: float) -> None:
        database = url.path.removeprefix("/")
        if not database or "/" in database:
            raise url.wrong("the form is postgres://host:5432/database")
        hosts = quote(url.host, safe=":,[]")  # the path of a socket has slashes
        self._server = f"postgresql://{hosts}/{quote(database)}"
        self._options: dict[str, Any] = {
            "connect_timeout": max(2, int(min(_CONNECT_SECONDS, timeout))),
            "tcp_user_timeout": int(timeout * 1000),
            "application_name": "headrace",
            "autocommit": True,  # who sends more than one statement begins a transaction
            **{name: url.params[name] for name in _OF_LIBPQ if name in url.params},
        }
        if "sslmode" not in self._options and "PGSSLMODE" not in os.environ and not _is_here(url):
            self._options["sslmode"] = "require"
        if "," in url.host and "PGTARGETSESSIONATTRS" not in os.environ:
            self._options["target_session_attrs"] = "read-write"  # the others may be replicas
        file = url.params.get("password_file")
        self._password_file = Path(file) if file else None
        self._timeout = timeout
        self._lock = threading.Lock()
        self._idle: list[WaitingConnection] = []
        try:
            self._secrets()
        except (OSError, ValueError) as error:
            raise url.wrong(f"password_file: {error}") from None

    @contextmanager
    def one(self, *, patient: bool = False) -> Iterator[Connection]:
        """Lend a connection for one transaction, or one statement, which is committed.

        It is closed if it may be to blame for an error.

        Args:
            patient: a statement may take as long as it likes. Else, it has the pool's timeout, of
                which the caller tells the server.

        Raises:
            ContentRefused: the rows are to blame.
            Transient: the server cannot be reached, or it may work later.
            psycopg.Error: anything else that the server refuses.
        """
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        try:
            if connection is None:
                options = self._options | self._secrets()
                connection = WaitingConnection.connect(self._server, **options)
            connection.seconds = None if patient else self._timeout
            yield connection
            connection.commit()
        except BaseException as error:
            problem = in_our_terms(error) if isinstance(error, psycopg.Error) else error
            if connection is not None:
                self._end(connection, reuse=isinstance(problem, ContentRefused))
            if problem is error:
                raise
            raise problem from error
        self._end(connection, reuse=True)

    def close(self) -> None:
        """Close all that are idle."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _end(self, connection: WaitingConnection, *, reuse: bool) -> None:
        with suppress(psycopg.Error):
            if reuse:
                connection.rollback()
        if not reuse or connection.closed:
            connection.close()
        else:
            with self._lock:
                self._idle.append(connection)

    def _secrets(self) -> dict[str, str]:
        """Read the password anew for each connection: it may have been changed.

        The file holds the password, or the JSON object that AWS Secrets Manager keeps for a
        database, of which user and password are taken.
        """
        if self._password_file is None:
            return {}
        text = whole_file.text(self._password_file).strip()
        if not text.startswith("{"):
            return {"password": _whole("password", text)}
        found = json_text.decode(text)
        if not isinstance(found.get("password"), str):
            raise ValueError("the JSON object has no password")
        names = {"user": "username", "password": "password"}
        secrets = {to: _whole(name, found[name]) for to, name in names.items() if name in found}
        return {name: text for name, text in secrets.items() if name not in self._options}


def _whole(name: str, text: object) -> str:
    """Return a text that the client takes as a whole. Raises ValueError, without the text."""
    if not isinstance(text, str) or wrong_text(text):
        raise ValueError(f"the {name} is no text that a server takes")
    return text


def _is_here(url: SinkUrl) -> bool:
    """Whether the server is on this machine, so that no network can listen."""
    host, _, port = url.host.rpartition(":")
    name = host if port.isdigit() else url.host
    return name in _HERE or "%2F" in name or name.startswith("/")
