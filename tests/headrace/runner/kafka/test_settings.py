"""The settings of a Kafka source: what the runner sees to itself, and how a group shares."""

import pytest

from headrace.errors import SettingsError
from headrace.runner.compose import run
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.settings import MappingSettings


def source(**fields) -> KafkaSource:
    return KafkaSource(bootstrap_servers="h:1", topic="t", group="g", **fields)


@pytest.mark.parametrize(
    "name",
    [
        "enable.auto.commit",
        "enable.auto.offset.store",
        "auto.offset.reset",
        "enable.partition.eof",
        "sasl.password",
        "ssl.key.password",
        "group.id",
        "group.protocol",
        "partition.assignment.strategy",
        "security.protocol",
    ],
)
def test_what_has_a_setting_of_its_own_or_none_at_all_is_refused_by_name(name):
    with pytest.raises(SettingsError, match=name) as caught:
        source(consumer_config={name: "hush"}).client_config()
    assert "hush" not in str(caught.value)


def test_further_settings_come_before_our_defaults():
    config = source(consumer_config={"fetch.queue.backoff.ms": "7"}).client_config()
    assert config["fetch.queue.backoff.ms"] == "7"
    assert config["enable.auto.commit"] is False


@pytest.mark.parametrize(
    ("fields", "cooperative", "expected"),
    [
        ({}, True, {"partition.assignment.strategy": "cooperative-sticky"}),
        ({"assignment_strategy": "range"}, False, {"partition.assignment.strategy": "range"}),
        (
            {"group_protocol": "consumer"},
            True,
            {"group.protocol": "consumer", "group.remote.assignor": "uniform"},
        ),
        (
            {"group_protocol": "consumer", "assignment_strategy": "range"},
            True,
            {"group.protocol": "consumer", "group.remote.assignor": "range"},
        ),
    ],
)
def test_protocol_and_strategy(fields, cooperative, expected):
    config = source(**fields).client_config()
    assert expected.items() <= config.items()
    assert source(**fields).cooperative is cooperative


@pytest.mark.parametrize(
    "fields",
    [
        {"assignment_strategy": "uniform"},
        {"group_protocol": "consumer", "assignment_strategy": "cooperative-sticky"},
    ],
)
def test_a_strategy_that_the_protocol_does_not_know_is_refused(fields):
    with pytest.raises(SettingsError, match="HEADRACE_ASSIGNMENT_STRATEGY"):
        source(**fields).client_config()


@pytest.mark.parametrize("hosts", ["a:9092", "b:9092", "x:9092,b:9092", ""])
def test_what_is_given_up_does_not_go_to_the_topic_that_is_read(hosts):
    source = KafkaSource(bootstrap_servers="a:9092,b:9092", topic="orders", group="g")
    settings = MappingSettings(on_failure_url=f"kafka://{hosts}/orders?acks=all")
    with pytest.raises(
        SettingsError, match="HEADRACE_ON_FAILURE_URL is the topic that is read, orders"
    ):
        run(None, source, settings)
