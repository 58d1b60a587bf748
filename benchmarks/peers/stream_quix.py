"""Quix Streams: a dataframe over the topic, at least once (its default)."""

from quixstreams import Application

from benchmarks.peers.stream import BOOTSTRAP, GROUP, TOPIC, Job


def main() -> None:
    """Consume until the last record."""
    job = Job()
    app = Application(
        broker_address=BOOTSTRAP,
        consumer_group=GROUP,
        auto_offset_reset="earliest",
        processing_guarantee="at-least-once",
        loglevel="ERROR",
    )

    def handle(value: bytes) -> None:
        if job.handle(value):
            app.stop()

    topic = app.topic(TOPIC, value_deserializer="bytes")
    frame = app.dataframe(topic)
    frame.update(handle)
    app.run()


main()
