"""What only PostgreSQL has: its types, its names, two writers at once."""

import threading

import pytest

from headrace.errors import SettingsError
from tests.support.tables import empty_row


def test_values_have_the_types_of_their_columns(orders):
    value = (
        b'{"Order Id": 7, "a%b": "50%", "at": "2026-01-02T03:04:05Z", "tags": ["a", "b,c"],'
        b' "more": {"n": 1.10}}'
    )

    columns = "Order Id,a%25b,at,tags,more"
    assert orders(columns=columns, key="Order Id").send([empty_row(0, value)]) == [None]
    assert orders.ask("""SELECT "Order Id", "a%b", tags, more->>'n', twice,
        extract(year FROM at)::int FROM orders""") == [(7, "50%", ["a", "b,c"], "1.10", 1, 2026)]


def test_a_name_that_the_server_would_cut_is_refused(orders):
    name = "é" * 31 + "x"
    sink = orders(columns=f"Order Id,a%25b:{name}")
    assert sink.send([empty_row(0, f'{{"{name}": "text"}}'.encode())]) == [None]
    assert orders.ask('SELECT "a%b" FROM orders') == [("text",)]

    with pytest.raises(SettingsError, match=f"a field's name has at most 63 bytes: {name}x"):
        orders(columns=f"Order Id,a%25b:{name}x")


def test_what_the_table_makes_itself_is_left_to_it(orders):
    assert orders().send([empty_row(0), empty_row(1)]) == [None, None]
    assert orders.ask('SELECT "Order Id", "a%b", at IS NULL FROM orders') == [
        (1, "100%", False),
        (2, "100%", False),
    ]


@pytest.mark.parametrize("offsets", [range(50), [5] * 20])
def test_two_writers_of_the_same_records_write_each_once(orders, offsets):
    """As a runner does that lost its partition, and does not know it yet."""
    sinks = [orders() for _ in range(4)]
    results = []
    threads = [
        threading.Thread(
            target=lambda s=sink: [results.append(s.send([empty_row(n)])) for n in offsets]
        )
        for sink in sinks
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert results == [[None]] * 4 * len(offsets)
    assert orders.ask("SELECT count(*) FROM orders") == [(len(set(offsets)),)]


def test_a_column_of_a_domain_gets_its_default(postgres, orders):
    with postgres.connect(orders.database) as other:
        other.execute("""CREATE DOMAIN size AS int NOT NULL DEFAULT 7 CHECK (value > 0);
            CREATE DOMAIN price AS numeric(5, 2); CREATE DOMAIN cost AS price NOT NULL DEFAULT 1;
            CREATE DOMAIN loss AS cost;
            ALTER TABLE orders ADD a size, ADD b size DEFAULT 3, ADD c loss""")
    values = [b"{}", b'{"a": 1, "b": null, "c": 2.345}', b'{"a": 0}']

    failures = orders().send([empty_row(n, value) for n, value in enumerate(values)])

    assert failures[:2] == [None, None]
    assert "size_check" in str(failures[2])
    found = orders.ask("SELECT a, b, c::text FROM orders ORDER BY 1")
    assert found == [(1, 3, "2.35"), (7, 3, "1.00")]


def test_a_key_that_the_table_makes_is_made_for_each_row(orders):
    sink = orders(key="Order Id")
    values = [b"{}", b'{"Order Id": 70}', b"{}", b'{"Order Id": null}']
    messages = [empty_row(n, value) for n, value in enumerate(values)]

    assert sink.send(messages) == [None] * 4
    assert orders.ask('SELECT "Order Id" FROM orders ORDER BY 1') == [(1,), (2,), (3,), (70,)]


def test_a_number_that_the_table_would_make_may_be_given(orders):
    assert orders().send([empty_row(0, b'{"Order Id": 70}')]) == [None]
    assert orders.ask('SELECT "Order Id" FROM orders') == [(70,)]
