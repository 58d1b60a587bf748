"""Messages of a queue are filtered on their body and on what the service tells of them."""

import json

import pytest

from headrace.runner.filter.filter import Filter


def message(body: str) -> dict:
    return {
        "messageId": "m1",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "MessageGroupId": "g"},
        "messageAttributes": {"color": {"stringValue": "red", "dataType": "String"}},
        "eventSourceARN": "arn:aws:sqs:eu-west-1:1:orders",
    }


@pytest.mark.parametrize(
    ("pattern", "body", "passed"),
    [
        ({"body": {"a": [1]}}, '{"a": 1}', True),
        ({"body": {"a": [1]}}, '{"a": 2}', False),
        ({"body": {"a": [1]}}, "text", False),
        ({"body": ["text"]}, "text", True),
        ({"body": ["text"]}, '{"a": 1}', False),
        ({"body": [{"prefix": "te"}]}, "text", True),
        ({"messageAttributes": {"color": {"stringValue": ["red"]}}}, "text", True),
        ({"messageAttributes": {"color": {"stringValue": ["blue"]}}}, "text", False),
        ({"attributes": {"MessageGroupId": ["g"]}}, '{"a": 1}', True),
        ({"attributes": {"MessageGroupId": ["g"]}, "body": {"a": [1]}}, '{"a": 2}', False),
        ({"eventSourceARN": [{"suffix": "orders"}]}, "", True),
    ],
)
def test_messages_by_body_and_attributes(pattern, body, passed):
    assert Filter.parse(json.dumps([pattern]), "sqs")([message(body)]) == [passed]
