"""A PostgreSQL that is away, stands still, or loses an answer: all is written later, and once."""

import os
import signal
import time

from headrace.sinks.base import WriteFailed
from tests.support.tables import empty_row
from tests.support.waiting import wait_until


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
