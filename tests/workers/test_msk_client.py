import json

import msgspec
import pytest
from confluent_kafka.admin import AdminClient

from headrace.testing.mock_cluster import embedded_kafka
from tests.support.http_server import LoopbackServer, QuietHandler
from tests.support.kafka.broker import consume
from workers import msk_client
from workers.msk_client import Entry

CLUSTER = "arn:aws:kafka:eu-west-1:123456789012:cluster/headrace/0123-s1"


@pytest.fixture(autouse=True)
def settings(monkeypatch):
    monkeypatch.setenv("HEADRACE_MSK_CLUSTER_ARN", CLUSTER)
    monkeypatch.setenv("HEADRACE_MSK_TOPIC", "tumors")


@pytest.fixture
def cloudformation():
    """Where CloudFormation waits; `answers` are what came."""

    class Answers(QuietHandler):
        def do_PUT(self):
            answer = json.loads(self.body())
            self.server.owner.answers.append((self.headers["Content-Type"], answer))
            self.reply(200)

    with LoopbackServer(Answers) as server:
        server.answers = []
        yield server


@pytest.fixture
def ask(cloudformation):
    def send(kind, topic="tumors", **more):
        request = {
            "RequestType": kind,
            "ResponseURL": f"http://{cloudformation.address}/",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Topic",
            "ResourceProperties": {"Topic": topic, "Partitions": "6"},
            **more,
        }
        msk_client.handler(request)
        ((content_type, answer),) = cloudformation.answers
        assert content_type == ""
        return answer

    return send


@pytest.fixture
def made(monkeypatch):
    """The topics that were made, on no cluster."""
    topics = []
    monkeypatch.setattr(msk_client, "connection", lambda cluster: {"cluster": cluster})
    monkeypatch.setattr(msk_client, "make_topic", lambda *arguments: topics.append(arguments))
    return topics


def test_the_stack_makes_its_topic(ask, made):
    answer = ask("Create")
    assert made == [({"cluster": CLUSTER}, "tumors", 6)]
    assert answer == {
        "Status": "SUCCESS",
        "PhysicalResourceId": f"{CLUSTER}/tumors",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Topic",
    }


def test_another_topic_is_another_resource(ask, made):
    answer = ask("Update", topic="others", PhysicalResourceId=f"{CLUSTER}/tumors")
    assert answer["PhysicalResourceId"] == f"{CLUSTER}/others"


def test_a_topic_is_never_deleted(ask, made):
    answer = ask("Delete", PhysicalResourceId=f"{CLUSTER}/tumors")
    assert (answer["Status"], made) == ("SUCCESS", [])


def test_a_failure_is_answered_at_once_and_keeps_the_resources_identity(ask, monkeypatch):
    def fail(_cluster):
        raise ConnectionError("no route")

    monkeypatch.setattr(msk_client, "connection", fail)
    answer = ask("Update", PhysicalResourceId="as before")
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == "ConnectionError: no route"
    assert answer["PhysicalResourceId"] == "as before"


def test_a_request_that_is_none_is_refused():
    with pytest.raises(msgspec.ValidationError, match="mesages"):
        msk_client.handler({"mesages": []})


def test_messages_are_written_to_the_stacks_topic(monkeypatch):
    written = []
    monkeypatch.setattr(msk_client, "connection", lambda cluster: {"cluster": cluster})
    monkeypatch.setattr(msk_client, "write", lambda *arguments: written.append(arguments))
    answer = msk_client.handler({"messages": [{"key": "1", "value": {"id": "1"}}, {"value": 2}]})
    messages = [Entry({"id": "1"}, "1"), Entry(2)]
    assert written == [({"cluster": CLUSTER}, "tumors", messages)]
    assert answer == {"topic": "tumors", "written": 2}


@pytest.mark.kafka
class TestOnKafka:
    @pytest.fixture
    def client(self, kafka):
        return {"bootstrap.servers": kafka.bootstrap}

    def test_a_topic_is_made_once(self, client):
        msk_client.make_topic(client, "made-by-the-stack", 3)
        msk_client.make_topic(client, "made-by-the-stack", 3)
        found = AdminClient(client).list_topics("made-by-the-stack", timeout=30).topics
        assert len(found["made-by-the-stack"].partitions) == 3

    def test_messages_arrive_with_their_keys(self, client, topic):
        name = topic()
        msk_client.write(client, name, [Entry({"id": "1"}, "k"), Entry(None)])
        found = [
            (m.key(), m.value()) for m in consume(client["bootstrap.servers"], name, "readers", 2)
        ]
        assert found == [(b"k", b'{"id":"1"}'), (None, b"null")]


def test_what_is_not_acknowledged_is_an_error(monkeypatch):
    monkeypatch.setattr(msk_client, "_SECONDS", 0.1)
    client = {"bootstrap.servers": "127.0.0.1:1", "log_level": 0}
    with pytest.raises(RuntimeError, match="1 of 1 not written: no answer in time"):
        msk_client.write(client, "topic", [Entry(1)])


def test_one_that_is_too_large_keeps_no_other_from_being_written():
    client = {"queue.buffering.max.messages": 2, "log_level": 0}  # more of them wait for room
    with embedded_kafka({"topic": 1}) as bootstrap:
        client["bootstrap.servers"] = bootstrap
        with pytest.raises(RuntimeError, match=r"1 of 6 not written: .*too large"):
            msk_client.write(client, "topic", [Entry(1), Entry("x" * 2_000_000), *[Entry(2)] * 4])
        assert len(consume(bootstrap, "topic", "readers", 5)) == 5
