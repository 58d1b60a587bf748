"""How a message is handed to a producer of Kafka."""

from collections.abc import Callable
from time import monotonic

from confluent_kafka import KafkaError, Producer
from confluent_kafka import Message as Report

from headrace.sinks.base import Message

OnDelivery = Callable[[KafkaError | None, Report], None]

_DRAIN_SECONDS = 0.1


def hand_over(
    producer: Producer, topic: str, message: Message, report: OnDelivery, deadline: float
) -> None:
    """Hand a message over; while the producer's queue is full, let it drain.

    Args:
        producer: takes it.
        topic: where it goes.
        message: its headers' names have an encoding: for another one, the client crashes.
        report: is told what became of it.
        deadline: until when, on the monotonic clock, in seconds.

    Raises:
        BufferError: The queue is still full.
        KafkaException: The producer does not take it.
    """
    while True:
        try:
            producer.produce(
                topic,
                message.value,
                message.key,
                headers=list(message.headers),
                on_delivery=report,
            )
        except BufferError:
            if monotonic() >= deadline:
                raise
            producer.poll(_DRAIN_SECONDS)
        else:
            return
