"""A poller under tumbling windows: the position stays before the first record of an open window."""

from collections.abc import Sequence
from typing import Protocol, cast

from headrace.errors import SettingsError
from headrace.record import Record, kinesis_position
from headrace.runner.dispatch.partition import Lane
from headrace.runner.function.open import Invoke
from headrace.runner.mapping import Mapping
from headrace.runner.poller import Poller
from headrace.runner.windows.windows import Windows


class ShardPoller(Poller, Protocol):
    """A poller that knows how far it has read."""

    def caught_up(self, shard: str) -> bool:
        """Whether the last read of a shard came to its present end."""
        ...


class WindowPoller:
    """Passes everything on, but commits only what no open window needs again.

    Its lanes count as committed all the same, for they would stand still otherwise; they are held
    instead, so that a shard is not finished, nor a run idle, before its last window is closed.

    Args:
        poller: the stream's own.
        windows: invokes the function.
    """

    def __init__(self, poller: ShardPoller, windows: Windows) -> None:
        self._poller = poller
        self._windows = windows
        self._done: dict[str, Record] = {}  # by shard: what the mapping takes for committed
        self._saved: dict[str, int] = {}  # sequence numbers by shard
        self.window = poller.window

    @property
    def ready(self) -> bool:
        """As the poller's."""
        return self._poller.ready

    def start(self, mapping: Mapping) -> None:
        """Begin to open lanes and to feed them."""
        self._mapping = mapping
        self._poller.start(mapping)

    def poll(self, wait: float) -> None:
        """Poll; close the windows that are over, and commit what that sets free."""
        lanes = {lane.name: lane for lane in self._mapping.dispatcher.lanes()}
        for name, lane in lanes.items():
            lane.held = self._windows.is_open(name)
        self._poller.poll(wait)
        self._windows.close_due(lambda shard: self._is_read(lanes.get(shard), shard))
        self._save()

    def commit(self, records: Sequence[Record]) -> None:
        """Note what is done, and make durable what is safe. Raises where it could not."""
        self._done |= {kinesis_position(record).shard: record for record in records}
        self._save()

    def close(self) -> None:
        """Leave the source."""
        self._poller.close()

    def _is_read(self, lane: Lane | None, shard: str) -> bool:
        """Whether nothing of a shard is still to be delivered."""
        is_done = lane is None or lane.prefix.end == lane.prefix.fed
        return is_done and self._poller.caught_up(shard)

    def _save(self) -> None:
        new = {}
        for shard, record in self._done.items():
            safe = self._windows.safe(record)
            if safe is not None and _number(safe) > self._saved.get(shard, -1):
                new[shard] = safe
        if new:
            self._poller.commit(list(new.values()))
            self._saved |= {shard: _number(record) for shard, record in new.items()}


def with_windows(poller: Poller, invoke: Invoke, source: str) -> Poller:
    """The poller, under windows where the invoker has some. Raises SettingsError for Kafka."""
    if not isinstance(invoke, Windows):
        return poller
    if source != "kinesis":
        raise SettingsError("HEADRACE_TUMBLING_WINDOW_IN_SECONDS is for Kinesis alone")
    return WindowPoller(cast("ShardPoller", poller), invoke)


def _number(record: Record) -> int:
    return int(kinesis_position(record).sequence_number)
