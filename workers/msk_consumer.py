"""The consumer of Amazon MSK and self-managed Kafka topics."""

from headrace.handler import lambda_handler
from workers.consumer import LoggingConsumer


class MskConsumer(LoggingConsumer):
    """Logs topic, partition, offset, key, value and lag of each message."""


handler = lambda_handler(MskConsumer)
