"""A queue by its name, its URL or its ARN: what each says of where it is."""

import pytest

from headrace.errors import SettingsError
from headrace.runner.sqs.settings import SqsSource, settled

LOCAL = "http://127.0.0.1:5000"
PATH = "/123456789012/orders.fifo"


@pytest.fixture(autouse=True)
def no_endpoint(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.mark.parametrize(
    ("queue", "region"),
    [
        ("orders", None),
        ("arn:aws:sqs:us-east-2:123456789012:orders", "us-east-2"),
        (f"https://sqs.us-east-2.amazonaws.com{PATH}", "us-east-2"),
        (f"https://sqs-fips.us-east-2.amazonaws.com{PATH}", "us-east-2"),
        (f"https://sqs.cn-north-1.amazonaws.com.cn{PATH}", "cn-north-1"),
        (f"https://vpce-1.sqs.us-east-2.vpce.amazonaws.com{PATH}", "us-east-2"),
        (f"https://sqs.us-east-2.api.aws{PATH}", "us-east-2"),
        (f"https://sqs.example.org{PATH}", None),
        (f"https://us-east-2.queue.amazonaws.com{PATH}", "us-east-2"),
    ],
)
def test_an_arn_and_a_url_say_the_region(queue, region):
    assert settled(SqsSource(queue=queue)) == SqsSource(queue=queue, region=region)


def test_a_url_of_a_stand_in_says_where_it_is():
    assert settled(SqsSource(queue=LOCAL + PATH)).endpoint_url == LOCAL


def test_an_endpoint_that_is_given_comes_before_the_one_of_the_url(monkeypatch):
    given = SqsSource(queue=LOCAL + PATH, endpoint_url="http://moto:1")

    assert settled(given).endpoint_url == "http://moto:1"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://moto:1")
    assert settled(SqsSource(queue=LOCAL + PATH)).endpoint_url is None  # boto3 reads the variable


@pytest.mark.parametrize(
    "queue",
    [
        "or ders",
        "sqs://orders",
        "http://",
        "http:///orders",
        "https://sqs.eu-west-1.amazonaws.com/1/",
        "arn:aws:sqs:eu-west-1:123456789012:",
        "arn:aws:sns:eu-west-1:123456789012:orders",
    ],
)
def test_what_names_no_queue_is_refused_before_the_service_is_asked(queue):
    with pytest.raises(SettingsError, match=r"^queue '.*': expected its name, its URL or its ARN"):
        settled(SqsSource(queue=queue))
