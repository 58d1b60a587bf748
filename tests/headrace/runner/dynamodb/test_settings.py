"""A table by its name, its ARN or the ARN of its stream."""

import pytest

from headrace.errors import SettingsError
from headrace.runner.dynamodb.settings import DynamoDbSource, settled

TABLE = "arn:aws:dynamodb:us-east-2:123456789012:table/stock"


@pytest.mark.parametrize(
    ("table", "region"),
    [("stock", None), (TABLE, "us-east-2"), (f"{TABLE}/stream/2026-11-30", "us-east-2")],
)
def test_an_arn_says_the_region(table, region):
    given = DynamoDbSource(table=table, checkpoints="c")

    assert settled(given) == DynamoDbSource(table=table, checkpoints="c", region=region)


@pytest.mark.parametrize("table", ["st ock", "st/ock/stream/1", TABLE.replace("stock", "")])
def test_what_names_no_table_is_refused_before_the_service_is_asked(table):
    with pytest.raises(SettingsError, match=r"^table '.*': expected its name, its ARN"):
        settled(DynamoDbSource(table=table, checkpoints="c"))
