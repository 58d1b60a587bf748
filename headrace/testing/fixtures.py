"""The pytest plugin: brokers for the tests of whoever installed Headrace.

pytest loads it by its entry point. It imports what a fixture needs only if a test asks for it, so
that a test suite which uses none of this pays for none of it.

    def test_orders_end_to_end(headrace_kafka):
        orders, results = headrace_kafka.topic(), headrace_kafka.topic()
        orders.produce([{"id": 1, "amount": 5}])
        orders.run(Orders, sink_url=results.url)
        assert [record.json() for record in results.records()] == [{"id": 1, "ok": True}]
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from headrace.errors import HeadraceError

if TYPE_CHECKING:
    from headrace.testing.kafka import Kafka
    from headrace.testing.kafka_topic import Topic
    from headrace.testing.kinesis import Kinesis

VARIABLE = "HEADRACE_TESTING_KAFKA"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the broker."""
    parser.getgroup("headrace").addoption(
        "--headrace-kafka",
        metavar="KAFKA",
        help="the Kafka of the fixture headrace_kafka: embedded (the default), real (Apache Kafka"
        " from its jars, or by Docker Compose), or HOST:PORT of a broker that runs; or set"
        f" {VARIABLE}",
    )


@pytest.fixture(scope="session")
def headrace_kafka(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["Kafka"]:
    """A Kafka for the whole session; `topic()` makes a topic on it."""
    chosen = request.config.getoption("--headrace-kafka") or os.environ.get(VARIABLE)
    folder = tmp_path_factory.mktemp("headrace-kafka")
    with ExitStack() as stack:
        with _said_in_one_line("headrace_kafka", "kafka,testing"):
            from headrace.testing.kafka import open_kafka  # noqa: PLC0415 - see above

            broker = stack.enter_context(open_kafka(chosen or "embedded", folder))
        yield broker


@pytest.fixture
def headrace_topic(headrace_kafka: "Kafka") -> "Topic":
    """A new topic of one partition."""
    return headrace_kafka.topic()


@pytest.fixture(scope="session")
def _headrace_moto() -> Iterator[str]:
    with ExitStack() as stack:
        with _said_in_one_line("headrace_kinesis", "aws,testing"):
            import boto3  # noqa: F401, PLC0415 - missing, it is told in one line
            import moto.server  # noqa: F401, PLC0415 - as above

            from headrace.testing.moto_server import embedded_kinesis  # noqa: PLC0415 - see above

            endpoint = stack.enter_context(embedded_kinesis())
        yield endpoint


@pytest.fixture
def headrace_kinesis(
    _headrace_moto: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> "Kinesis":
    """A stand-in for AWS (moto), to which AWS's own variables point during the test.

    `stream()` makes a Kinesis stream on it; SQS, SNS and S3 are there, too, for sinks.
    """
    from headrace.testing.kinesis import Kinesis  # noqa: PLC0415 - see above
    from headrace.testing.moto_server import aws_environment  # noqa: PLC0415

    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in aws_environment(_headrace_moto).items():
        monkeypatch.setenv(name, value)
    return Kinesis(_headrace_moto, tmp_path)


@contextmanager
def _said_in_one_line(fixture: str, extras: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        pytest.fail(f"{fixture} needs {missing}: pip install 'headrace[{extras}]'", pytrace=False)
    except HeadraceError as error:  # Java, Maven, Docker or a port is missing
        pytest.fail(f"{fixture}: {error}", pytrace=False)
