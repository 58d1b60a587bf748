"""A client of the stand-in for SQS."""

import pytest


@pytest.fixture
def client(aws):
    return aws("sqs")
