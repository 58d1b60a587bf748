"""Enhanced fan-out: the registered consumer that subscriptions belong to."""

import time

import msgspec
from botocore.exceptions import ClientError

from headrace.errors import SettingsError
from headrace.runner.kinesis.stream import Stream
from headrace.runner.shards.errors import ABSENT, code
from headrace.runner.shards.presence import looking_for

_PATIENCE_SECONDS = 120.0


class FanOutConsumer(msgspec.Struct, frozen=True):
    """Names a consumer, by its name or its ARN; neither stands for reading without fan-out."""

    name: str | None = None
    arn: str | None = None

    def find(self, stream: Stream, pause: float) -> str | None:
        """The ARN of the consumer, once it is active; None where none is named.

        A named consumer that does not exist is registered. It stays so when the runner ends: to
        register takes the service a while, and another start needs it again.

        Args:
            stream: whose consumer it is.
            pause: seconds between two looks at one that is not active yet.

        Raises:
            SourceAbsent: there is none, or the service does not answer for now.
            SettingsError: it is another stream's, or it did not become active.
        """
        if self.name is not None and self.arn is not None:
            raise SettingsError("HEADRACE_CONSUMER_NAME and HEADRACE_CONSUMER_ARN: set one of them")
        if self.arn is not None and not self.arn.startswith(f"{stream.arn}/consumer/"):
            raise SettingsError(f"HEADRACE_CONSUMER_ARN: {self.arn} is no consumer of {stream.arn}")
        with looking_for(f"consumer {self.name or self.arn}"):
            arn = self.arn if self.name is None else _register(stream, self.name)
            return None if arn is None else _await_active(stream, arn, pause)


def _register(stream: Stream, name: str) -> str:
    client, arn = stream.client, stream.arn
    try:
        found = client.describe_stream_consumer(StreamARN=arn, ConsumerName=name)
        return found["ConsumerDescription"]["ConsumerARN"]
    except ClientError as error:
        if code(error) != ABSENT:
            raise
    made = client.register_stream_consumer(StreamARN=arn, ConsumerName=name)
    return made["Consumer"]["ConsumerARN"]


def _await_active(stream: Stream, arn: str, pause: float) -> str:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        answer = stream.client.describe_stream_consumer(ConsumerARN=arn)
        status = answer["ConsumerDescription"]["ConsumerStatus"]
        if status == "ACTIVE":
            return arn
        if status == "DELETING" or time.monotonic() > deadline:
            raise SettingsError(f"consumer {arn} is {status}, not ACTIVE")
        time.sleep(pause)
