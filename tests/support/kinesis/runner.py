"""Runs a worker on one stream, again and again, with the same checkpoints."""

from collections.abc import Callable, Sequence
from pathlib import Path

from headrace.log import logger
from headrace.record import Record
from headrace.runner.backoff import Backoff
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.kinesis.open import open_poller
from headrace.runner.kinesis.settings import KinesisSource, open_client
from headrace.runner.mapping import EventSourceMapping
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings
from headrace.runner.shards.checkpoints import Checkpoints
from headrace.runner.shards.pace import Pace
from headrace.runner.stop import Stop
from headrace.testing.moto_server import kinesis_client
from tests.support.runner import QUICK, per_record
from tests.support.waiting import request_soon

QUICK_PACE = Pace(
    idle=0.3,
    listing=1.0,
    failed_read=Backoff(first=0.1, longest=0.5),
    failed_listing=0.2,
    registration=0.05,
)


class StreamRunner:
    """A runner with its checkpoints in a folder.

    Attributes:
        seen: every record that was processed, in order, over all runs.
        client: the Kinesis client.
    """

    kind = "kinesis"

    def __init__(self, endpoint: str, stream: str, folder: Path, **source) -> None:
        self.source = KinesisSource(
            stream=stream,
            checkpoints=str(folder / "checkpoints.sqlite"),
            endpoint_url=endpoint,
            region="us-east-1",
            **source,
        )
        self.seen: list[Record] = []
        self.client = open_client(self.source)

    def run(
        self,
        process: Callable[[Record], object] = lambda record: None,
        stop: Stop | None = None,
        *,
        until: int | None = None,
        by_event: bool = False,
        stats: Stats | None = None,
        **settings,
    ) -> Stats:
        """Run until `stop` says so; by default, until nothing has come for a while.

        Args:
            process: takes each record.
            stop: says when to end.
            until: end soon after so many records were seen, over all runs.
            by_event: hand aggregates over as a function gets them that takes events.
            stats: counts what happens.
            settings: of the mapping.
        """
        chosen = MappingSettings(**QUICK | settings)
        stats, stop = stats or Stats(), stop or Stop(when_idle=None if until else 1.5)

        def note(record: Record) -> None:
            process(record)
            self.seen.append(record)
            if len(self.seen) == until:
                request_soon(stop)

        self._run(note, chosen, stats, stop, by_event=by_event)
        return stats

    def values(self) -> list[int]:
        """What was processed, as numbers."""
        return [int(record.value) for record in self.seen]

    def _run(
        self,
        note: Callable[[Record], object],
        chosen: MappingSettings,
        stats: Stats,
        stop: Stop,
        *,
        by_event: bool,
    ) -> None:
        log = logger("test", "CRITICAL")
        deliverer = Deliverer(per_record(note), RetryLimits(-1, -1), None, stats, log)
        with Checkpoints(Path(self.source.checkpoints)) as checkpoints:
            poller = self._open(chosen, checkpoints, by_event=by_event)
            mapping = EventSourceMapping(
                chosen, poller, deliverer, stats, stop, log, source=self.kind
            )
            mapping.run()

    def _open(self, chosen: MappingSettings, checkpoints: Checkpoints, *, by_event: bool):
        return open_poller(
            self.client, self.source, chosen, checkpoints, by_event=by_event, pace=QUICK_PACE
        ).poller


def put(endpoint: str, stream: str, numbers: Sequence[int], keys: int = 7) -> None:
    """Put numbers, one by one: the order of a key must be the order of the calls."""
    client = kinesis_client(endpoint)
    for number in numbers:
        client.put_record(StreamName=stream, Data=b"%d" % number, PartitionKey=f"k{number % keys}")


def first_orders(values: Sequence[int], keys: int = 7) -> list[list[int]]:
    """The first delivery of each number, in order, by key."""
    firsts = list(dict.fromkeys(values))
    return [[value for value in firsts if value % keys == key] for key in range(keys)]
