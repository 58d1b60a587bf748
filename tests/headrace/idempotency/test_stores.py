"""The protocol of a lease, on each store, and URLs of stores."""

import random

import pytest

from headrace.idempotency.store import Claim, open_store
from tests.support.leases import ACTORS, ENDS, LEASE, ORDERS, WINDOW, play


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
