"""The consumer of Amazon MSK and self-managed Kafka topics."""

from workers.consumer import Consumer
from workers.handler import lambda_handler


class MskConsumer(Consumer):
    """Logs topic, partition, offset, key, value and lag of each message."""


handler = lambda_handler(MskConsumer)
