"""Runs of a mapping on an in-memory topic, and what such tests share."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from headrace import testing
from headrace.log import logger
from headrace.processing import isolation as batch
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.kafka.poller import KafkaPoller
from headrace.runner.mapping import EventSourceMapping
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_topic import MemoryTopic
from headrace.testing.records import TOPIC

QUICK = {
    "retry_backoff_seconds": 0.001,
    "retry_backoff_max_seconds": 0.002,
    "maximum_batching_window_in_seconds": 0.0,
    "drain_timeout_seconds": 2.0,
    "log_level": "ERROR",
}


def run_memory(
    consumer: MemoryConsumer,
    invoke,
    destination=None,
    stop: Stop | None = None,
    sizes: Mapping[str, int] = MappingProxyType({}),
    **settings,
) -> Stats:
    """Run a mapping on an in-memory topic until all of it is done (or as `stop` says)."""
    chosen = MappingSettings(**QUICK | settings)
    stats, log = Stats(), logger("test", "CRITICAL")
    limits = RetryLimits(chosen.retries("kafka"), chosen.maximum_record_age_in_seconds)
    poller = KafkaPoller(consumer, TOPIC, chosen.records_per_batch, **sizes)
    deliverer = Deliverer(invoke, limits, destination, stats, log)
    EventSourceMapping(chosen, poller, deliverer, stats, stop or Stop(when_idle=0.05), log).run()
    return stats


def per_record(process: Callable[[Record], object]) -> Callable[[Sequence[Record]], Outcomes]:
    """An invoker that gives records one by one to `process`, holding back failed keys."""
    return lambda records: batch.run(process, records, _refuse)


def _refuse(record, error) -> None:
    raise error


def kafka_record(offset: int, value: bytes | None = b"v", key: bytes | None = None, **more):
    """A record of partition 0."""
    return testing.kafka_record(value, key, offset=offset, **{"timestamp": None} | more)


def kinesis_record(number: str, value: bytes = b"v", key: bytes = b"k") -> Record:
    """A record of one shard."""
    return testing.kinesis_record(
        value, key, stream="clicks", sequence_number=number, timestamp=1_700_000_000_500
    )


def filled(count: int, partitions: int = 1, keys: int = 5) -> MemoryTopic:
    """A topic whose group has begun to read it: its first commit is of something done."""
    broker = MemoryTopic(partitions)
    broker.committed |= dict.fromkeys(range(partitions), 0)
    for number in range(count):
        broker.produce(b"%d" % number, b"k%d" % (number % keys), partition=number % partitions)
    return broker
