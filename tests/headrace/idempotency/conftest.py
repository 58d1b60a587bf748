"""Stores of every kind, each with a way to end all leases at once."""

import sqlite3
import uuid

import pytest
from redis import Redis

from headrace.idempotency.store import open_store


class Kept:
    """A store, and what a test does to it behind its back.

    Attributes:
        url: opens the same store once more.
    """

    def __init__(self, url, end_leases):
        self.url = url
        self.store = open_store(url)
        self.end_leases = end_leases


def _sqlite(request):
    file = request.getfixturevalue("tmp_path") / "once.db"

    def end_leases():
        with sqlite3.connect(file, timeout=10) as connection:
            connection.execute("UPDATE headrace_once SET lease_until = 0 WHERE done_until IS NULL")
        connection.close()

    return Kept(f"sqlite:{file}", end_leases)


def _postgres(request):
    server = request.getfixturevalue("postgres")
    name, connection = request.getfixturevalue("database")()
    url = server.url(name, "x").replace("&table=x", "")
    ending = "UPDATE headrace_once SET lease_until = '1970-01-01' WHERE done_until IS NULL"
    return Kept(url, lambda: connection.execute(ending))


def _dynamodb(request):
    client = request.getfixturevalue("aws")("dynamodb")
    table = f"once-{uuid.uuid4().hex[:8]}"
    client.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def end_leases():
        for item in client.scan(TableName=table)["Items"]:
            if item["status"]["S"] == "INPROGRESS":
                client.put_item(TableName=table, Item=item | {"in_progress_expiration": {"N": "0"}})

    kept = Kept(f"dynamodb://{table}?timeout=120", end_leases)
    kept.items = lambda: client.scan(TableName=table)["Items"]
    return kept


def _redis(request):
    url = f"redis://{request.getfixturevalue('redis_server')}"
    client = Redis.from_url(url)
    client.flushall()

    def end_leases():
        for key in client.keys("headrace:once:*"):
            if not client.hexists(key, "answer"):
                client.hset(key, "until", "0")

    request.addfinalizer(client.close)
    return Kept(url, end_leases)


_KINDS = {"sqlite": _sqlite, "postgres": _postgres, "redis": _redis, "dynamodb": _dynamodb}


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("redis", marks=pytest.mark.postgres),
        pytest.param("dynamodb", marks=pytest.mark.kinesis),
    ]
)
def kept(request):
    found = _KINDS[request.param](request)
    yield found
    found.store.close()


@pytest.fixture
def in_dynamodb(request):
    found = _dynamodb(request)
    yield found
    found.store.close()


@pytest.fixture
def url(tmp_path):
    return f"sqlite:{tmp_path}/once.db"
