"""Whose event it is: told by its marks, never guessed, and refused by name if nobody takes it."""

import json
from contextlib import suppress
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
    "eventbridge_partner": "eventbridge",
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
        ([{"eventSource": "aws:kafka"}], "pipes-kafka"),
        ([{"eventSource": "SelfManagedKafka"}], "pipes-kafka"),
        ([1, 2], "direct"),
        ([], "direct"),
        ([1, {"eventSource": "aws:sqs"}], "pipes"),
        ([{"eventSource": "aws:unheard-of"}], "pipes"),
        ([{"eventSource": 1}], "direct"),
        ({"requestContext": 1}, "direct"),
        ({"records": [], "source": "till 3", "detail": {}}, "direct"),
        ({"version": "1.0", "requestContext": {"condition": "x"}, "requestPayload": {}}, "direct"),
        ({"id": 1}, "direct"),
        ({"Name": "chair", "Details": {"legs": 4}}, "direct"),
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
        ([{"arguments": {}, "info": {}, "request": {}}], "AppSync"),
        ({"Name": "ContactFlowEvent", "Details": {"ContactData": {}}}, "Amazon Connect"),
        ({"DeploymentId": "d", "LifecycleEventHookExecutionId": "e"}, "CodeDeploy"),
        ({"deviceEvent": {}, "deviceInfo": {}, "placementInfo": {}}, "IoT 1-Click"),
        ({"username": "a", "protocol": "SFTP", "serverId": "s", "sourceIp": "i"}, "Transfer"),
        ({"raw_path": "/", "method": "GET", "headers": {}, "body": ""}, "VPC Lattice"),
        (
            {
                "version": "2.0",
                "path": "/",
                "method": "GET",
                "headers": {},
                "requestContext": {"serviceNetworkArn": "a", "targetGroupArn": "b"},
            },
            "VPC Lattice",
        ),
        (
            {"version": "1.0", "session": {}, "context": {}, "request": {"type": "LaunchRequest"}},
            "an Alexa skill",
        ),
        ({"serialNumber": "G0", "batteryVoltage": "1", "clickType": "SINGLE"}, "IoT"),
    ],
)
def test_events_that_no_source_takes_are_refused_by_name(event, name):
    with pytest.raises(MalformedEvent, match=name):
        source_of(event)


@pytest.mark.parametrize("name", GOLDEN)
def test_an_event_without_its_mark_is_no_direct_invocation(name):
    """The answer to a direct invocation would be a success of the batch, whatever failed in it."""
    event = json.loads((EVENTS / f"{name}.json").read_text())
    for field in event:
        rest = {key: value for key, value in event.items() if key != field}
        if rest:
            assert_not_direct(rest)
        for junk in (None, 1, "", [], {}):
            assert_not_direct(event | {field: junk})


def assert_not_direct(event):
    with suppress(MalformedEvent):
        assert source_of(event) != "direct", event


@pytest.mark.parametrize(
    ("event", "looks"),
    [
        ({"Records": []}, "a stream, a queue, a topic or a bucket, without an eventSource"),
        ({"Records": None}, "a stream"),
        ({"Records": [{"kinesis": {}}]}, "a stream"),
        ({"eventSourceArn": "arn:…", "messages": []}, "Kafka, Amazon MQ or DocumentDB"),
        ({"bootstrapServers": "b", "records": {}}, "Kafka"),
        ({"deliveryStreamArn": "arn:…"}, "Firehose, without records"),
        ({"invocationId": "1", "records": []}, "Firehose, without a deliveryStreamArn"),
        ({"detail-type": "t", "detail": {}}, "EventBridge, without a source"),
        ({"rawPath": "/", "headers": {}, "requestContext": None}, "an HTTP request"),
    ],
)
def test_an_event_that_lacks_its_mark_is_refused_by_what_it_looks_like(event, looks):
    with pytest.raises(MalformedEvent, match=looks):
        source_of(event)
