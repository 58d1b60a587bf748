"""A poller under tumbling windows: the position stays before the first record of an open window."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from headrace.record import Position, ShardPosition
from headrace.runner.poller import Channel, Intake, Poller
from headrace.runner.windows.windows import Windows


class ShardPoller(Poller, Protocol):
    """A poller that knows how far it has read."""

    def caught_up(self, shard: str) -> bool:
        """Return whether the last read of a shard came to its present end."""
        ...


class WindowPoller:
    """Passes everything on, but commits only what no open window needs again.

    The mapping is told that these records are committed, or it would stop handing out more; the
    real checkpoint follows when the window closes. Until then the shard is kept open, so that it
    is not finished, nor a run idle, before its last window is closed.

    Args:
        poller: the stream's own.
        windows: invokes the function.
    """

    def __init__(self, poller: ShardPoller, windows: Windows) -> None:
        self._poller = poller
        self._windows = windows
        self._done: dict[str, ShardPosition] = {}  # by shard: what the mapping takes as committed
        self._saved: dict[str, int] = {}  # sequence numbers by shard
        self.window = poller.window

    @property
    def ready(self) -> bool:
        """Return what the poller returns."""
        return self._poller.ready

    def start(self, intake: Intake) -> None:
        """Begin to open channels and to feed them."""
        self._intake = intake
        self._poller.start(intake)

    def poll(self, wait: float) -> None:
        """Poll; close the windows that are over, and commit what that sets free."""
        channels = {channel.name: channel for channel in self._intake.channels()}
        for name, channel in channels.items():
            self._intake.keep_open(channel, is_open=self._windows.is_open(name))
        self._poller.poll(wait)
        self._windows.close_due(lambda shard: self._is_read(channels, shard))
        self._save()

    def commit(self, positions: Sequence[Position]) -> None:
        """Note what is done, and make durable what is safe. Raises if that failed."""
        for position in positions:
            if isinstance(position, ShardPosition):
                self._done[position.shard] = position
        self._save()

    def close(self) -> None:
        """Leave the source."""
        self._poller.close()

    def _is_read(self, channels: Mapping[str, Channel], shard: str) -> bool:
        """Return whether nothing of a shard is still to be delivered."""
        channel = channels.get(shard)
        is_read = channel is None or self._intake.state(channel).read
        return is_read and self._poller.caught_up(shard)

    def _save(self) -> None:
        new = {}
        for shard, position in self._done.items():
            safe = self._windows.safe(position)
            if safe is not None and int(safe.sequence_number) > self._saved.get(shard, -1):
                new[shard] = safe
        if new:
            self._poller.commit(list(new.values()))
            self._saved |= {shard: int(safe.sequence_number) for shard, safe in new.items()}
