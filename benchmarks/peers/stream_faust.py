"""faust-streaming: an agent over the topic, at least once (its default)."""

import os
import tempfile

import faust

from benchmarks.peers.stream import BOOTSTRAP, CONCURRENCY, GROUP, TOPIC, Job

app = faust.App(
    GROUP,
    broker=f"kafka://{BOOTSTRAP}",
    value_serializer="raw",
    datadir=tempfile.mkdtemp(),
    web_enabled=False,
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
)
topic = app.topic(TOPIC, value_type=bytes, value_serializer="raw")
job = Job()


@app.agent(topic, concurrency=CONCURRENCY)
async def handle(stream: faust.StreamT[bytes]) -> None:
    """Handle records one after the other, in as many streams as the concurrency says."""
    async for value in stream:
        if await job.handle_async(value):
            os._exit(0)  # its orderly stop takes longer than the run


if __name__ == "__main__":
    app.main()
