"""DynamoDB Streams: changes become records, and their values stay exact."""

import json
from pathlib import Path

import pytest

from headrace.errors import MalformedEvent, NotDone
from headrace.processing.outcomes import Outcomes
from headrace.record import DynamoDbPosition
from headrace.sources.dynamodb import DynamoDb, change

EVENT = json.loads((Path(__file__).parents[2] / "events" / "dynamodb.json").read_text())


def test_changes_are_records_of_their_items():
    first, second = DynamoDb().records(EVENT)
    assert first.position == DynamoDbPosition("orders", "", "4421584500000000017450439091")
    assert (first.key, first.timestamp) == (b'{"Id":{"N":"101"}}', 1479499740123)
    assert (second.key, second.timestamp) == (b'{"Id":{"N":"102"}}', None)


def test_the_answer_is_the_lowest_change_that_is_not_done():
    records = DynamoDb().records(EVENT)
    assert DynamoDb().respond(Outcomes(records)) == {"batchItemFailures": []}
    failed = Outcomes(records, {1: NotDone(""), 0: NotDone("")})
    assert DynamoDb().respond(failed) == {
        "batchItemFailures": [{"itemIdentifier": "4421584500000000017450439091"}]
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"dynamodb": None},
        {"dynamodb": []},
        {"dynamodb": {"Keys": {}}},
        {"dynamodb": {"SequenceNumber": 1}},
    ],
)
def test_an_event_of_another_shape_is_refused_as_a_whole(wrong):
    with pytest.raises(
        MalformedEvent, match=r"malformed DynamoDB event: .*Records\[1\]|Records\[\.\.\.\]"
    ):
        DynamoDb().records({"Records": [EVENT["Records"][0], {**EVENT["Records"][1], **wrong}]})


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("position", {"SequenceNumber": "12x"}),
        ("key", {"Keys": None}),
        ("timestamp", {"ApproximateCreationDateTime": "yesterday"}),
    ],
)
def test_a_field_of_another_shape_is_refused_when_it_is_asked_for(field, wrong):
    message = EVENT["Records"][0]
    refuses({**message, "dynamodb": {**message["dynamodb"], **wrong}}, field)


@pytest.mark.parametrize("wrong", [{}, {"eventSourceARN": None}, {"eventSourceARN": 1}])
def test_so_is_a_table_without_a_name(wrong):
    message = {k: v for k, v in EVENT["Records"][0].items() if k != "eventSourceARN"}
    refuses(message | wrong, "position")


def refuses(message, field):
    (record,) = DynamoDb().records({"Records": [message]})
    with pytest.raises(MalformedEvent, match="malformed DynamoDB event"):
        getattr(record, field)
    assert change(record).new == change(DynamoDb().records(EVENT)[0]).new
