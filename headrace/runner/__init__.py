"""The event source mapping off AWS: poll, filter, batch, invoke, retry, dead letter, commit.

    from headrace.runner import KafkaSource, MappingSettings, run

    run(handler, KafkaSource(bootstrap_servers="localhost:9092", topic="orders", group="billing"))

Each idea stands in a file of its own, and none knows a concrete worker:

    poller            what a source must do (Poller), and what it is given (Intake)
    kafka/, kinesis/, dynamodb/  poll a source and feed its partitions or shards
    shards/           what streams of shards have in common
    sqs/              receive from a queue and delete; an engine of its own, since it is no log
    filter/           which records are worth an invocation
    dispatch/         which batch is handed out next: partitions, their key groups, what is done
    handler_threads   the threads that attempt batches, and poll by turns
    protocol/         the JSON of the service: events, responses, sizes
    function/         how a batch reaches the function, here, in a child process or elsewhere
    windows/          tumbling windows, whose state goes from one invocation to the next
    delivery/         one attempt, what follows if it fails, and where a record goes in the end
    committer         positions move after success, and never past an open record
    mapping           all of it together; compose: puts it together from settings
    monitoring/       what was counted, and how it is shown
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headrace.runner.compose import run
    from headrace.runner.dynamodb.settings import DynamoDbSource
    from headrace.runner.kafka.settings import KafkaSource
    from headrace.runner.kinesis.settings import KinesisSource
    from headrace.runner.monitoring.stats import Stats
    from headrace.runner.settings import MappingSettings
    from headrace.runner.sqs.settings import SqsSource
    from headrace.runner.stop import Stop

__all__ = [
    "DynamoDbSource",
    "KafkaSource",
    "KinesisSource",
    "MappingSettings",
    "SqsSource",
    "Stats",
    "Stop",
    "run",
]

# Lazily: the settings alone are quick to import, and `run` is not.
_PLACES = {
    "DynamoDbSource": "dynamodb.settings",
    "KafkaSource": "kafka.settings",
    "KinesisSource": "kinesis.settings",
    "MappingSettings": "settings",
    "SqsSource": "sqs.settings",
    "Stats": "monitoring.stats",
    "Stop": "stop",
    "run": "compose",
}

if not TYPE_CHECKING:  # else any name would pass for one of this module's

    def __getattr__(name: str) -> object:
        """Import what is asked for."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
