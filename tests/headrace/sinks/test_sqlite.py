"""What only SQLite has: defaults that are words, and errors of its functions."""

import sqlite3
from contextlib import closing

import pytest

from headrace.sinks import open_sink
from headrace.sinks.base import ContentRefused
from tests.support.tables import empty_row


@pytest.fixture
def ask(tmp_path):
    with sqlite3.connect(tmp_path / "db", isolation_level=None) as connection:
        yield lambda query: connection.execute(query).fetchall()
    connection.close()


@pytest.fixture
def sink(ask, tmp_path):
    opened = []

    def of(columns):
        ask(f"CREATE TABLE orders ({columns})")
        opened.append(open_sink(f"sqlite:{tmp_path}/db?table=orders&timeout=0.3", {}))
        return opened[-1]

    yield of
    for each in opened:
        each.close()


@pytest.mark.parametrize(
    ("default", "value"),
    [
        ("open", "open"),
        ("größe", "größe"),
        ("true", 1),
        ("NULL", None),
        ("'it''s'", "it's"),
        ("-5", -5),
        ("x'00'", b"\0"),
        ("(length('abc'))", 3),
    ],
)
def test_a_default_may_be_a_word(sink, ask, default, value):
    orders = sink(f"status DEFAULT {default}, at DEFAULT CURRENT_TIMESTAMP")

    assert orders.send([empty_row(0)]) == [None]
    assert ask("SELECT status, at > '2026' FROM orders") == [(value, 1)]


def test_a_row_that_a_function_cannot_read_is_that_records_own_failure(sink, ask):
    orders = sink("body, total GENERATED ALWAYS AS (json_extract(body, '$.total')) STORED")
    values = [b'{"body": {"total": 1}}', b'{"body": "no JSON"}', b'{"body": "{}"}']

    failures = orders.send([empty_row(n, value) for n, value in enumerate(values)])

    assert [failure is None for failure in failures] == [True, False, True]
    assert isinstance(failures[1], ContentRefused)
    assert str(failures[1]) == "malformed JSON"
    assert ask("SELECT total FROM orders") == [(1,), (None,)]


@pytest.mark.parametrize("change", ["DROP TABLE orders", "ALTER TABLE orders RENAME TO others"])
def test_a_table_that_is_gone_blames_no_row(sink, ask, tmp_path, change):
    sink("body")
    # After a restart: the ledger is there, so that nothing makes the client read the schema anew.
    with closing(open_sink(f"sqlite:{tmp_path}/db?table=orders&timeout=0.3", {})) as orders:
        assert orders.send([empty_row(9)]) == [None]
        ask(change)

        failures = orders.send([empty_row(0), empty_row(1)])

    assert all(failures)
    assert not any(isinstance(failure, ContentRefused) for failure in failures)
