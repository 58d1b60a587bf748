"""A client that cannot be opened is one line, whatever service it is of."""

import pytest

from headrace.errors import SettingsError
from headrace.runner.dynamodb.settings import DynamoDbSource, open_clients
from headrace.runner.kinesis import settings as kinesis
from headrace.runner.sqs import settings as sqs

WRONG = {"endpoint_url": "nowhere", "region": "eu-west-1"}
OPENED = {
    "Kinesis": lambda: kinesis.open_client(
        kinesis.KinesisSource(stream="s", checkpoints="c", **WRONG)
    ),
    "DynamoDB": lambda: open_clients(DynamoDbSource(table="t", checkpoints="c", **WRONG)),
    "SQS": lambda: sqs.open_client(sqs.SqsSource(queue="q", **WRONG)),
}


@pytest.mark.parametrize("service", OPENED)
def test_an_address_that_is_none_is_one_line(service):
    with pytest.raises(SettingsError, match=f"^{service} client: .*nowhere"):
        OPENED[service]()
