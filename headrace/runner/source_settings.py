"""What a run may read: for each kind of source its settings, and the one that names it."""

from headrace.runner.dynamodb.settings import DynamoDbSource
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.settings import SourceKind
from headrace.runner.sqs.settings import SqsSource

StreamSource = KafkaSource | KinesisSource | DynamoDbSource
Source = StreamSource | SqsSource

SOURCES: dict[SourceKind, type[Source]] = {
    "kafka": KafkaSource,
    "kinesis": KinesisSource,
    "dynamodb": DynamoDbSource,
    "sqs": SqsSource,
}

NAMED_BY: dict[SourceKind, str] = {
    "kafka": "bootstrap_servers",
    "kinesis": "stream",
    "dynamodb": "table",
    "sqs": "queue",
}
"""The setting that says that this kind of source is read."""

TITLES: dict[SourceKind, str] = {
    "kafka": "Kafka",
    "kinesis": "Kinesis",
    "dynamodb": "DynamoDB",
    "sqs": "SQS",
}
"""What people call it."""

HINTS: dict[SourceKind, str] = {
    "kafka": "--kafka HOST:PORT",
    "kinesis": "--kinesis STREAM",
    "dynamodb": "--dynamodb TABLE",
    "sqs": "--sqs QUEUE",
}
"""How to say that it is read."""


def kind_of(source: Source) -> SourceKind:
    """Return which kind of source these settings are of."""
    return next(kind for kind, settings in SOURCES.items() if isinstance(source, settings))
