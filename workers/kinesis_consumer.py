"""The consumer of Kinesis data streams."""

from workers.consumer import Consumer
from workers.handler import lambda_handler


class KinesisConsumer(Consumer):
    """Logs stream, shard, sequence number, partition key, value and lag of each message."""


handler = lambda_handler(KinesisConsumer)
