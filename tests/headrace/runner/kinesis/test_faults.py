"""A Kinesis that refuses, throttles, forgets iterators and goes away loses no record."""

import random
import threading
import time

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from urllib3.exceptions import ProtocolError

from headrace.runner.shards.errors import StreamError, is_passing
from headrace.runner.stop import Stop
from headrace.testing.moto_server import create_stream, kinesis_client
from tests.support.kinesis.proxy import KinesisProxy
from tests.support.kinesis.runner import StreamRunner, first_orders, put
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kinesis, pytest.mark.usefixtures("aws_credentials")]


def refused(code: str, status: int = 400) -> ClientError:
    metadata = {"ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError({"Error": {"Code": code}} | metadata, "GetRecords")


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (refused("ProvisionedThroughputExceededException"), True),
        (refused("LimitExceededException"), True),
        (refused("Unheard", 503), True),
        (refused("ResourceNotFoundException"), False),
        (refused("AccessDeniedException"), False),
        (EndpointConnectionError(endpoint_url="http://localhost"), True),
        (ProtocolError("cut off in the middle of an event"), True),
        (NoCredentialsError(), False),
        (ValueError(), False),
    ],
)
def test_what_is_worth_another_try(error, passes):
    assert is_passing(error) is passes


@pytest.fixture
def proxy(kinesis_mock):
    with KinesisProxy(kinesis_mock) as proxy:
        yield proxy


def test_iterators_that_expire_are_replaced_behind_the_last_record(kinesis_mock, proxy, tmp_path):
    create_stream(kinesis_mock, "expire", 2)
    put(kinesis_mock, "expire", range(30))
    runner = StreamRunner(proxy.url, "expire", tmp_path)
    whim = random.Random(4)
    proxy.fault = lambda operation, arguments: (
        "ExpiredIteratorException" if operation == "GetRecords" and whim.random() < 0.6 else None
    )
    feeding = threading.Thread(target=put, args=(kinesis_mock, "expire", range(30, 60)))
    feeding.start()
    runner.run(stop=Stop(max_records=60), batch_size=7)
    feeding.join()
    proxy.fault = lambda operation, arguments: None
    runner.run()  # there is nothing more: what was read was read once
    assert sorted(runner.values()) == list(range(60))
    assert first_orders(runner.values()) == [list(range(key, 60, 7)) for key in range(7)]
    assert proxy.refused["GetRecords"] > 0


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "InternalFailure"])
def test_a_service_that_refuses_most_requests_is_asked_again(code, kinesis_mock, proxy, tmp_path):
    create_stream(kinesis_mock, code, 2)
    put(kinesis_mock, code, range(20))
    runner = StreamRunner(proxy.url, code, tmp_path)
    whim = random.Random(4)

    def refuse(operation, arguments):
        refusable = operation in {"GetRecords", "GetShardIterator", "ListShards"}
        return code if refusable and whim.random() < 0.5 else None

    proxy.fault = refuse
    runner.run(stop=Stop(max_records=20), batch_size=7)
    assert sorted(runner.values()) == list(range(20))
    assert first_orders(runner.values()) == [list(range(key, 20, 7)) for key in range(7)]
    assert proxy.refused["GetRecords"] > 0


def test_a_server_that_is_away_for_a_while_is_waited_for(kinesis_mock, tmp_path):
    create_stream(kinesis_mock, "away", 1)
    put(kinesis_mock, "away", range(10))
    stop, stats = Stop(max_records=20), None
    with KinesisProxy(kinesis_mock) as proxy:
        runner = StreamRunner(proxy.url, "away", tmp_path)
        running = threading.Thread(target=runner.run, kwargs={"stop": stop, "stats": stats})
        running.start()
        wait_until(lambda: len(runner.seen) == 10)
        proxy.fault = lambda operation, arguments: "ServiceUnavailable"
        put(kinesis_mock, "away", range(10, 20))
        wait_until(lambda: proxy.refused["GetRecords"] >= 4)
        assert running.is_alive()
        proxy.fault = lambda operation, arguments: None
        running.join(60)
    assert runner.values() == list(range(20))


def test_a_stream_that_is_deleted_ends_the_run_with_one_clear_error(kinesis_mock, tmp_path):
    create_stream(kinesis_mock, "deleted", 1)
    runner = StreamRunner(kinesis_mock, "deleted", tmp_path)
    put(kinesis_mock, "deleted", range(10))

    def delete_after_the_last(record):
        if record.value == b"9":
            kinesis_client(kinesis_mock).delete_stream(StreamName="deleted")

    with pytest.raises(StreamError, match="stream 'deleted'"):
        runner.run(delete_after_the_last, Stop(when_idle=60))
    assert runner.values() == list(range(10))


def test_a_stream_made_anew_while_it_is_read_is_not_taken_for_the_old_one(
    kinesis_mock, proxy, tmp_path
):
    """Iterators of the old stream are refused late, or never: the listing finds out."""
    client = kinesis_client(kinesis_mock)
    create_stream(kinesis_mock, "anew", 1)
    put(kinesis_mock, "anew", range(5))
    runner = StreamRunner(proxy.url, "anew", tmp_path)
    proxy.fault = lambda operation, arguments: (
        "ProvisionedThroughputExceededException" if operation == "GetRecords" else None
    )

    def make_anew():
        wait_until(lambda: proxy.refused["GetRecords"] > 0)
        client.delete_stream(StreamName="anew")
        wait_until(lambda: "anew" not in client.list_streams()["StreamNames"])
        time.sleep(1)  # streams are told apart by the time they were made
        create_stream(kinesis_mock, "anew", 1)

    making = threading.Thread(target=make_anew)
    making.start()
    with pytest.raises(StreamError, match="stream 'anew'"):
        runner.run(stop=Stop(when_idle=120))
    making.join()
    proxy.fault = lambda operation, arguments: None
    put(kinesis_mock, "anew", range(5, 9))
    runner.run(until=4)
    assert runner.values() == [5, 6, 7, 8]
