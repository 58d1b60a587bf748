"""A stream by its name, its ARN or the ARN of a consumer."""

import pytest

from headrace.errors import SettingsError
from headrace.runner.kinesis.settings import KinesisSource, settled

STREAM = "arn:aws:kinesis:us-east-2:123456789012:stream/orders"
CONSUMER = f"{STREAM}/consumer/fast:1"


def source(stream: str, **given: str) -> KinesisSource:
    return KinesisSource(stream=stream, checkpoints="c", **given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (source("orders"), source("orders")),
        (source(STREAM), source(STREAM, region="us-east-2")),
        (source(STREAM, region="eu-west-1"), source(STREAM, region="eu-west-1")),
        (source(CONSUMER), source(STREAM, region="us-east-2", consumer_arn=CONSUMER)),
    ],
)
def test_an_arn_says_the_region_and_the_consumer(given, expected):
    assert settled(given) == expected


@pytest.mark.parametrize(
    "stream",
    [
        "or ders",
        "kinesis://orders",
        "arn:aws:kinesis:us-east-2:123456789012:stream/",
        "arn:aws:kinesis:us-east-2:123456789012:orders",
        "arn:aws:dynamodb:us-east-2:123456789012:table/orders/stream/2026",
        f"{STREAM}/other",
    ],
)
def test_what_names_no_stream_is_refused_before_the_service_is_asked(stream):
    with pytest.raises(SettingsError, match=r"^stream '.*': expected its name, its ARN"):
        settled(source(stream))
