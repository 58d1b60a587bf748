"""What only PostgreSQL has: its types, its faults, two writers at once."""

import os
import signal
import threading
import time

import pytest

from headrace.errors import SettingsError
from headrace.sinks.base import ContentRefused, WriteFailed
from tests.support.tables import empty_row
from tests.support.waiting import wait_until


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


def test_a_commit_whose_answer_was_lost_is_told_by_the_ledger(orders, monkeypatch):
    sink = orders()
    commit = sink._pool._idle[0].__class__.commit
    lost = []

    def commit_and_lose(connection):
        commit(connection)
        if not lost:
            lost.append(True)
            connection.pgconn.finish()
            raise connect_lost()

    monkeypatch.setattr("psycopg.Connection.commit", commit_and_lose)

    assert sink.send([empty_row(0), empty_row(1)]) == [None, None]
    assert lost
    assert orders.ask("SELECT count(*) FROM orders") == [(2,)]


def connect_lost():
    import psycopg

    return psycopg.OperationalError("server closed the connection unexpectedly")


def test_a_connection_that_the_server_ended_is_made_anew(orders):
    sink = orders()
    orders.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{orders.database}' AND application_name = 'headrace'"
    )

    assert sink.send([empty_row(0)]) == [None]
    assert orders.ask("SELECT count(*) FROM orders") == [(1,)]


def test_a_server_that_is_away_fails_all_in_time_and_the_rest_comes_later(postgres, orders):
    sink = orders(timeout="2")
    postgres.stop("immediate")
    begun = time.monotonic()
    try:
        failures = sink.send([empty_row(0), empty_row(1)])
        seconds = time.monotonic() - begun
    finally:
        postgres.start()

    assert all(str(failure).startswith("not acknowledged in time: ") for failure in failures)
    assert all("onnection refused" in str(failure) for failure in failures)
    assert all(isinstance(failure, WriteFailed) for failure in failures)
    assert seconds < 10
    wait_until(lambda: sink.send([empty_row(0), empty_row(1)]) == [None, None])


def test_a_server_that_stands_still_is_not_waited_for_without_end(orders, monkeypatch):
    monkeypatch.setattr("headrace.sinks.pg.waiting._GRACE_SECONDS", 0.1)
    sink = orders(timeout="1")
    ((backend,),) = orders.ask("""SELECT pid FROM pg_stat_activity
        WHERE application_name = 'headrace' AND datname = current_database()""")
    os.kill(backend, signal.SIGSTOP)
    try:
        (failure,) = sink.send([empty_row(0)])
    finally:
        os.kill(backend, signal.SIGCONT)

    assert str(failure) == "not acknowledged in time: the server does not answer"
    assert isinstance(failure, WriteFailed)
    assert sink.send([empty_row(0), empty_row(1)]) == [None, None]
    assert orders.ask("SELECT count(*) FROM orders") == [(2,)]


def test_a_lock_that_is_not_let_go_fails_the_batch_in_time(postgres, orders):
    sink = orders(timeout="1")
    with postgres.connect(orders.database) as other, other.transaction():
        other.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        (failure,) = sink.send([empty_row(0)])

    because = "canceling statement due to statement timeout"
    assert str(failure) == f"not acknowledged in time: {because}"
    assert sink.send([empty_row(0)]) == [None]


def test_what_can_never_work_is_told_at_once(postgres, orders):
    """The server plans an upsert by a key whose check is put off; only a row is refused."""
    with postgres.connect(orders.database) as other:
        other.execute("ALTER TABLE orders ADD CONSTRAINT later UNIQUE (at) DEFERRABLE")
    (problem,) = orders(key="at").send([empty_row(0)])
    assert "does not support deferrable unique constraints" in str(problem)


TRIGGER = """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW."a%b" = 'bad' THEN RAISE EXCEPTION 'not this one' USING ERRCODE = 'U0001'; END IF;
    RETURN NEW; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION refuse()"""
QUERY = 'ALTER TABLE orders ALTER "a%b" DROP DEFAULT, ALTER "a%b" TYPE tsquery USING NULL'
POLICY = """CREATE POLICY p ON orders WITH CHECK ("a%b" <> 'bad');
    ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE ROLE {0}; GRANT ALL ON SCHEMA public TO {0}; ALTER TABLE orders OWNER TO {0};
    ALTER ROLE headrace IN DATABASE {0} SET role = {0}"""
LONG = "".join(map(chr, range(0x4E00, 0x9000)))


@pytest.mark.parametrize(
    ("statement", "bad", "said"),
    [
        (TRIGGER, "bad", "not this one"),
        (QUERY, "a & & b", "syntax error in tsquery"),
        ('CREATE INDEX ON orders ("a%b")', LONG, "index row"),
        (POLICY, "bad", "row-level security"),
    ],
)
def test_an_error_of_any_kind_may_be_a_rows_own(postgres, orders, statement, bad, said):
    """The codes of these errors are also those of a table that cannot be written at all."""
    with postgres.connect(orders.database) as other:
        other.execute(statement.replace("{0}", orders.database))
    values = [f'{{"a%b": "{value}"}}'.encode() for value in ("a", bad, "c")]

    failures = orders().send([empty_row(n, value) for n, value in enumerate(values)])

    assert [failure is None for failure in failures] == [True, False, True]
    assert isinstance(failures[1], ContentRefused)
    assert said in str(failures[1])


def test_a_table_that_is_gone_blames_no_row(postgres, orders):
    sink = orders()
    with postgres.connect(orders.database) as other:
        other.execute("ALTER TABLE orders RENAME TO others")

    failures = sink.send([empty_row(0), empty_row(1)])

    assert ["does not exist" in str(failure) for failure in failures] == [True, True]
    assert not any(isinstance(failure, ContentRefused) for failure in failures)


def test_an_error_does_not_show_the_row(orders):
    (failure,) = orders().send([empty_row(0, b'{"at": "s3cret"}')])
    twice = [empty_row(n, b'{"Order Id": 5, "more": "s3cret"}') for n in (1, 2)]
    (_, second) = orders().send(twice)

    (large,) = orders().send([empty_row(3, b'{"Order Id": 98765432109876543210}')])

    assert "invalid input syntax" in str(failure)
    assert str(large) == 'value "…" is out of range for type bigint'
    assert "duplicate key" in str(second)
    assert "s3cret" not in f"{failure} {second}"


def test_what_no_text_of_the_server_holds_is_named(orders):
    values = [b'{"a%b": "\\u0000"}', b'{"more": {"a": "\\ud800"}}']

    failures = orders().send([empty_row(n, value) for n, value in enumerate(values)])

    assert str(failures[0]).endswith(r": \u0000 cannot be converted to text.")
    assert str(failures[1]).endswith(": Unicode low surrogate must follow a high surrogate.")


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
