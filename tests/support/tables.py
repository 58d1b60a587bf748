"""A table of every kind of database, as the tests of their sinks want it."""

import sqlite3

from headrace.record import KafkaPosition
from headrace.sinks import Message, open_sink

TABLE = """CREATE TABLE orders (
    id bigint PRIMARY KEY, item varchar(20) NOT NULL, amount numeric(30, 2),
    tags text DEFAULT 'none', CHECK (amount >= 0))"""


class Db:
    """A database with the table, whichever kind it is."""

    def __init__(self, url, connection):
        self._url = url
        self._connection = connection
        self.execute = connection.execute
        self.opened = []
        self.is_postgres = not isinstance(connection, sqlite3.Connection)

    def sink(self, table="orders", variables=None, **params):
        more = "".join(f"&{name}={value}" for name, value in params.items())
        self.opened.append(open_sink(self._url(table) + more, variables or {}))
        return self.opened[-1]

    def rows(self, what="id, item, amount", table="orders"):
        found = self.execute(f"SELECT {what} FROM {table} ORDER BY 1").fetchall()
        return [row[0] if len(row) == 1 else row for row in found]


def row(number, item="a", amount="1", key=None, offset=None):
    value = f'{{"id": {number}, "item": "{item}", "amount": {amount}}}'.encode()
    position = KafkaPosition("t", 0, number if offset is None else offset)
    return Message(key, value, (), str(position), position)


def empty_row(offset, value=b"{}"):
    return Message(None, value, (), "", KafkaPosition("t", 0, offset))
