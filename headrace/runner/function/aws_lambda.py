"""A real function of AWS Lambda, or of a stand-in that speaks its Invoke API."""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, ReadTimeoutError

from headrace import json_text
from headrace.aws_endpoint import checked
from headrace.errors import SettingsError
from headrace.runner.function.errors import (
    FunctionError,
    FunctionExited,
    FunctionTimeout,
    Throttled,
    reported,
)

# These name a fault of the event. Whatever else the service refuses, the function was not invoked.
_FAULTS_OF_THE_EVENT = frozenset({"RequestTooLargeException", "InvalidRequestContentException"})


class LambdaFunction:
    """Calls the function by name or ARN, and waits for its response.

    Args:
        name: name, partial or full ARN; with a version or an alias, where it has one.
        timeout: seconds that an answer may take.
        concurrency: how many calls run at once.

    Raises:
        SettingsError: no region is set, or another setting of the client is wrong.
    """

    def __init__(self, name: str, timeout: float, concurrency: int) -> None:
        config = Config(
            read_timeout=timeout,
            max_pool_connections=concurrency,
            retries={"total_max_attempts": 1},  # the mapping retries, and counts
            tcp_keepalive=True,
        )
        try:
            client = boto3.client("lambda", region_name=_region(name), config=config)
            self._client: Any = checked(client)
        except (BotoCoreError, ValueError) as error:
            raise SettingsError(f"HEADRACE_FUNCTION={name}: {error}") from None
        self._name = name
        self._timeout = timeout

    def __call__(self, event: Any) -> Any:
        """The function's response.

        Raises:
            FunctionError: it failed or did not answer in time.
            Throttled: it was not invoked.
        """
        try:
            answer = self._client.invoke(FunctionName=self._name, Payload=json_text.encode(event))
            body = answer["Payload"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _FAULTS_OF_THE_EVENT:
                raise FunctionError(str(error)) from None
            raise Throttled(str(error)) from None
        except ReadTimeoutError:
            raise FunctionTimeout(f"no answer within {self._timeout:g} s") from None
        except HTTPClientError as error:  # the connection broke after the event was sent
            raise FunctionExited(str(error)) from None
        except BotoCoreError as error:
            raise Throttled(str(error)) from None
        document = json_text.decode(body) if body else None
        if "FunctionError" in answer:
            raise reported(document)
        return document

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _region(name: str) -> str | None:
    parts = name.split(":")
    return parts[3] if parts[0] == "arn" and len(parts) > 3 else None
