"""Whose event it is: told by its marks, never guessed, and refused by name if nobody takes it."""

import json
from pathlib import Path

import pytest

from headrace.errors import MalformedEvent
from headrace.sources.shapes import source_of

EVENTS = Path(__file__).parents[2] / "events"

GOLDEN = {
    "msk": "kafka",
    "self_managed_kafka": "kafka",
    "self_managed_kafka_older": "kafka",
    "kinesis": "kinesis",
    "dynamodb": "dynamodb",
    "sqs": "sqs",
    "sqs_fifo": "sqs",
    "sns": "sns",
    "s3": "s3",
    "eventbridge": "eventbridge",
    "eventbridge_s3": "eventbridge",
    "firehose": "firehose",
    "activemq": "mq",
    "rabbitmq": "mq",
    "documentdb": "documentdb",
    "api_gateway_v1": "http-v1",
    "api_gateway_v2": "http",
    "function_url": "http",
    "alb": "alb",
}


def test_each_golden_event_has_its_source():
    names = {path.stem for path in EVENTS.glob("*.json")}
    assert names == set(GOLDEN)
    for name, source in GOLDEN.items():
        assert source_of(json.loads((EVENTS / f"{name}.json").read_text())) == source


@pytest.mark.parametrize(
    ("event", "source"),
    [
        ({"awslogs": {"data": ""}}, "cloudwatch-logs"),
        ({"Service": "Amazon S3", "Event": "s3:TestEvent"}, "s3"),
        ([{"eventSource": "aws:sqs"}], "pipes"),
        ([{"eventSource": "aws:kinesis"}], "pipes"),
        ([1, 2], "direct"),
        ([], "direct"),
        ({"Records": []}, "direct"),
        ({"Records": "text"}, "direct"),
        ({"requestContext": 1}, "direct"),
        ({"id": 1}, "direct"),
        ("text", "direct"),
        (None, "direct"),
    ],
)
def test_other_events(event, source):
    assert source_of(event) == source


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ({"Records": [{"eventSource": "aws:ses", "ses": {}}]}, "aws:ses"),
        ({"Records": [{"eventSource": "aws:codecommit"}]}, "aws:codecommit"),
        ({"eventSource": "aws:unheard-of"}, "aws:unheard-of"),
        ({"Records": [{"cf": {"config": {}}}]}, "CloudFront"),
        ({"CodePipeline.job": {"id": "1"}}, "CodePipeline"),
        ({"invokingEvent": "{}", "ruleParameters": "{}"}, "AWS Config"),
        ({"version": "1", "triggerSource": "PreSignUp_SignUp", "userPoolId": "p"}, "Cognito"),
        ({"type": "TOKEN", "methodArn": "arn:…", "authorizationToken": "t"}, "authorizer"),
        (
            {"type": "REQUEST", "methodArn": "arn:…", "httpMethod": "GET", "requestContext": {}},
            "authorizer",
        ),
        (
            {"version": "2.0", "type": "REQUEST", "routeArn": "a", "requestContext": {"http": {}}},
            "authorizer",
        ),
        ({"requestContext": {"connectionId": "c", "eventType": "MESSAGE"}}, "WebSocket"),
        ({"RequestType": "Create", "ResponseURL": "u", "StackId": "s"}, "custom resource"),
        ({"SecretId": "s", "ClientRequestToken": "t", "Step": "createSecret"}, "Secrets Manager"),
        ({"sessionState": {}, "bot": {}, "inputTranscript": "hello"}, "Lex"),
        ({"arguments": {}, "identity": None, "info": {}, "request": {}}, "AppSync"),
        ({"serialNumber": "G0", "batteryVoltage": "1", "clickType": "SINGLE"}, "IoT"),
    ],
)
def test_events_that_no_source_takes_are_refused_by_name(event, name):
    with pytest.raises(MalformedEvent, match=name):
        source_of(event)
