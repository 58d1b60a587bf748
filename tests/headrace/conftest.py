"""What several folders of the library's tests share."""

import boto3
import pytest

from tests.support.sinks import REGION


@pytest.fixture
def aws(moto_server, monkeypatch):
    """Makes clients of the stand-in; sinks opened by the test use it too."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_server)
    clients = []

    def client(service):
        clients.append(boto3.client(service))
        return clients[-1]

    yield client
    for opened in clients:
        opened.close()
