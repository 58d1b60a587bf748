"""Settings in the service's ranges; limits, backoff and the ends of a run."""

import threading

import pytest

from headrace.errors import SettingsError
from headrace.log import logger
from headrace.runner.backoff import Backoff
from headrace.runner.compose import run
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.dispatch.batch import Batch
from headrace.runner.kafka.confluent import open_consumer
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from headrace.settings import read
from tests.support.runner import kafka_record


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("HEADRACE_BATCH_SIZE", "0"),
        ("HEADRACE_BATCH_SIZE", "10001"),
        ("HEADRACE_MAXIMUM_BATCHING_WINDOW_IN_SECONDS", "301"),
        ("HEADRACE_STARTING_POSITION", "NOW"),
        ("HEADRACE_MAXIMUM_RETRY_ATTEMPTS", "-2"),
        ("HEADRACE_MAXIMUM_RECORD_AGE_IN_SECONDS", "604801"),
        ("HEADRACE_MAXIMUM_RECORD_AGE_IN_SECONDS", "59"),
        ("HEADRACE_FUNCTION_TIMEOUT_SECONDS", "0"),
        ("HEADRACE_INVOKE", "carrier pigeon"),
        ("HEADRACE_RETRY_BACKOFF_SECONDS", "31"),
        ("HEADRACE_STARTING_POSITION", "AT_TIMESTAMP"),
        ("HEADRACE_STARTING_POSITION_TIMESTAMP", "1"),
    ],
)
def test_a_value_out_of_range_is_one_line_that_names_it(name, text):
    with pytest.raises(SettingsError, match=name):
        read(MappingSettings, {name: text, "HEADRACE_DEAD_LETTER_URL": "file:x"}).check()


@pytest.mark.parametrize(
    "name", ["HEADRACE_MAXIMUM_RETRY_ATTEMPTS", "HEADRACE_MAXIMUM_RECORD_AGE_IN_SECONDS"]
)
def test_giving_up_needs_somewhere_to_go(name):
    with pytest.raises(SettingsError, match="HEADRACE_ON_FAILURE_URL"):
        read(MappingSettings, {name: "60"}).check()


def test_on_failure_url_comes_before_the_worker_s_own():
    settings = MappingSettings(on_failure_url="file:a", dead_letter_url="file:b")
    assert settings.destination_url == "file:a"


@pytest.mark.parametrize("name", ["enable.auto.commit", "enable.auto.offset.store"])
def test_auto_commit_cannot_be_switched_on(name):
    source = KafkaSource(
        bootstrap_servers="h:1", topic="t", group="g", consumer_config={name: "true"}
    )
    with pytest.raises(SettingsError, match=name):
        open_consumer(source, logger("test", "CRITICAL"))


def test_an_unknown_consumer_setting_is_named():
    source = KafkaSource(
        bootstrap_servers="h:1", topic="t", group="g", consumer_config={"no.such": "1"}
    )
    with pytest.raises(SettingsError, match=r"no\.such"):
        open_consumer(source, logger("test", "CRITICAL"))


def test_backoff_doubles_with_jitter_up_to_its_longest():
    backoff = Backoff(first=0.1, longest=1.0)
    for tries, step in [(1, 0.1), (2, 0.2), (4, 0.8), (5, 1.0), (10_000, 1.0)]:
        waits = [backoff.delay(tries) for _ in range(50)]
        assert step / 2 <= min(waits) <= max(waits) <= step
        assert len(set(waits)) > 1


@pytest.mark.parametrize("name", ["on_failure_url", "dead_letter_url"])
def test_the_topic_that_is_read_takes_no_records_that_are_given_up(name):
    source = KafkaSource(bootstrap_servers="h:9092", topic="orders", group="g")
    settings = MappingSettings(**{name: "kafka:///orders"})
    with pytest.raises(SettingsError, match=f"HEADRACE_{name.upper()} is the topic that is read"):
        run(None, source, settings)


def test_the_first_attempt_is_not_a_retry():
    batch = Batch([kafka_record(1)])
    batch.history(0).failures = 1
    assert not dict(RetryLimits(retries=1, age_seconds=-1).exhausted(batch))
    batch.history(0).failures = 2
    assert dict(RetryLimits(retries=1, age_seconds=-1).exhausted(batch)).keys() == {0}
    assert not dict(RetryLimits(retries=-1, age_seconds=-1).exhausted(batch))


def test_a_record_without_a_time_has_no_age():
    batch = Batch([kafka_record(1), kafka_record(2, timestamp=0)])
    assert dict(RetryLimits(retries=-1, age_seconds=60).unfit(batch)).keys() == {1}


def test_idle_time_starts_with_the_first_assignment():
    stop = Stop(when_idle=0.0)
    assert stop.due(ready=True, idle=lambda: True)
    stop = Stop(when_idle=60.0)
    assert not stop.due(ready=True, idle=lambda: True)


def test_max_records_stops_only_when_all_is_done():
    stop = Stop(max_records=3)
    for expected in (2, 1, 0):
        with stop.claim(2) as granted:
            assert granted == expected
    assert not stop.due(ready=True, idle=lambda: False)
    assert stop.due(ready=True, idle=lambda: True)


def test_nobody_finds_that_all_is_done_while_the_last_records_are_handed_over():
    """GIVEN the last record is claimed but not yet fed, THEN a look at idleness waits for it."""
    stop, fed, looks = Stop(max_records=1), threading.Event(), []
    with stop.claim(1):
        look = threading.Thread(
            target=lambda: looks.append(stop.due(ready=True, idle=lambda: not fed.is_set()))
        )
        look.start()
        look.join(0.05)
        assert looks == []
        fed.set()
    look.join()
    assert looks == [False]
