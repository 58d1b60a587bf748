"""What cannot be one transaction is refused at the start, with the way out."""

import pytest

from headrace import Worker, lambda_handler
from headrace.errors import SettingsError
from headrace.runner import KafkaSource, MappingSettings
from headrace.runner.kafka.transactions.open import in_transactions
from headrace.sinks import open_sink
from headrace.worker import WorkerSettings

SOURCE = KafkaSource(bootstrap_servers="127.0.0.1:1,127.0.0.1:2", topic="t", group="g")
URL = "kafka:///out?transactional=1"


class Work(Worker):
    def process(self, record):
        return 1


def worker(url=URL):
    return lambda_handler(Work).with_settings(WorkerSettings(sink_url=url))


def opened(url=URL, source=SOURCE, handler=None, **settings):
    return in_transactions(handler or worker(url), source, MappingSettings(**settings))


@pytest.mark.parametrize(
    "url",
    ["kafka:///out", "kafka:///out?transactional=false", "kafka:///out?transactional=0", "stdout:"],
)
def test_other_sinks_are_left_to_the_worker(url):
    assert opened(url) is None


@pytest.mark.parametrize("hosts", ["", "127.0.0.1:2", "127.0.0.1:3,127.0.0.1:1"])
def test_a_sink_on_the_kafka_that_is_read_is_taken(hosts):
    assert opened(f"kafka://{hosts}/out?transactional=true") is not None


@pytest.mark.parametrize(
    ("url", "settings", "words"),
    [
        (URL.replace("1", "maybe"), {}, "transactional='maybe' is neither true nor false"),
        ("kafka://other:9092/out?transactional=1", {}, "write kafka:///out?transactional=1"),
        (URL, {"function_timeout_seconds": 5}, "leave out HEADRACE_FUNCTION"),
        (URL, {"invoke": "event"}, "HEADRACE_INVOKE=event"),
        (URL + "&transactional.id=mine", {}, "transactional.id cannot be set"),
        (URL + "&transaction.timeout.ms=0", {}, "must be a positive number"),
        (URL + "&delivery.timeout.ms=20000", {}, "transaction.timeout.ms"),
        (URL + "&message.max.bytes=many", {}, "message.max.bytes"),
    ],
)
def test_what_does_not_go_together_is_one_line(url, settings, words):
    with pytest.raises(SettingsError, match=r"^sink kafka://[^\n]*$") as error:
        opened(url, **settings)
    assert words in str(error.value)


def test_positions_that_are_not_settled_must_not_be_read():
    source = KafkaSource(
        bootstrap_servers="a:1",
        topic="t",
        group="g",
        consumer_config={"isolation.level": "read_uncommitted"},
    )
    with pytest.raises(SettingsError, match="read_committed"):
        opened(source=source)


def test_elsewhere_it_is_refused():
    """On Lambda, for dead letters, and for what comes from elsewhere than Kafka."""
    with pytest.raises(SettingsError, match="leave it out here"):
        open_sink("kafka://a:1/out?transactional=1")
    with pytest.raises(SettingsError, match="leave it out here"):
        worker("kafka://a:1/out?transactional=1").worker()
