"""The same loop with one `poll` for each message, which is what a user takes for low latency."""

from confluent_kafka import Consumer

from benchmarks.peers.stream import BOOTSTRAP, GROUP, TOPIC, Job


def main() -> None:
    """Consume until the last record; the client commits what was stored, every five seconds."""
    consumer = Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": GROUP,
            "auto.offset.reset": "earliest",
            "enable.auto.offset.store": False,
        }
    )
    consumer.subscribe([TOPIC])
    job, finished = Job(), False
    while not finished:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if error := message.error():
            raise RuntimeError(error.str())
        finished = job.handle(message.value() or b"")
        consumer.store_offsets(message)
    consumer.close()


main()
