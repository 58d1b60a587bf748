"""Enhanced fan-out, on kinesis-mock: its events reach boto3 through a proxy (kinesis_events)."""

import threading
import time

import pytest
from botocore.stub import Stubber

from headrace.errors import SettingsError
from headrace.runner.kinesis.fan_out_consumer import FanOutConsumer
from headrace.runner.stop import Stop
from headrace.testing.moto_server import create_stream, kinesis_client, wait_until_active
from tests.support.kinesis.kpl import aggregate
from tests.support.kinesis.proxy import KinesisProxy
from tests.support.kinesis.runner import StreamRunner, first_orders, put
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kinesis, pytest.mark.usefixtures("aws_credentials")]


@pytest.fixture
def proxy(kinesis_mock):
    with KinesisProxy(kinesis_mock) as proxy:
        yield proxy


def test_a_consumer_is_registered_and_its_subscriptions_are_read(kinesis_mock, proxy, tmp_path):
    create_stream(kinesis_mock, "fan-out", 2)
    put(kinesis_mock, "fan-out", range(20))
    runner = StreamRunner(proxy.url, "fan-out", tmp_path, consumer_name="headrace")
    runner.run(stop=Stop(max_records=20), batch_size=7)
    put(kinesis_mock, "fan-out", range(20, 40))
    runner.run(stop=Stop(max_records=20), batch_size=7)  # goes on after the checkpoint
    assert sorted(runner.values()) == list(range(40))
    assert first_orders(runner.values()) == [list(range(key, 40, 7)) for key in range(7)]
    assert proxy.passed["RegisterStreamConsumer"] == 1
    assert proxy.passed["GetRecords"] == 0


@pytest.mark.parametrize("ending", ["end", "break", "error"])
def test_a_subscription_that_ends_is_renewed_behind_the_last_record(
    ending, kinesis_mock, proxy, tmp_path
):
    stream = f"renewed-{ending}"
    create_stream(kinesis_mock, stream, 1)
    runner = StreamRunner(proxy.url, stream, tmp_path, consumer_name="headrace")
    proxy.endings = iter([(1, ending), (2, ending), (2, ending)])
    stop = Stop()
    running = threading.Thread(target=runner.run, kwargs={"stop": stop})
    running.start()
    put(kinesis_mock, stream, range(5))
    for more in (range(5, 10), range(10, 15)):
        known = proxy.passed["SubscribeToShard"]
        wait_until(lambda known=known: proxy.passed["SubscribeToShard"] > known)
        put(kinesis_mock, stream, more)
    wait_until(lambda: len(runner.seen) >= 15 and proxy.passed["SubscribeToShard"] >= 4)
    stop.request()
    running.join()
    assert runner.values() == list(range(15))


@pytest.mark.parametrize("code", ["ResourceInUseException", "LimitExceededException"])
def test_a_subscription_that_is_refused_is_asked_for_again(code, kinesis_mock, proxy, tmp_path):
    create_stream(kinesis_mock, f"in-use-{code}", 1)
    put(kinesis_mock, f"in-use-{code}", range(10))
    runner = StreamRunner(proxy.url, f"in-use-{code}", tmp_path, consumer_name="headrace")
    proxy.fault = lambda operation, arguments: (
        code if operation == "SubscribeToShard" and proxy.refused[operation] < 3 else None
    )
    runner.run(stop=Stop(max_records=10))
    assert runner.values() == list(range(10))
    assert proxy.refused["SubscribeToShard"] == 3


def test_children_follow_their_parent_by_fan_out_too(kinesis_mock, proxy, tmp_path):
    create_stream(kinesis_mock, "fan-out-split", 1)
    client = kinesis_client(kinesis_mock)
    put(kinesis_mock, "fan-out-split", range(20))
    (parent,) = client.list_shards(StreamName="fan-out-split")["Shards"]
    client.split_shard(
        StreamName="fan-out-split",
        ShardToSplit=parent["ShardId"],
        NewStartingHashKey=str(2**127),
    )
    wait_until_active(client, "fan-out-split")
    put(kinesis_mock, "fan-out-split", range(20, 40))
    runner = StreamRunner(proxy.url, "fan-out-split", tmp_path, consumer_name="headrace")
    proxy.endings = iter([(3, "closed")])
    runner.run(stop=Stop(max_records=40), batch_size=7)
    assert sorted(runner.values()) == list(range(40))
    assert first_orders(runner.values()) == [list(range(key, 40, 7)) for key in range(7)]
    shards = [record.position.shard == parent["ShardId"] for record in runner.seen]
    assert shards == [True] * 20 + [False] * 20


def test_fan_out_goes_on_inside_an_aggregate(kinesis_mock, proxy, tmp_path):
    create_stream(kinesis_mock, "fan-out-kpl", 1)
    data = aggregate([(f"k{n % 7}", None, b"%d" % n) for n in range(20)])
    client = kinesis_client(kinesis_mock)
    client.put_record(StreamName="fan-out-kpl", Data=data, PartitionKey="k")
    runner = StreamRunner(proxy.url, "fan-out-kpl", tmp_path, consumer_name="headrace")
    runner.run(stop=Stop(max_records=8), batch_size=3)
    runner.run(stop=Stop(max_records=12), batch_size=3)
    assert runner.values() == list(range(20))


def test_a_runner_that_stops_does_not_wait_for_an_event(kinesis_mock, proxy, tmp_path):
    create_stream(kinesis_mock, "fan-out-stop", 1)
    runner = StreamRunner(proxy.url, "fan-out-stop", tmp_path, consumer_name="headrace")
    stop = Stop()
    running = threading.Thread(target=runner.run, kwargs={"stop": stop})
    running.start()
    wait_until(lambda: proxy.passed["SubscribeToShard"] > 0)
    stop.request()
    running.join(30)
    assert not running.is_alive()


ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
HEADRACE_CONSUMER_ARN = f"{ARN}/consumer/headrace:1700000000"


class FoundStream:
    """What a consumer asks of a stream."""

    arn = ARN

    def __init__(self, client) -> None:
        self.client = client


def described(status: str) -> dict:
    return {
        "ConsumerDescription": {
            "ConsumerName": "headrace",
            "ConsumerARN": HEADRACE_CONSUMER_ARN,
            "ConsumerStatus": status,
            "ConsumerCreationTimestamp": time.time(),
            "StreamARN": ARN,
        }
    }


@pytest.fixture
def service():
    client = kinesis_client("http://127.0.0.1:1")
    with Stubber(client) as stubber:
        yield FoundStream(client), stubber
        stubber.assert_no_pending_responses()


def test_a_consumer_that_becomes_active_is_waited_for(service):
    stream, stubber = service
    for status in ("CREATING", "CREATING", "ACTIVE"):
        stubber.add_response("describe_stream_consumer", described(status))
    assert FanOutConsumer(arn=HEADRACE_CONSUMER_ARN).find(stream, 0.0) == HEADRACE_CONSUMER_ARN


def test_without_a_consumer_nothing_is_asked(service):
    stream, _ = service
    assert FanOutConsumer().find(stream, 0.0) is None


@pytest.mark.parametrize(
    ("consumer", "message"),
    [
        (
            FanOutConsumer("headrace", HEADRACE_CONSUMER_ARN),
            "HEADRACE_CONSUMER_NAME and HEADRACE_CONSUMER_ARN: set one of them",
        ),
        (
            FanOutConsumer(arn=HEADRACE_CONSUMER_ARN.replace("clicks", "orders")),
            "HEADRACE_CONSUMER_ARN: .*orders.* is no consumer of .*clicks",
        ),
    ],
)
def test_consumers_that_contradict_the_stream(service, consumer, message):
    stream, _ = service
    with pytest.raises(SettingsError, match=message):
        consumer.find(stream, 0.0)


def test_a_consumer_that_is_being_deleted_is_one_clear_error(service):
    stream, stubber = service
    stubber.add_response("describe_stream_consumer", described("DELETING"))
    with pytest.raises(SettingsError, match="is DELETING, not ACTIVE"):
        FanOutConsumer(arn=HEADRACE_CONSUMER_ARN).find(stream, 0.0)


def test_a_consumer_that_may_not_be_registered_is_one_clear_error(service):
    stream, stubber = service
    stubber.add_client_error("describe_stream_consumer", "ResourceNotFoundException")
    stubber.add_client_error("register_stream_consumer", "LimitExceededException")
    with pytest.raises(SettingsError, match=r"consumer headrace: .*LimitExceededException"):
        FanOutConsumer("headrace").find(stream, 0.0)
