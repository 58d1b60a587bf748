"""The brokers of the demo, which need nothing but Python packages.

Kafka is librdkafka's own mock cluster, inside this process but reachable from any other on this
machine; Kinesis is moto's server, in a process of its own. Both forget everything when they end.

What the mock cluster cannot do: it keeps about 5 MB of each partition and drops what is older;
looking up offsets by time answers "end"; a topic that is not created here is made with four
partitions when first named; the admin requests to create and describe topics are not there. After
a member left or was lost, a group forms again only `session.timeout.ms` less a second later (never
sooner than one second), so ask for short sessions.
"""

import ctypes
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from confluent_kafka import cimpl

from headrace.testing.brokers.process import BrokerError, Service, free_ports

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

_REBALANCE_DELAY_MS = 100
_MOTO_STARTUP_S = 60


@contextmanager
def embedded_kafka(topics: Mapping[str, int]) -> Iterator[str]:
    """A Kafka broker inside this process, for as long as the context lasts.

    Args:
        topics: Topics to create, each with its number of partitions.

    Yields:
        The address for `bootstrap.servers`.

    Raises:
        BrokerError: librdkafka could not start it, or refused a topic.
    """
    library = _librdkafka()
    reason = ctypes.create_string_buffer(512)
    settings = library.rd_kafka_conf_new()
    for name, value in {b"bootstrap.servers": b"127.0.0.1:1", b"log_level": b"0"}.items():
        library.rd_kafka_conf_set(settings, name, value, reason, len(reason))
    producer = 0
    client = library.rd_kafka_new(producer, settings, reason, len(reason))
    if not client:
        raise BrokerError(f"librdkafka gave no client: {reason.value.decode()}")
    cluster = library.rd_kafka_mock_cluster_new(client, 1)
    try:
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, _REBALANCE_DELAY_MS)
        for topic, partitions in topics.items():
            refused = partitions < 1 or library.rd_kafka_mock_topic_create(
                cluster, topic.encode(), partitions, 1
            )
            if refused:
                raise BrokerError(f"no topic {topic!r} with {partitions} partitions can be made")
        yield library.rd_kafka_mock_cluster_bootstraps(cluster).decode()
    finally:
        library.rd_kafka_mock_cluster_destroy(cluster)
        library.rd_kafka_destroy(client)


@contextmanager
def embedded_kinesis() -> Iterator[str]:
    """An AWS stand-in (moto), for as long as the context lasts; it also speaks SQS, SNS and S3.

    Yields:
        The address for boto3's `endpoint_url`.

    Raises:
        BrokerError: moto is not installed or did not come up; the message has the end of its log.
    """
    port = free_ports()
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        server = Service(command, Path(folder, "moto.log"))
        endpoint = f"http://127.0.0.1:{port}"
        try:
            server.wait_until(lambda: _serves(endpoint), _MOTO_STARTUP_S)
            yield endpoint
        finally:
            server.kill()  # it has nothing to save


def aws_environment(endpoint: str) -> dict[str, str]:
    """The environment variables with which boto3 talks to a local stand-in and to nobody else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }


def kinesis_client(endpoint: str) -> "KinesisClient":
    """A boto3 client for a local stand-in, whatever the environment says."""
    import boto3  # noqa: PLC0415 (half a second that Kafka alone does not need)

    return boto3.client(
        "kinesis",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106
    )


def create_stream(endpoint: str, name: str, shards: int) -> None:
    """Creates a Kinesis stream and returns when it is active."""
    client = kinesis_client(endpoint)
    client.create_stream(StreamName=name, ShardCount=shards)
    waiter = client.get_waiter("stream_exists")
    waiter.wait(StreamName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def _serves(endpoint: str) -> bool:
    try:
        urllib.request.urlopen(endpoint, timeout=2).close()  # noqa: S310
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _librdkafka() -> ctypes.CDLL:
    """The librdkafka that confluent_kafka itself uses: its symbols are found through its module."""
    library = ctypes.CDLL(cimpl.__file__)
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    size = ctypes.c_size_t
    signatures = {
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (number, [pointer, text, text, text, size]),
        "rd_kafka_new": (pointer, [number, pointer, text, size]),
        "rd_kafka_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_new": (pointer, [pointer, number]),
        "rd_kafka_mock_cluster_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_topic_create": (number, [pointer, text, number, number]),
        "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [pointer, ctypes.c_int32]),
    }
    for name, (result, arguments) in signatures.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise BrokerError(f"this librdkafka has no mock cluster ({name})") from None
        function.restype, function.argtypes = result, arguments
    return library
