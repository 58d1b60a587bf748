"""A stand-in for AWS, as adapters reach it."""

from typing import Any

import boto3

REGION = "us-east-1"
_SERVICES = ("sqs", "kinesis", "dynamodb", "dynamodbstreams")


class Place:
    """The address of a stand-in, and clients of it.

    Args:
        endpoint: the address.
        services: which services it has.
    """

    def __init__(self, endpoint: str, services: tuple[str, ...] = _SERVICES) -> None:
        self.endpoint = endpoint
        # One after the other: the session that they share is not made for threads.
        self._clients = {name: self._open(name) for name in services}

    def client(self, service: str) -> Any:
        """Return a boto3 client of a service."""
        return self._clients[service]

    def _open(self, service: str) -> Any:
        make: Any = boto3.client
        return make(service, endpoint_url=self.endpoint, region_name=REGION)
