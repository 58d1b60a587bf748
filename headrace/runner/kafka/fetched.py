"""What confluent's client returned, in the runner's own words."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from confluent_kafka import KafkaError, Message

from headrace.kafka.records import to_records
from headrace.runner.kafka.client_log import ClientLog
from headrace.runner.kafka.consumer import (
    ConsumerError,
    ConsumerRefused,
    Fetched,
    LogEnd,
    NoPosition,
    Records,
    Unreadable,
)
from headrace.runner.protocol.payload import largest

# What time does not mend. An error in the place of a message has no flag that says it is fatal.
_ENDS = {
    KafkaError._FATAL,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
}


def fetched(messages: Sequence[Message], log: ClientLog) -> list[Fetched]:
    """Return records, and what the client says in the place of messages.

    Args:
        messages: of one topic, in the order of the client.
        log: is told of errors that pass by themselves.

    Raises:
        ConsumerError: The client cannot go on.
    """
    if not any(map(Message.error, messages)):
        return list(_records(messages))
    found: list[Fetched] = []
    for is_error, run in groupby(messages, lambda message: message.error() is not None):
        alike = list(run)
        found += _told(alike, log) if is_error else _records(alike)
    return found


def explained(error: KafkaError) -> ConsumerError:
    """Return a client's error as one of ours."""
    kind = ConsumerRefused if error.code() in _ENDS else ConsumerError
    return kind(f"{error.str()} ({error.name()})")


def _records(messages: Iterable[Message]) -> Iterator[Fetched]:
    for partition, run in groupby(messages, Message.partition):
        yield from _of_partition(partition or 0, list(run))


def _of_partition(partition: int, messages: Sequence[Message]) -> Iterator[Fetched]:
    records, keys, headers, unreadable = to_records(messages)
    lengths = list(map(len, messages))
    most = largest(max(lengths), keys, headers)
    if not unreadable:
        yield Records(partition, records, most, sum(lengths))
        return
    begin = 0
    for index, why in unreadable.items():
        if begin < index:
            yield Records(partition, records[begin:index], most, sum(lengths[begin:index]))
        yield Unreadable(partition, records[index], why)
        begin = index + 1
    if begin < len(records):
        yield Records(partition, records[begin:], most, sum(lengths[begin:]))


def _told(messages: Iterable[Message], log: ClientLog) -> Iterator[Fetched]:
    for message in messages:
        error, partition = message.error(), message.partition() or 0
        if error is None:
            continue
        if error.code() == KafkaError._PARTITION_EOF:
            yield LogEnd(partition, message.offset() or 0)
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:
            yield NoPosition(partition)
        elif error.fatal() or error.code() in _ENDS:
            raise explained(error)
        else:
            log.warning("consumer error", error=error.str(), code=error.name())
