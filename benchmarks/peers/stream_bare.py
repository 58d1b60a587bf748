"""What a user would write on confluent-kafka: at least once, without any care for failures."""

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
            "fetch.queue.backoff.ms": 50,  # as the runner: the default of a second stalls both
            "enable.auto.commit": False,
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
