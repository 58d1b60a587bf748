"""The consumer of Kinesis data streams."""

from headrace.handler import lambda_handler
from workers.consumer import LoggingConsumer


class KinesisConsumer(LoggingConsumer):
    """Logs stream, shard, sequence number, partition key, value and lag of each message."""


handler = lambda_handler(KinesisConsumer)
