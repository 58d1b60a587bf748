"""Moto's server: an AWS stand-in in a process of its own, which forgets everything when it ends."""

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING

from headrace.testing.brokers.process import BrokerError, Service, free_ports

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

_MOTO_STARTUP_S = 60
_ACTIVE_S = 30


@contextmanager
def embedded_kinesis(streams: Mapping[str, int] = MappingProxyType({})) -> Iterator[str]:
    """An AWS stand-in (moto), for as long as the context lasts; it also speaks SQS, SNS and S3.

    Args:
        streams: Streams to create, each with its number of shards.

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
            for name, shards in streams.items():
                create_stream(endpoint, name, shards)
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
    wait_until_active(client, name)


def wait_until_active(client: "KinesisClient", stream: str) -> None:
    """Return when a stream takes records. boto3's own waiter looks once a second at most.

    Raises:
        BrokerError: It did not become active within half a minute.
    """
    deadline = time.monotonic() + _ACTIVE_S
    while time.monotonic() < deadline:
        answer = client.describe_stream_summary(StreamName=stream)
        if answer["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE":
            return
        time.sleep(0.02)
    raise BrokerError(f"stream {stream!r} did not become active in {_ACTIVE_S} s")


def _serves(endpoint: str) -> bool:
    try:
        urllib.request.urlopen(endpoint, timeout=2).close()  # noqa: S310
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
