"""Changes of a table in the service's JSON: filters, sizes, responses, windows."""

import json

import msgspec
import pytest

from headrace.errors import SettingsError
from headrace.runner.dynamodb.records import Changes
from headrace.runner.filter.filter import Filter
from headrace.runner.protocol.events import dynamodb_event
from headrace.runner.protocol.payload import LIMIT, fitting, oversized, size
from headrace.runner.protocol.response import BadResponse, read_response
from headrace.runner.settings import MappingSettings
from headrace.runner.windows.windows import Windows
from tests.headrace.runner.dynamodb.test_table import Stream, entry


def record(event="MODIFY", number="1", **image):
    told = entry(eventName=event)
    told["dynamodb"] = told["dynamodb"] | {"SequenceNumber": number, "NewImage": image}
    ((made,),) = Changes(Stream, "shardId-1").chunks([told])
    return made


@pytest.mark.parametrize(
    ("pattern", "passed"),
    [
        ({"eventName": ["INSERT", "MODIFY"]}, True),
        ({"eventName": ["REMOVE"]}, False),
        ({"dynamodb": {"NewImage": {"state": {"S": ["paid"]}}}}, True),
        ({"dynamodb": {"NewImage": {"state": {"S": [{"prefix": "un"}]}}}}, False),
        ({"dynamodb": {"Keys": {"sort": {"N": ["7"]}}}}, True),
        ({"dynamodb": {"NewImage": {"n": {"N": [{"numeric": [">", 5]}]}}}}, False),  # it is text
        ({"dynamodb": {"OldImage": {"state": {"S": [{"exists": False}]}}}}, True),
        ({"dynamodb": {"NewImage": {"tags": {"SS": ["b"]}}}}, True),
        ({"userIdentity": {"principalId": ["dynamodb.amazonaws.com"]}}, False),
    ],
)
def test_changes_are_filtered_as_the_service_tells_them(pattern, passed):
    change = record(state={"S": "paid"}, n={"N": "9"}, tags={"SS": ["a", "b"]})
    assert Filter.parse(json.dumps([pattern]), "dynamodb")([change]) == [passed]


@pytest.mark.parametrize("pattern", [{"data": ["x"]}, {"dynamodb": ["x"]}, {"NewImage": {}}])
def test_a_pattern_that_no_change_can_match_is_refused(pattern):
    with pytest.raises(SettingsError, match="pattern 1"):
        Filter.parse(json.dumps([pattern]), "dynamodb")


def test_the_size_of_an_event_is_that_of_its_changes():
    changes = [record(text={"S": 'ü"\n' * n}) for n in (1, 50)]
    event = msgspec.json.encode(dynamodb_event(changes))
    assert sum(map(size, changes)) == len(event) - len('{"Records":[]}') + len(",")
    large = [record(text={"S": "x" * 400_000})] * 20
    count = fitting(large, 20)
    assert len(msgspec.json.encode(dynamodb_event(large[:count]))) <= LIMIT
    assert count == 15
    assert not oversized(large[0])


def test_a_response_names_sequence_numbers():
    changes = [record(number=str(number)) for number in (1, 2, 3)]
    told = {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert list(read_response(told, changes)) == [1, 2]
    with pytest.raises(BadResponse, match="no record '9'"):
        read_response({"batchItemFailures": [{"itemIdentifier": "9"}]}, changes)


def test_a_window_names_its_shard_and_the_stream():
    events = []

    def function(event):
        events.append(event)
        return {"state": {"sum": 1}}

    windows = Windows(60, function, dynamodb_event, partial=False)
    windows([record()])
    windows([record()])
    assert events[1]["state"] == {"sum": 1}
    assert (events[1]["shardId"], events[1]["eventSourceARN"]) == ("shardId-1", Stream.arn)
    assert windows.is_open("shardId-1")


def test_a_start_at_a_time_and_windows_are_checked_by_the_source():
    for kind in ("kinesis", "dynamodb"):
        MappingSettings(tumbling_window_in_seconds=5).check_source(kind)
    at_time = MappingSettings(starting_position="AT_TIMESTAMP", starting_position_timestamp=1)
    at_time.check_source("kinesis")
    with pytest.raises(SettingsError, match="begins at TRIM_HORIZON or LATEST"):
        at_time.check_source("dynamodb")
