"""The protocol of a lease, on each store, in every order of what three actors may do."""

import itertools
import random
import sqlite3
import threading
import time
import uuid

import pytest

from headrace.idempotency.store import Claim, open_store
from headrace.idempotency.stores.sqlite import SqliteStore
from tests.support.leases import ACTORS, ENDS, LEASE, ORDERS, WINDOW, play


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


def test_some_orders_on_each_store(kept):
    # The stand-in for DynamoDB copies its tables for each transaction.
    for number in range(5 if "dynamodb" in kept.url else 25):
        steps = random.choice(ORDERS)
        ends = {actor: random.choice(ENDS) for actor in ACTORS}
        play(kept.store, kept.end_leases, f"key-{number}", steps, ends)


def test_a_late_writer_undoes_nothing_and_is_told_so(kept):
    """A's lease ends, B takes over: A's failure does not free B's key for C."""
    store = kept.store
    store.claim({"k": "d"}, "a", LEASE)
    kept.end_leases()
    assert store.claim({"k": "d"}, "b", LEASE) == {"k": Claim("mine")}

    store.release(["k"], "a")
    assert store.claim({"k": "d"}, "c", LEASE) == {"k": Claim("busy")}
    assert store.complete({"k": '"late"'}, "a", WINDOW) == {"k"}
    assert store.complete({"k": '"b"'}, "b", WINDOW) == set()
    assert store.claim({"k": "d"}, "c", LEASE) == {"k": Claim("done", "d", '"b"')}


def test_a_batch_of_many_keys_in_every_state(kept, monkeypatch):
    monkeypatch.setattr("headrace.idempotency.stores.transactions._MOST_KEYS", 10)
    store = kept.store
    old = {f"old-{n}": "d" for n in range(8)}
    store.claim(old, "a", LEASE)
    store.complete(dict.fromkeys([*old][:5], "1"), "a", WINDOW)
    new = {f"new-{n}": "d" for n in range(16)}

    found = store.claim(dict(random.sample([*(old | new).items()], 24)), "b", LEASE)

    states = {
        state: {k for k, c in found.items() if c.state == state}
        for state in ("mine", "busy", "done")
    }
    assert states == {"mine": {*new}, "busy": {*[*old][5:]}, "done": {*[*old][:5]}}
    assert store.complete(dict.fromkeys(found, "2"), "b", WINDOW) == {*old}


def test_a_transaction_holds_no_more_bytes_than_the_service_takes(in_dynamodb, monkeypatch):
    monkeypatch.setattr("headrace.idempotency.stores.transactions._MOST_BYTES", 1_000)
    store, calls = in_dynamodb.store, []
    transact = store._client.transact_write_items
    answers = {f"k-{n}": f'"{"x" * 300 * n}"' for n in range(5)}
    store.claim(dict.fromkeys(answers, "d"), "a", LEASE)
    monkeypatch.setattr(
        store._client,
        "transact_write_items",
        lambda **given: [calls.append(len(given["TransactItems"])), transact(**given)],
    )

    assert store.complete(answers, "a", WINDOW) == set()
    assert calls == [3, 1, 1]
    assert store.claim({"k-4": "d"}, "b", LEASE)["k-4"].answer == answers["k-4"]


def test_a_call_that_is_made_twice_counts_once(kept):
    """As a client does on its own, if the answer to the first was lost."""
    store = kept.store
    for _ in range(2):
        assert store.claim({"k": "d", "l": "d"}, "a", LEASE)["k"] == Claim("mine")
    for _ in range(2):
        assert store.complete({"k": "1"}, "a", WINDOW) == set()
    for _ in range(2):
        store.release(["k", "l"], "a")
        store.extend(["k", "l"], "a", LEASE)

    assert store.claim({"k": "d", "l": "d"}, "b", LEASE) == {
        "k": Claim("done", "d", "1"),
        "l": Claim("mine"),
    }


def test_another_process_finds_what_is_kept(kept):
    kept.store.claim({"k": "d"}, "a", LEASE)
    other = open_store(kept.url)

    assert other.claim({"k": "d"}, "b", LEASE) == {"k": Claim("busy")}
    other.close()


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


def test_items_have_the_names_that_powertools_reads(in_dynamodb):
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    store = in_dynamodb.store
    store.claim({"k": "digest"}, "a", LEASE)
    (running,) = in_dynamodb.items()
    store.complete({"k": '{"ok":true}'}, "a", WINDOW)
    layer = DynamoDBPersistenceLayer(
        table_name=in_dynamodb.url.removeprefix("dynamodb://").partition("?")[0]
    )
    layer.configure(__import__("aws_lambda_powertools").utilities.idempotency.IdempotencyConfig())

    assert running["status"] == {"S": "INPROGRESS"}
    found = layer._get_record("k")
    assert (found.status, found.response_json_as_dict()) == ("COMPLETED", {"ok": True})


@pytest.mark.kinesis
@pytest.mark.parametrize(("name", "kind"), [("id", "N"), ("key", "S")])
def test_a_table_whose_key_is_another_is_refused(aws, name, kind):
    from headrace.errors import SettingsError

    table = f"once-{uuid.uuid4().hex[:8]}"
    aws("dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": name, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(SettingsError, match="the table's key is not the one attribute id"):
        open_store(f"dynamodb://{table}?timeout=120")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("amqp://host", "unknown scheme 'amqp'"),
        ("redis://127.0.0.1:1", "onnection refused"),
        ("redis://127.0.0.1/x", "redis://host:6379/0"),
        ("redis://127.0.0.1:99999", "redis://host:6379/0"),
        ("redis://:6379", "redis://host:6379/0"),
        ("redis://[::1]:1", "onnection refused"),
        ("redis://127.0.0.1:1?ca=/ca.pem", "ca has no effect without tls=true"),
        ("redis://127.0.0.1?password_file=/nowhere", "No such file"),
        ("sqlite:", "sqlite:/path/to/once.db"),
        ("sqlite:/nowhere/once.db", "unable to open"),
        ("postgres://127.0.0.1:1/db", "onnection refused"),
        ("postgres://127.0.0.1", "the form is postgres://host:5432/database"),
        ("dynamodb://", "dynamodb://table"),
        ("", "is empty"),
    ],
)
def test_a_wrong_url_is_told_when_it_is_opened(url, said):
    from headrace.errors import SettingsError

    with pytest.raises(SettingsError) as raised:
        open_store(url)
    assert said in str(raised.value)
    assert str(raised.value).startswith("HEADRACE_ONCE_STORE")


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
