"""A place for what is given up that is not there is told of at the start."""

import uuid

import pytest
from botocore.exceptions import ClientError

from headrace import Worker, lambda_handler
from headrace.errors import SettingsError
from headrace.runner import KafkaSource, MappingSettings, SqsSource, run
from headrace.runner.delivery.look import look_for_places
from headrace.runner.presence import SourceAbsent
from headrace.sinks import aws as of_aws
from headrace.testing.mock_cluster import embedded_kafka
from tests.support.sqs.queues import Queue, worker

MISSING = {
    "s3": "there is no bucket '{}'",
    "kinesis": "there is no stream '{}' in us-east-1",
    "sns": "there is no topic arn:aws:sns:us-east-1:[0-9]+:{}",
}
MAKE = {
    "s3": lambda client, name: client.create_bucket(Bucket=name),
    "kinesis": lambda client, name: client.create_stream(StreamName=name, ShardCount=1),
    "sns": lambda client, name: client.create_topic(Name=name),
}
NO_BROKER = {"HEADRACE_BOOTSTRAP_SERVERS": "127.0.0.1:1"}


@pytest.mark.parametrize("service", MISSING)
@pytest.mark.parametrize("setting", ["on_failure_url", "dead_letter_url"])
def test_what_the_service_does_not_have_is_named(setting, service, aws, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client, name = aws(service), f"dead-{uuid.uuid4().hex}"
    look = look_for_places(None, MappingSettings(**{setting: f"{service}://{name}"}), {})
    told = f"HEADRACE_{setting.upper()}: {MISSING[service].format(name)}"
    with pytest.raises(SourceAbsent, match=told):
        look()
    MAKE[service](client, name)
    assert look()


def test_a_topic_that_no_broker_has_or_makes_is_named():
    with embedded_kafka({"orders": 1}) as servers:
        connection = {"HEADRACE_BOOTSTRAP_SERVERS": servers}
        url = "kafka:///dead?allow.auto.create.topics=false"
        look = look_for_places(None, MappingSettings(dead_letter_url=url), connection)
        with pytest.raises(SourceAbsent, match=f"there is no topic 'dead' at {servers}"):
            look()
        assert look_for_places(
            None, MappingSettings(dead_letter_url="kafka:///orders"), connection
        )()


@pytest.mark.parametrize("url", ["s3://orders-dead?endpoint=http://127.0.0.1:1", "file:dead.jsonl"])
def test_who_does_not_answer_may_take_letters_all_the_same(url, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    assert look_for_places(None, MappingSettings(dead_letter_url=url), NO_BROKER)()
    assert not [*tmp_path.iterdir()]  # nothing is made by a look


@pytest.mark.parametrize("code", ["403", "AccessDenied", "AuthorizationError", "400"])
def test_a_question_that_is_refused_is_no_answer(code):
    def operation():
        raise ClientError({"Error": {"Code": code}}, "Head")

    assert not of_aws.is_missing(operation)


class Picky(Worker):
    def process(self, record):
        pass


def test_a_run_ends_at_its_start(aws, monkeypatch):
    monkeypatch.setattr("headrace.runner.presence._PATIENCE_SECONDS", 0)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    queue, settings = Queue(aws("sqs")), MappingSettings(dead_letter_url="s3://orders-dead")
    with embedded_kafka({"orders": 1}) as servers:
        topic = KafkaSource(bootstrap_servers=servers, topic="orders", group="g")
        with pytest.raises(SettingsError, match="HEADRACE_DEAD_LETTER_URL: there is no bucket"):
            run(lambda_handler(Picky), topic, settings)
    with pytest.raises(SettingsError, match="HEADRACE_DEAD_LETTER_URL: there is no bucket"):
        run(worker(str), SqsSource(queue=queue.name), settings)
    told = SqsSource(queue=queue.name, asynchronous=True, on_success_url="s3://orders-done")
    with pytest.raises(SettingsError, match="HEADRACE_ON_SUCCESS_URL: there is no bucket"):
        run(worker(str), told)
