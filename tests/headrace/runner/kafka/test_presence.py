"""A topic or a broker that is not there ends a run at its start, unless the run is to wait."""

import socketserver
import threading
import time
import uuid
from functools import partial
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException, Message

from headrace.errors import SettingsError
from headrace.runner import presence
from headrace.runner.compose import run
from headrace.runner.kafka import presence as kafka_presence
from headrace.runner.kafka.presence import TopicLook
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.presence import SourceAbsent
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from headrace.testing.kafka import Kafka
from headrace.testing.mock_cluster import MockCluster


@pytest.fixture
def cluster():
    cluster = MockCluster()
    yield cluster
    cluster.close()


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch):
    monkeypatch.setattr(presence, "_PATIENCE_SECONDS", 0.5)


def start(bootstrap, topic, **how):
    """Run a function on a topic. Returns the events that came to it."""
    came = []
    source = KafkaSource(bootstrap_servers=bootstrap, topic=topic, group="g")
    run(lambda event, _: came.append(event), source, MappingSettings(log_level="ERROR"), **how)
    return came


def test_a_broker_that_is_not_there_ends_the_start():
    with pytest.raises(SourceAbsent, match=r"no Kafka broker answers at 127.0.0.1:9: .*refused"):
        start("127.0.0.1:9", "orders")


def test_a_broker_that_speaks_another_protocol_is_told_of():
    """As one does that wants TLS: it closes what begins without."""
    with socketserver.TCPServer(("127.0.0.1", 0), HangUp) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        with pytest.raises(SourceAbsent, match="HEADRACE_SECURITY_PROTOCOL"):
            start(f"127.0.0.1:{server.server_address[1]}", "orders")
        server.shutdown()


class HangUp(socketserver.BaseRequestHandler):
    """Closes a connection once something came."""

    def handle(self) -> None:
        self.request.recv(1)


def test_a_topic_that_is_not_there_ends_the_start(kafka):
    with pytest.raises(SourceAbsent, match=f"there is no topic 'absent' at {kafka.bootstrap}"):
        start(kafka.bootstrap, "absent")
    with pytest.raises(SourceAbsent):  # and asking did not make it
        start(kafka.bootstrap, "absent")


def test_what_is_no_name_of_a_topic_is_refused_at_once(kafka):
    with pytest.raises(SettingsError, match="'a b'"):
        start(kafka.bootstrap, "a b")


class Stranger:
    """Stands in for a client that may read the topic, and may not join the group."""

    def __init__(self, config) -> None:
        self.close = lambda: None

    def list_topics(self, name, timeout):
        return SimpleNamespace(topics={name: SimpleNamespace(error=None, partitions={0: None})})

    def committed(self, places, timeout):
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

    def poll(self, timeout):
        return Message(error=KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED))


def test_a_group_that_may_not_be_joined_ends_the_start(monkeypatch):
    monkeypatch.setattr(kafka_presence, "Consumer", Stranger)
    look = TopicLook(KafkaSource(bootstrap_servers="b:1", topic="t", group="theirs"))
    with pytest.raises(SettingsError, match=r"group 'theirs' at b:1: .*not be joined"):
        look()


def test_a_run_that_waits_begins_once_the_topic_is_there(kafka):
    name, stop, came = f"late-{uuid.uuid4().hex}", Stop(max_records=3), []
    run = partial(start, kafka.bootstrap, name, stop=stop, wait=True)
    waiting = threading.Thread(target=lambda: came.extend(run()))
    waiting.start()
    time.sleep(1)  # twice the patience of a run that does not wait
    assert waiting.is_alive()
    Kafka(kafka.bootstrap).topic(name=name).produce([1, 2, 3])
    waiting.join(30)
    assert not waiting.is_alive()
    assert len(came) >= 1


def test_a_run_that_waits_ends_without_an_error_if_it_is_asked_to():
    stop = Stop()
    threading.Timer(0.5, stop.request).start()
    assert start("127.0.0.1:9", "orders", stop=stop, wait=True) == []


def test_a_run_that_waits_gives_up_if_it_is_to_stop_when_idle():
    with pytest.raises(SourceAbsent):
        start("127.0.0.1:9", "orders", stop=Stop(when_idle=0.5), wait=True)


def test_a_run_ends_when_idle_though_nothing_ever_came(cluster):
    cluster.create_topic("orders", 1)
    assert start(cluster.bootstrap, "orders", stop=Stop(when_idle=0.3)) == []
