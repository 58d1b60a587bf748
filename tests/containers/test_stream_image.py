"""The stream image as a Lambda function behind the emulator, and as a runner on a real Kafka."""

import json
from pathlib import Path

import pytest
import urllib3
from confluent_kafka import Consumer, TopicPartition

from tests.support.containers.container import Container, Function
from tests.support.function.runtime_api import RuntimeApi
from tests.support.kafka.broker import produce
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1200)]  # the first one builds

EVENTS = Path(__file__).parents[1] / "events"
MSK = "workers.msk_consumer.handler"
KINESIS = "workers.kinesis_consumer.handler"
UNREACHABLE = "kinesis://forwarded?endpoint=http://127.0.0.1:9&region=eu-west-1&timeout=2"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
FAILING = {
    "HEADRACE_SINK_URL": UNREACHABLE,
    "HEADRACE_REPORT_BATCH_ITEM_FAILURES": "true",
    **CREDENTIALS,
}


def event(name):
    return json.loads((EVENTS / f"{name}.json").read_text())


def messages(container):
    return [line for line in container.lines() if line.get("message") == "message"]


@pytest.mark.parametrize(("handler", "name", "count"), [(MSK, "msk", 4), (KINESIS, "kinesis", 2)])
def test_golden_events_are_logged_and_done(images, handler, name, count):
    with Function(images, "stream", handler) as function:
        answer = function.invoke(event(name))
        assert not answer or answer == {"batchItemFailures": []}
        assert len(messages(function)) == count


@pytest.mark.parametrize(
    ("handler", "name", "first"),
    [
        (
            MSK,
            "msk",
            [{"partition": "orders-0", "offset": 100}, {"partition": "orders-3", "offset": 7}],
        ),
        (KINESIS, "kinesis", ["49590338271490256608559692538361571095921575989136588898"]),
    ],
)
def test_what_the_sink_did_not_take_is_reported(images, handler, name, first):
    with Function(images, "stream", handler, environ=FAILING) as function:
        answer = function.invoke(event(name))
    identifiers = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    assert identifiers[: len(first)] == first


def test_without_partial_responses_a_failed_batch_is_an_error(images):
    environ = FAILING | {"HEADRACE_REPORT_BATCH_ITEM_FAILURES": "false"}
    with Function(images, "stream", MSK, environ=environ) as function:
        assert function.invoke(event("msk"))["errorType"] == "BatchFailed"


def test_the_default_command_is_a_runtime(images):
    """GIVEN nothing but the address of a Runtime API THEN the image takes invocations from it."""
    with (
        RuntimeApi() as api,
        Container(images, "stream", environ={"AWS_LAMBDA_RUNTIME_API": api.address}),
    ):
        assert api.invoke(event("msk")) in ({"batchItemFailures": []}, None, "")


def test_a_wrong_setting_is_one_clear_init_error(images):
    with RuntimeApi() as api:
        environ = {"AWS_LAMBDA_RUNTIME_API": api.address, "HEADRACE_WORKER_CONCURRENCY": "many"}
        with Container(images, "stream", environ=environ) as container:
            assert container.wait() == 1
        error = api.init_errors.get(timeout=5)
    assert error.kind == "SettingsError"
    assert error.message.startswith("HEADRACE_WORKER_CONCURRENCY='many'")
    assert api.init_errors.empty()


@pytest.mark.parametrize("kind", ["kinesis", "sqs", "sns", "s3"])
def test_every_aws_sink_works_in_the_image(images, moto_server, kind):
    import boto3

    client = boto3.client(
        kind,
        endpoint_url=moto_server,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    {
        "kinesis": lambda: client.create_stream(StreamName="forwarded", ShardCount=1),
        "sqs": lambda: client.create_queue(QueueName="forwarded"),
        "sns": lambda: client.create_topic(Name="forwarded"),
        "s3": lambda: client.create_bucket(
            Bucket="forwarded", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        ),
    }[kind]()
    environ = CREDENTIALS | {
        "HEADRACE_SINK_URL": f"{kind}://forwarded?endpoint={moto_server}&region=eu-west-1",
        "HEADRACE_REPORT_BATCH_ITEM_FAILURES": "true",
    }
    with Function(images, "stream", KINESIS, environ=environ) as function:
        answer = function.invoke(event("kinesis"))
        assert answer == {"batchItemFailures": []}, function.logs()


def test_sigterm_ends_the_emulated_function(images):
    with Function(images, "stream", MSK) as function:
        function.invoke(event("msk"))
        assert function.stop() in (0, 143)


@pytest.mark.kafka
def test_the_runner_in_the_image_reads_a_real_topic_and_ends_in_order(images, kafka, topic):
    """GIVEN 500 records WHEN SIGTERM comes THEN all were committed, and the status is 0."""
    name = topic(2)
    produce(kafka.bootstrap, name, range(500))
    command = (
        "python3",
        "-m",
        "headrace",
        "run",
        "workers.msk_consumer",
        "--kafka",
        kafka.bootstrap,
    )
    flags = ("--topic", name, "--group", f"{name}-readers", "--http-port", "0")
    with Container(images, "stream", *command, *flags) as container:
        port = container.said("serving health and metrics")["port"]
        wait_until(lambda: len(messages(container)) == 500, every=0.3)
        for page in ("healthz", "readyz", "metrics"):
            assert urllib3.request("GET", f"http://127.0.0.1:{port}/{page}").status == 200
        assert container.stop() == 0, container.logs()
        assert len(messages(container)) == 500
    reader = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": f"{name}-readers"})
    committed = reader.committed([TopicPartition(name, n) for n in range(2)], 30)
    reader.close()
    assert sum(position.offset for position in committed) == 500
