"""Which source an event is of, by its marks alone, and which service's it is if no source takes it.

A service reads the answer to its own event by its own rules: most take any answer at all for a
success. So an event that no source knows is refused by name, never taken for a direct invocation.
"""

from collections.abc import Mapping
from typing import Any

from headrace.errors import MalformedEvent

# `eventSource` of an event, or of its records (SNS writes `EventSource`).
_SERVICES = {
    "aws:kafka": "kafka",
    "SelfManagedKafka": "kafka",
    "aws:SelfManagedKafka": "kafka",
    "aws:kinesis": "kinesis",
    "aws:dynamodb": "dynamodb",
    "aws:sqs": "sqs",
    "aws:sns": "sns",
    "aws:s3": "s3",
    "aws:mq": "mq",
    "aws:amq": "mq",
    "aws:rmq": "mq",
    "aws:docdb": "documentdb",
}

# Fields that only such events have together, and the source that takes them.
_MARKS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"deliveryStreamArn", "records"}), "firehose"),
    (frozenset({"awslogs"}), "cloudwatch-logs"),
    (frozenset({"detail-type", "detail", "source"}), "eventbridge"),
)

# The same for events that no source takes, and what they are.
_FOREIGN: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"methodArn"}), "an API Gateway authorizer"),
    (frozenset({"routeArn"}), "an API Gateway authorizer"),
    (frozenset({"CodePipeline.job"}), "a CodePipeline job"),
    (frozenset({"invokingEvent"}), "an AWS Config rule"),
    (frozenset({"triggerSource", "userPoolId"}), "a Cognito user pool"),
    (frozenset({"identityPoolId", "datasetName"}), "Cognito Sync"),
    (frozenset({"RequestType", "ResponseURL", "StackId"}), "a CloudFormation custom resource"),
    (frozenset({"SecretId", "ClientRequestToken", "Step"}), "a Secrets Manager rotation"),
    (frozenset({"invocationSchemaVersion", "tasks"}), "S3 Batch Operations"),
    (frozenset({"getObjectContext"}), "S3 Object Lambda"),
    (frozenset({"bot", "sessionState"}), "Amazon Lex"),
    (frozenset({"bot", "currentIntent"}), "Amazon Lex"),
    (frozenset({"arguments", "info", "request"}), "AppSync"),
    (frozenset({"authorizationToken", "requestContext"}), "an AppSync authorizer"),
    (frozenset({"clickType", "serialNumber"}), "an IoT button"),
    (frozenset({"protocols", "protocolData", "connectionMetadata"}), "an IoT custom authorizer"),
    (frozenset({"agent", "actionGroup", "messageVersion"}), "an Amazon Bedrock agent"),
    (frozenset({"alarmArn", "alarmData"}), "a CloudWatch alarm"),
    (frozenset({"applicationArn", "records"}), "Kinesis Data Analytics"),
    (frozenset({"session", "context", "request", "version"}), "an Alexa skill"),
    (frozenset({"DeploymentId", "LifecycleEventHookExecutionId"}), "CodeDeploy"),
    (frozenset({"deviceEvent", "placementInfo"}), "IoT 1-Click"),
    (frozenset({"username", "protocol", "serverId"}), "Transfer Family"),
    (frozenset({"raw_path", "method", "headers"}), "VPC Lattice"),
    (frozenset({"path", "method", "headers", "requestContext"}), "VPC Lattice"),
    (frozenset({"version", "session", "request"}), "an Alexa skill"),
)

# And for events that lack what says whose they are: fields, what has them, what is not there.
_INCOMPLETE: tuple[tuple[frozenset[str], str, str], ...] = (
    (
        frozenset({"Records"}),
        "a stream, a queue, a topic or a bucket",
        "an eventSource in a record",
    ),
    (frozenset({"eventSourceArn"}), "Kafka, Amazon MQ or DocumentDB", "an eventSource"),
    (frozenset({"eventSource"}), "a service", "its name as the eventSource"),
    (frozenset({"bootstrapServers", "records"}), "Kafka", "an eventSource"),
    (frozenset({"rmqMessagesByQueue"}), "Amazon MQ", "an eventSource"),
    (frozenset({"deliveryStreamArn"}), "Firehose", "records"),
    (frozenset({"invocationId", "records"}), "Firehose", "a deliveryStreamArn"),
    (frozenset({"detail-type"}), "EventBridge", "a source or a detail"),
    (frozenset({"detail", "source", "account"}), "EventBridge", "a detail-type"),
    (frozenset({"httpMethod", "headers"}), "an HTTP request", "a requestContext"),
    (frozenset({"rawPath", "headers"}), "an HTTP request", "a requestContext"),
    (frozenset({"requestContext", "headers"}), "an HTTP request", "a method"),
)


def source_of(event: Any) -> str:
    """Name the source of an event; "direct" is any JSON value that bears no service's marks.

    Raises:
        MalformedEvent: no source takes events of this service; the message names it.
    """
    if isinstance(event, list):
        return _source_of_list(event)
    if not isinstance(event, dict):
        return "direct"
    if "isFinalInvokeForWindow" in event:
        raise MalformedEvent(
            "a worker keeps no state of a tumbling window: make it a WindowWorker, or take"
            " TumblingWindowInSeconds from the mapping"
        )
    service = _service(event) or _service(_first(event.get("Records")))
    if service is not None:
        return _taken(service)
    if event.get("Event") == "s3:TestEvent":
        return "s3"
    found = _marked(event, _MARKS)
    if found is not None:
        return found
    _refuse_foreign(event)
    form = _form_of_request(event)
    if form is None:
        _refuse_incomplete(event)
    return form or "direct"


def _source_of_list(events: list[Any]) -> str:
    service = next(filter(None, map(_service, events)), None)
    if service is not None:
        return "pipes-kafka" if _SERVICES.get(service) == "kafka" else "pipes"
    if isinstance(first := _first(events), dict):
        _refuse_foreign(first)  # AppSync asks for several at once
    return "direct"


def _first(records: Any) -> Any:
    return records[0] if isinstance(records, list) and records else None


def _service(record: Any) -> str | None:
    if not isinstance(record, dict):
        return None
    service = record.get("eventSource", record.get("EventSource"))
    return service if isinstance(service, str) else None


def _taken(service: str) -> str:
    if service not in _SERVICES:
        raise MalformedEvent(f"no source takes events of {service!r}")
    return _SERVICES[service]


def _marked(event: Mapping[str, Any], table: tuple[tuple[frozenset[str], str], ...]) -> str | None:
    return next((name for marks, name in table if marks <= event.keys()), None)


def _refuse_foreign(event: Mapping[str, Any]) -> None:
    name = _marked(event, _FOREIGN)
    context = event.get("requestContext")
    if name is None and isinstance(context, dict) and "connectionId" in context:
        name = "an API Gateway WebSocket API"
    if name is None and event.get("Name") == "ContactFlowEvent":
        name = "Amazon Connect"
    first = _first(event.get("Records"))
    if name is None and isinstance(first, dict) and "cf" in first:
        name = "CloudFront"
    if name is not None:
        raise MalformedEvent(f"no source takes events of {name}")


def _refuse_incomplete(event: Mapping[str, Any]) -> None:
    for marks, kind, missing in _INCOMPLETE:
        if marks <= event.keys():
            raise MalformedEvent(f"malformed event: it looks like one of {kind}, without {missing}")


def _form_of_request(event: Mapping[str, Any]) -> str | None:
    """API Gateway, Function URLs and load balancers: a context, and a method in any place."""
    context = event.get("requestContext")
    if not isinstance(context, dict):
        return None
    if "elb" in context:
        return "alb-multi-value" if "multiValueHeaders" in event else "alb"
    if "http" in context:
        return "http"
    return "http-v1" if "httpMethod" in event else None
