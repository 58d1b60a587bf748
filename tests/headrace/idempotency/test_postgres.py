"""What only the store in PostgreSQL has: it meets locks of others."""

import pytest

from headrace.idempotency.store import Claim, open_store
from headrace.sinks.partial_writes import Transient

pytestmark = pytest.mark.postgres


def test_anothers_lock_is_not_waited_for_without_end(postgres, database, monkeypatch):
    begin = "BEGIN; SET LOCAL statement_timeout = 20"
    monkeypatch.setattr("headrace.idempotency.stores.postgres._BEGIN", begin)
    name, connection = database()
    store = open_store(f"postgres://127.0.0.1:{postgres.port}/{name}?user=headrace")
    store.claim({"k": "d"}, "a", 60.0)

    with connection.transaction():
        connection.execute("LOCK TABLE headrace_once")
        for call in (
            lambda: store.claim({"k": "d"}, "a", 60.0),
            lambda: store.extend(["k"], "a", 60.0),
            lambda: store.complete({"k": "1"}, "a", 60.0),
            lambda: store.release(["k"], "a"),
        ):
            with pytest.raises(Transient, match="statement timeout"):
                call()

    assert store.complete({"k": "1"}, "a", 60.0) == set()
    assert store.claim({"k": "d"}, "b", 60.0) == {"k": Claim("done", "d", "1")}
    store.close()
