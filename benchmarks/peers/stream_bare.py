"""What a user would write on confluent-kafka: at least once, without any care for failures.

Arguments are further settings of the consumer, `name=value`.
"""

import sys

from confluent_kafka import Consumer

from benchmarks.peers.stream import BOOTSTRAP, GROUP, TOPIC, WAIT_SECONDS, Job

_CHUNK = 1000


def main() -> None:
    """Consume until the last record."""
    consumer = Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": GROUP,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            **dict(option.split("=") for option in sys.argv[1:]),
        }
    )
    consumer.subscribe([TOPIC])
    job, finished = Job(), False
    # `consume` waits its whole timeout for the last message of a chunk.
    timeout = 0.1 if not WAIT_SECONDS else 0.01
    while not finished:
        messages = consumer.consume(_CHUNK, timeout)
        for message in messages:
            if error := message.error():
                raise RuntimeError(error.str())
            finished = job.handle(message.value() or b"")
        if messages:
            consumer.commit(asynchronous=True)
    consumer.close()


main()
