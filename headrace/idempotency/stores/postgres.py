"""`postgres://host:5432/database` keeps keys in the table `headrace_once`, by the server's clock.

It connects as the sink does (`headrace.sinks.pg.connections`). The table is made if it is missing.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg

from headrace.idempotency.store import Claim
from headrace.sinks.base import WriteFailed
from headrace.sinks.pg.connections import PARAMETERS, Connection, Connections
from headrace.sinks.url import SinkUrl

_TIMEOUT_SECONDS = 10.0
# Another's lock, such as of a maintenance, is not waited for without end.
_BEGIN = f"BEGIN; SET LOCAL statement_timeout = {_TIMEOUT_SECONDS * 1000:.0f}"
_CREATE = """
CREATE TABLE IF NOT EXISTS headrace_once (key text PRIMARY KEY, token text NOT NULL,
    lease_until timestamptz NOT NULL, done_until timestamptz, digest text, answer text);
CREATE INDEX IF NOT EXISTS headrace_once_done ON headrace_once (done_until)"""
_CLAIM = """
INSERT INTO headrace_once AS o (key, token, lease_until, digest)
SELECT key, %(token)s, clock_timestamp() + %(lease)s * interval '1 second', digest
FROM unnest(%(keys)s::text[], %(digests)s::text[]) AS n(key, digest) ORDER BY key
ON CONFLICT (key) DO UPDATE SET token = excluded.token, lease_until = excluded.lease_until,
    done_until = NULL, digest = excluded.digest, answer = NULL
WHERE coalesce(o.done_until, o.lease_until) <= clock_timestamp()
    OR (o.token = excluded.token AND o.done_until IS NULL) RETURNING key"""
_FOUND = "SELECT key, digest, answer FROM headrace_once WHERE key = ANY(%s) AND done_until > now()"
_LOCKED = """FROM (SELECT key FROM headrace_once WHERE key = ANY(%(keys)s) AND token = %(token)s
    ORDER BY key FOR UPDATE) AS mine"""
_EXTEND = f"""
UPDATE headrace_once AS o SET lease_until = clock_timestamp() + %(lease)s * interval '1 second'
{_LOCKED} WHERE o.key = mine.key AND o.done_until IS NULL"""  # noqa: S608
_COMPLETE = f"""
UPDATE headrace_once AS o SET done_until = clock_timestamp() + %(window)s * interval '1 second',
    answer = n.answer
{_LOCKED} JOIN unnest(%(keys)s::text[], %(answers)s::text[]) AS n(key, answer) USING (key)
WHERE o.key = mine.key RETURNING o.key"""  # noqa: S608
_RELEASE = """
DELETE FROM headrace_once WHERE key = ANY(%(keys)s) AND token = %(token)s AND done_until IS NULL"""
_FORGET = "DELETE FROM headrace_once WHERE done_until <= now()"


def open_url(url: SinkUrl) -> "PostgresStore":
    """Open `postgres://host/database`. The server must answer."""
    url.allow(PARAMETERS)
    store = PostgresStore(Connections(url, _TIMEOUT_SECONDS))
    try:
        store.create()
    except (psycopg.Error, WriteFailed) as error:
        raise url.wrong(" ".join(str(error).split())) from None
    return store


class PostgresStore:
    """A table of a database.

    Args:
        pool: connections to the server.
    """

    most_bytes = 1 << 29  # half of what a field may have

    def __init__(self, pool: Connections) -> None:
        self._pool = pool

    def create(self) -> None:
        """Make the table, if it is missing, and drop answers whose window is over."""
        with self._pool.one(patient=True) as connection:
            found = connection.execute("SELECT to_regclass('headrace_once')").fetchone()
            if found == (None,):
                try:
                    with connection.transaction():
                        connection.execute(_CREATE)
                except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateTable):
                    pass  # another process made it at this moment
            connection.execute(_FORGET)

    def claim(self, digests: Mapping[str, str], token: str, lease: float) -> dict[str, Claim]:
        """See `headrace.idempotency.store.OnceStore`, as for the others."""
        values = {"token": token, "lease": lease, **_columns(digests, "digests")}
        with self._transaction() as connection:
            mine = {row[0] for row in connection.execute(_CLAIM, values)}
            done = self._found(connection, [key for key in digests if key not in mine])
        return {k: Claim("mine") if k in mine else done.get(k, Claim("busy")) for k in digests}

    def extend(self, keys: Sequence[str], token: str, lease: float) -> None:
        """Have the caller's leases end later."""
        with self._transaction() as connection:
            connection.execute(_EXTEND, {"keys": list(keys), "token": token, "lease": lease})

    def complete(self, answers: Mapping[str, str], token: str, window: float) -> set[str]:
        """Remember answers. Returns the keys that another one has claimed."""
        values = {"token": token, "window": window, **_columns(answers, "answers")}
        with self._transaction() as connection:
            return answers.keys() - {row[0] for row in connection.execute(_COMPLETE, values)}

    def release(self, keys: Sequence[str], token: str) -> None:
        """Give leases up."""
        with self._transaction() as connection:
            connection.execute(_RELEASE, {"keys": list(keys), "token": token})

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._pool.one() as connection:
            connection.execute(_BEGIN, prepare=False)
            yield connection

    def _found(self, connection: Connection, keys: Sequence[str]) -> dict[str, Claim]:
        if not keys:
            return {}
        rows = connection.execute(_FOUND, (list(keys),)).fetchall()
        return {key: Claim("done", digest, answer) for key, digest, answer in rows}


def _columns(values: Mapping[str, str], name: str) -> dict[str, list[str]]:
    return {"keys": list(values), name: list(values.values())}
