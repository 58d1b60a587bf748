"""A store in DynamoDB: its transactions, its items, its table."""

import uuid

import pytest

from headrace.idempotency.store import open_store
from tests.support.leases import LEASE, WINDOW


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
