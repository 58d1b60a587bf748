"""The runner and its peers on one real Kafka: each a process of its own, a new group, by turns."""

import os
import statistics
import uuid
from collections.abc import Mapping, Sequence

import msgspec
import orjson
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from benchmarks.peers.stream import Job
from benchmarks.process import OURS, ROOT, figures
from headrace import Record, Worker, lambda_handler

Runs = dict[str, list[dict[str, float]]]

_STREAMS = str(ROOT / ".venv-bench-streams" / "bin" / "python")
_QUIX = str(ROOT / ".venv-bench-quix" / "bin" / "python")
TUNED = "bare loop that fetches as the runner does"
PEERS = {
    "bare confluent_kafka loop": [OURS, "-m", "benchmarks.peers.stream_bare"],
    # By default, the client stops fetching for a second whenever it has 100,000 messages ahead.
    TUNED: [
        *(OURS, "-m", "benchmarks.peers.stream_bare", "fetch.queue.backoff.ms=50"),
    ],
    "bare loop, one poll a message": [OURS, "-m", "benchmarks.peers.stream_poll"],
    "sentry-arroyo": [_STREAMS, "-m", "benchmarks.peers.stream_arroyo"],
    "FastStream (confluent)": [_STREAMS, "-m", "benchmarks.peers.stream_faststream"],
    "Quix Streams": [_QUIX, "-m", "benchmarks.peers.stream_quix"],
    "faust-streaming": [_STREAMS, "-m", "benchmarks.peers.stream_faust", "--quiet", "worker"],
}
FASTSTREAM_AT_ONCE = [_STREAMS, "-m", "benchmarks.peers.stream_faststream_at_once"]
_FLUSH_EVERY = 1000


class JobWorker(Worker):
    """The handler of all contestants, as a worker."""

    def setup(self) -> None:
        """Make the clock."""
        self.job = Job()

    def process(self, record: Record) -> None:
        """Handle one record."""
        self.job.handle(record.value or b"")


class Unit(msgspec.Struct):
    """A part of `Message`."""

    mm: str


class Message(msgspec.Struct):
    """What `message` makes, as types."""

    id: int
    name: str
    readings: list[float]
    text: str
    unit: Unit
    sent: float | None = None


class Used(msgspec.Struct):
    """Of `Message`, what the handler uses."""

    id: int
    sent: float | None = None


class TypedJob(Job):
    """Decodes each record into a type, and checks it on the way.

    Args:
        kind: the type.
    """

    def __init__(self, kind: type[Message] | type[Used]) -> None:
        super().__init__()
        self._typed = msgspec.json.Decoder(kind)

    def _sent(self, value: bytes) -> float | None:
        return self._typed.decode(value).sent


class TypedJobWorker(JobWorker):
    """A handler with a type for all that comes."""

    def setup(self) -> None:
        """Make the clock."""
        self.job = TypedJob(Message)


class FrugalJobWorker(JobWorker):
    """A handler with a type of what it uses: the rest is passed over."""

    def setup(self) -> None:
        """Make the clock."""
        self.job = TypedJob(Used)


class AsyncJobWorker(Worker):
    """The same for a handler that waits without a thread."""

    def setup(self) -> None:
        """Make the clock."""
        self.job = Job()

    async def process(self, record: Record) -> None:
        """Handle one record."""
        await self.job.handle_async(record.value or b"")


handler = lambda_handler(JobWorker)
typed_handler = lambda_handler(TypedJobWorker)
frugal_handler = lambda_handler(FrugalJobWorker)
async_handler = lambda_handler(AsyncJobWorker)
HANDLER, AWAITING = "benchmarks.streams:handler", "benchmarks.streams:async_handler"
TYPED, FRUGAL = "benchmarks.streams:typed_handler", "benchmarks.streams:frugal_handler"


def ours(
    bootstrap: str, topic: str, records: int, *flags: str, handler: str = HANDLER
) -> list[str]:
    """The command of the runner, with its defaults where no flags say otherwise."""
    return [
        *(OURS, "-m", "headrace", "run", handler),
        *("--kafka", bootstrap, "--topic", topic),
        *("--max-records", str(records), "--log-level", "WARNING"),
        *flags,
    ]


def environ(
    bootstrap: str, topic: str, records: int, *, wait_ms: float = 0, concurrency: int = 1
) -> dict[str, str]:
    """The variables that tell a contestant what to do; its group is a new one."""
    group = uuid.uuid4().hex
    return {
        **os.environ,
        "HEADRACE_GROUP": group,  # the runner's own variable
        "STREAM_BOOTSTRAP": bootstrap,
        "STREAM_TOPIC": topic,
        "STREAM_GROUP": group,
        "STREAM_RECORDS": str(records),
        "STREAM_WAIT_MS": str(wait_ms),
        "STREAM_CONCURRENCY": str(concurrency),
    }


def race(contestants: Mapping[str, Sequence[str]], runs: int, **job: float | str) -> Runs:
    """Figures of each contestant, by turns; the first turn, which warms the broker, is left out."""
    taken: Runs = {name: [] for name in contestants}
    for _ in range(runs + 1):
        for name, command in contestants.items():
            taken[name].append(figures(command, environ(**job)))  # type: ignore[arg-type]
    return {name: all_runs[1:] for name, all_runs in taken.items()}


def median(runs: list[dict[str, float]], figure: str) -> float:
    """The median of one figure."""
    return statistics.median(run[figure] for run in runs)


def cost(runs: list[dict[str, float]], records: int) -> float:
    """The median of processor time, in µs a record."""
    return median(runs, "processor") / records * 1e6


def make_topic(bootstrap: str, partitions: int) -> str:
    """A new topic."""
    name = f"orders-{uuid.uuid4().hex[:8]}"
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(name, partitions, 1)])[name].result(60)
    return name


def produce(bootstrap: str, topic: str, records: int, keys: int = 1000) -> None:
    """Write JSON records of 1 kB, spread over the keys."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 50})
    for number in range(records):
        producer.produce(topic, orjson.dumps(message(number)), str(number % keys))
        if number % _FLUSH_EVERY == 0:
            producer.flush()
    producer.flush()


def message(number: int) -> dict[str, object]:
    """One record of 1 kB."""
    return {
        "id": number,
        "name": "x" * 320,
        "readings": [1.5] * 40,
        "text": "y" * 420,
        "unit": {"mm": "s"},
    }
