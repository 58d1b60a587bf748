"""A bare consumer that tells of its first message."""

from confluent_kafka import Consumer

from benchmarks.peers.stream import BOOTSTRAP, GROUP, TOPIC


def main() -> None:
    """Wait for a message."""
    consumer = Consumer(
        {"bootstrap.servers": BOOTSTRAP, "group.id": GROUP, "enable.auto.commit": False}
    )
    consumer.subscribe([TOPIC])
    while (message := consumer.poll(1)) is None:
        pass
    print(message.offset(), flush=True)


main()
