"""Lines of a log of CloudWatch become records; what does not unpack is one error."""

import base64
import gzip
import json

import pytest

from headrace.errors import MalformedEvent
from headrace.record import MessagePosition
from headrace.sources.cloudwatch_logs import CloudWatchLogs


def logs(batch):
    packed = gzip.compress(json.dumps(batch).encode(), mtime=0)
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}


def test_lines_of_a_log():
    event = logs(
        {
            "messageType": "DATA_MESSAGE",
            "owner": "123456789012",
            "logGroup": "/aws/lambda/a",
            "logStream": "s",
            "subscriptionFilters": ["f"],
            "logEvents": [
                {"id": "e1", "timestamp": 1440442987000, "message": "[ERROR] first"},
                {"id": "e2", "timestamp": 1440442987001, "message": "Zürich"},
            ],
        }
    )
    first, second = CloudWatchLogs().records(event)
    assert first.position == MessagePosition("/aws/lambda/a", "e1")
    assert (first.key, first.text(), first.timestamp) == (b"s", "[ERROR] first", 1440442987000)
    assert second.text() == "Zürich"


def test_the_message_that_tries_a_subscription_holds_no_record():
    assert CloudWatchLogs().records(logs({"messageType": "CONTROL_MESSAGE"})) == []


@pytest.mark.parametrize(
    "event",
    [
        {"awslogs": {"data": ""}},
        {"awslogs": {"data": base64.b64encode(b"nothing packed").decode()}},
        logs([1]),
        logs({"messageType": "DATA_MESSAGE", "logGroup": "g"}),
        logs({"messageType": "UNHEARD_OF", "logEvents": []}),
        {"awslogs": {"data": base64.b64encode(gzip.compress(b'{"logGroup": "\xff"}')).decode()}},
    ],
)
def test_a_log_that_does_not_unpack_is_one_error(event):
    with pytest.raises(MalformedEvent, match="malformed CloudWatch Logs event") as raised:
        CloudWatchLogs().records(event)
    assert "\n" not in str(raised.value)


def test_a_log_that_unpacks_to_very_much_is_refused():
    packed = gzip.compress(b" " * 80_000_000)
    with pytest.raises(MalformedEvent, match="unpacks to over"):
        CloudWatchLogs().records({"awslogs": {"data": base64.b64encode(packed).decode()}})
