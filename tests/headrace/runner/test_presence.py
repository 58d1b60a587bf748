"""What the service says while a source is looked for: some of it passes, and is worth a wait."""

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError
from botocore.stub import Stubber

from headrace.errors import SettingsError
from headrace.runner.dynamodb.settings import Clients
from headrace.runner.dynamodb.stream import TableStream
from headrace.runner.kinesis.fan_out_consumer import FanOutConsumer
from headrace.runner.kinesis.stream import Stream
from headrace.runner.presence import SourceAbsent
from headrace.runner.shards.presence import looking_for
from headrace.runner.sqs.queue import Queue


class Found:
    arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"

    def __init__(self, client):
        self.client = client


LOOKS = {
    "kinesis": ("describe_stream_summary", lambda client: Stream(client, "orders")),
    "dynamodb": ("describe_table", lambda client: TableStream(Clients(client, client), "orders")),
    "sqs": ("get_queue_url", lambda client: Queue(client, "orders")),
    "kinesis consumer": (
        "describe_stream_consumer",
        lambda client: FanOutConsumer(name="fast").find(Found(client), 0.0),
    ),
}


@pytest.mark.parametrize("looked_for", LOOKS)
@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ThrottlingException", 400, SourceAbsent),
        ("ServiceUnavailable", 503, SourceAbsent),
        ("AccessDenied", 403, SettingsError),
    ],
)
def test_a_service_that_is_busy_is_asked_again(looked_for, code, status, error, aws_credentials):
    operation, look = LOOKS[looked_for]
    client = boto3.client(looked_for.split()[0], region_name="eu-west-1")
    with Stubber(client) as stub:
        stub.add_client_error(operation, code, http_status_code=status)
        with pytest.raises(SettingsError, match=code) as raised:
            look(client)

    assert type(raised.value) is error


def test_an_answer_that_breaks_off_is_asked_for_again():
    with pytest.raises(SourceAbsent, match="orders"), looking_for("stream 'orders'"):
        raise ConnectionClosedError(endpoint_url="http://127.0.0.1")
