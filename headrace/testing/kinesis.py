"""A stand-in for Kinesis: streams that a test writes to, runs a worker on and reads."""

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from headrace.record import KinesisPosition, Record
from headrace.runner.compose import run
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.kinesis.stream import Stream
from headrace.runner.monitoring.stats import Snapshot, Stats
from headrace.runner.shards.checkpoints import Checkpoints
from headrace.runner.stop import Stop
from headrace.sinks import Message, open_sink
from headrace.testing.bounded_run import QUICK, run_until_done
from headrace.testing.brokers.process import BrokerError
from headrace.testing.given_settings import all_settings
from headrace.testing.moto_server import create_stream, kinesis_client
from headrace.testing.opened import opened
from headrace.testing.records import GivenKey, kinesis_record, kinesis_records
from headrace.worker import Worker

_SECONDS = 30.0


class Kinesis:
    """A stand-in, and how to make streams on it.

    Args:
        endpoint: the stand-in's address, to which AWS's own variables point as well.
        folder: where checkpoints lie.
    """

    def __init__(self, endpoint: str, folder: Path) -> None:
        self.endpoint = endpoint
        self._folder = folder

    def stream(self, shards: int = 1, name: str | None = None) -> "KinesisStream":
        """Create a stream; unless it is given a name, it gets one that nothing else has."""
        name = name or f"headrace-{uuid.uuid4().hex[:12]}"
        create_stream(self.endpoint, name, shards)
        return KinesisStream(self.endpoint, name, self._folder / f"{name}.sqlite")


class KinesisStream:
    """A stream of a test.

    Args:
        endpoint: the stand-in's address.
        name: the stream's name.
        checkpoints: the file that keeps how far it is done.

    Attributes:
        name: the stream's name.
        url: the stream as a sink, for `sink_url` and `dead_letter_url`.
    """

    def __init__(self, endpoint: str, name: str, checkpoints: Path) -> None:
        self.name = name
        self.url = f"kinesis://{name}"
        self._endpoint = endpoint
        self._checkpoints = checkpoints
        self._found = Stream(kinesis_client(endpoint), name)

    def produce(self, values: Iterable[Any], key: GivenKey = None) -> None:
        """Write values, and wait until the stream has them all.

        Args:
            values: plain values; of a Record, key and value are written.
            key: the key of every plain value, or a function that finds a value's key.
        """
        records = kinesis_records(values, key)
        sink = open_sink(f"{self.url}?endpoint={self._endpoint}")
        refusals = sink.send([Message(record.key, record.value) for record in records])
        sink.close()
        refused = [refusal for refusal in refusals if refusal is not None]
        if refused:
            raise BrokerError(f"the stream did not take {len(refused)} records: {refused[0]}")

    def records(self) -> list[Record]:
        """Read all that the stream holds now, shard by shard."""
        shards = kinesis_client(self._endpoint).list_shards(StreamName=self.name)["Shards"]
        return [record for shard in shards for record in self._records(shard["ShardId"])]

    def committed(self) -> dict[str, str]:
        """Return the sequence number of the last record that is done in each shard, if any is."""
        with Checkpoints(self._checkpoints) as checkpoints:
            found = checkpoints.load(self._found.identity)
        return {
            shard: place.sequence_number
            for shard, place in found.items()
            if place.sequence_number is not None
        }

    def run(self, worker: type[Worker], *, seconds: float = _SECONDS, **settings: Any) -> Snapshot:
        """Run a worker on the stream until all that it holds now is done and committed.

        Args:
            worker: the class of the worker.
            seconds: the longest time to wait.
            settings: settings of the worker and of the runner by name, such as
                `dead_letter_url=letters.url, batch_size=10`.

        Returns:
            the runner's counts, such as `polled`, `done` and `dead_lettered`.

        Raises:
            TimeoutError: it was not done in time; the text says how far it came.
            TypeError: there is no such setting, or its value is wrong.
        """
        chosen = all_settings(QUICK | settings)
        source = KinesisSource(
            stream=self.name, checkpoints=str(self._checkpoints), endpoint_url=self._endpoint
        )
        with opened(worker, chosen.worker, None, None) as handler:

            def runner(stats: Stats, stop: Stop) -> None:
                run(handler, source, chosen.mapping, stats=stats, stop=stop)

            return run_until_done(runner, self._left(), seconds)

    def _left(self) -> int:
        """Count the records that are not done."""
        done = {shard: int(number) for shard, number in self.committed().items()}
        places = [record.position for record in self.records()]
        return sum(
            int(place.sequence_number) > done.get(place.shard, -1)
            for place in places
            if isinstance(place, KinesisPosition)
        )

    def _records(self, shard: str) -> list[Record]:
        client = kinesis_client(self._endpoint)
        iterator: str | None = client.get_shard_iterator(
            StreamName=self.name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records: list[Record] = []
        while iterator is not None:
            answer = client.get_records(ShardIterator=iterator)
            records += [self._record(shard, entry) for entry in answer["Records"]]
            behind = answer["Records"] or answer.get("MillisBehindLatest")
            iterator = answer.get("NextShardIterator") if behind else None
        return records

    def _record(self, shard: str, entry: Any) -> Record:
        return kinesis_record(
            entry["Data"],
            entry["PartitionKey"],
            stream=self.name,
            shard=shard,
            sequence_number=entry["SequenceNumber"],
            timestamp=round(entry["ApproximateArrivalTimestamp"].timestamp() * 1000),
        )
