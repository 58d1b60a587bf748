"""A store in a file: the protocol in every order, its times, its faults."""

import itertools
import random
import sqlite3
import threading
import time

import pytest

from headrace.idempotency.store import Claim, open_store
from headrace.idempotency.stores.sqlite import SqliteStore
from tests.support.leases import ACTORS, ENDS, LEASE, ORDERS, play


def test_every_order_of_three_actors(tmp_path):
    store = SqliteStore(":memory:")
    keys = itertools.count()

    def end_leases():
        store._connection.execute("UPDATE headrace_once SET lease_until = 0 WHERE answer IS NULL")

    for ends in itertools.product(ENDS, repeat=3):
        for steps in random.sample(ORDERS, 60) if ends != ENDS[:3] else ORDERS:
            key = f"{next(keys)}"
            play(store, end_leases, key, steps, dict(zip(ACTORS, ends, strict=True)))
            store._connection.execute("DELETE FROM headrace_once")
    store.close()


def test_a_new_file_is_its_owners_alone(tmp_path):
    for name, before in (("old.db", 0o640), ("new.db", None)):
        if before is not None:
            (tmp_path / name).touch()
            (tmp_path / name).chmod(before)
        store = open_store(f"sqlite:{tmp_path}/{name}")
        store.claim({"k": "d"}, "a", LEASE)
        store.close()
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("old.db", "new.db")]
    assert modes == [0o640, 0o600]


def test_an_answer_is_forgotten_when_its_window_is_over(tmp_path):
    now = [0.0]
    store = SqliteStore(str(tmp_path / "once.db"), clock=lambda: now[0])
    store.claim({"k": "d"}, "a", 5)
    store.complete({"k": "1"}, "a", 100)
    now[0] = 99.0
    assert store.claim({"k": "d"}, "b", 5)["k"].state == "done"
    now[0] = 101.0
    assert store.claim({"k": "e"}, "b", 5)["k"].state == "mine"
    store.close()


def test_a_lease_begins_after_the_wait_for_the_file(tmp_path):
    now = [0.0]
    file = tmp_path / "once.db"
    store, other = (SqliteStore(str(file), clock=lambda: now[0]) for _ in range(2))
    with sqlite3.connect(file, isolation_level=None, check_same_thread=False) as busy:
        busy.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(target=store.claim, args=({"k": "d"}, "a", 5))
        waiting.start()
        time.sleep(0.2)
        now[0] = 6.0  # longer than a lease
        busy.execute("ROLLBACK")
        waiting.join(10)

    assert other.claim({"k": "d"}, "b", 5) == {"k": Claim("busy")}
    for each in (store, other, busy):
        each.close()


def test_a_transaction_that_ended_itself_says_why(tmp_path):
    store = SqliteStore(str(tmp_path / "once.db"))
    store._connection.execute("PRAGMA max_page_count = 5")

    with pytest.raises(sqlite3.OperationalError, match="disk is full"):
        store.claim({f"{n}": "d" * 64 for n in range(1_000)}, "a", 5)
    assert store.claim({"k": "d"}, "a", 5) == {"k": Claim("mine")}
    store.close()


def test_the_model_finds_a_store_without_tokens(tmp_path):
    """The check can fail: here is a store whose late writers free the key, as many do."""

    class Loose(SqliteStore):
        def release(self, keys, token):
            self._connection.execute("DELETE FROM headrace_once WHERE done_until IS NULL")

    store = Loose(":memory:")

    def end_leases():
        store._connection.execute("UPDATE headrace_once SET lease_until = 0 WHERE answer IS NULL")

    steps, ends = ["a", "!", "b", "a", "c"], {"a": "release", "b": "complete", "c": "crash"}
    with pytest.raises(AssertionError):
        play(store, end_leases, "k", steps, ends)
    store.close()
