"""A Lambda function at the cluster's side: makes the stack's topic, writes test messages to it.

CloudFormation calls it for the resource `Custom::KafkaTopic` (MSK Serverless leaves topics to Kafka
clients); people call it with `{"messages": [{"key": "1", "value": {"id": "1"}}]}`.
"""

from time import monotonic
from typing import Any

import boto3
import msgspec
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from headrace.kafka.msk_iam import client_settings
from headrace.settings import read
from headrace.sinks.base import Message
from headrace.sinks.handing_over import hand_over
from workers import custom_resource

_SECONDS = 60.0
_TOPIC_ALREADY_EXISTS = 36


class MskSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which topic of which cluster.

    Attributes:
        msk_cluster_arn: the cluster, with IAM authentication.
        msk_topic: the topic.
    """

    msk_cluster_arn: str
    msk_topic: str


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """A message to write: any JSON value, under a key or none."""

    value: Any
    key: str | None = None


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """What a person asks for."""

    messages: list[Entry]


def handler(event: dict[str, Any], context: object = None) -> Any:
    """Make the topic for CloudFormation, or write messages and say how many are acknowledged."""
    del context
    settings = read(MskSettings)
    if "RequestType" in event:
        return custom_resource.handle(event, lambda: _topic(event, settings))
    request = msgspec.convert(event, Request)
    write(connection(settings.msk_cluster_arn), settings.msk_topic, request.messages)
    return {"topic": settings.msk_topic, "written": len(request.messages)}


def connection(cluster: str) -> dict[str, Any]:
    """The settings of a client of this cluster."""
    region = cluster.split(":")[3]
    brokers = boto3.client("kafka", region_name=region).get_bootstrap_brokers(ClusterArn=cluster)
    bootstrap = brokers["BootstrapBrokerStringSaslIam"]
    return {"bootstrap.servers": bootstrap, **client_settings(region)}


def make_topic(client: dict[str, Any], topic: str, partitions: int) -> None:
    """Make a topic with the cluster's own replication. One that is there already stays as it is."""
    admin = AdminClient(client)
    try:
        admin.create_topics([NewTopic(topic, partitions)], request_timeout=_SECONDS)[topic].result()
    except KafkaException as error:
        if error.args[0].code() != _TOPIC_ALREADY_EXISTS:
            raise


def write(client: dict[str, Any], topic: str, messages: list[Entry]) -> None:
    """Write the messages and wait until all are acknowledged.

    Raises:
        RuntimeError: Some were not; it names the first reason.
    """
    failures: list[object] = []
    producer = Producer({**client, "enable.idempotence": True})
    deadline = monotonic() + _SECONDS

    def report(error: KafkaError | None, _: object) -> None:
        if error is not None:
            failures.append(error)

    for entry in messages:
        key = None if entry.key is None else entry.key.encode()
        message = Message(key, msgspec.json.encode(entry.value))
        try:
            hand_over(producer, topic, message, report, deadline)
        except (KafkaException, BufferError) as error:  # one that is too large, for example
            failures.append(error)
    left = producer.flush(_SECONDS)
    if failures or left:
        reason = failures[0] if failures else "no answer in time"
        raise RuntimeError(f"{len(failures) + left} of {len(messages)} not written: {reason}")


def _topic(event: dict[str, Any], settings: MskSettings) -> str:
    """The topic's name, which is the resource's identity. A topic is never deleted: it has data."""
    wanted = event["ResourceProperties"]
    if event["RequestType"] != "Delete":
        client = connection(settings.msk_cluster_arn)
        make_topic(client, wanted["Topic"], int(wanted["Partitions"]))
    return f"{settings.msk_cluster_arn}/{wanted['Topic']}"
