"""Where each partition or shard stands, as a table for the terminal."""

import time
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from headrace.runner.monitoring.stats import PartitionStatus, Snapshot

_SLOW_SECONDS = 10.0


def table(now: Snapshot, most: int) -> Table:
    """A table of the partitions, in the order of their names.

    Args:
        now: what to show.
        most: how many rows there is room for. Of more partitions, those that retry are shown, and
            then those that are furthest behind; a caption tells how many are not.
    """
    shown, hidden = _choose(now, most)
    view = Table(box=None, pad_edge=False, header_style="dim")
    view.add_column("shard" if now.age else "partition", no_wrap=True, overflow="ellipsis")
    for heading in ("behind" if now.age else "lag", "waiting", "in flight", "since", "committed"):
        view.add_column(heading, justify="right", no_wrap=True)
    view.add_column("attempt", justify="right", no_wrap=True)
    for partition in shown:
        view.add_row(*_cells(partition, now))
    if hidden:
        worst = max(hidden, key=lambda partition: _distance(partition, now))
        view.caption = f"and {len(hidden):,} more, up to {_behind(worst, now)} behind"
        view.caption_justify = "left"
    return view


def _choose(
    now: Snapshot, most: int
) -> tuple[Sequence[PartitionStatus], Sequence[PartitionStatus]]:
    """Return those to show, and the others."""
    urgent = sorted(
        now.partitions,
        key=lambda partition: (partition.tries > 0, _distance(partition, now)),
        reverse=True,
    )
    return sorted(
        urgent[:most], key=lambda partition: (len(partition.name), partition.name)
    ), urgent[most:]


def _cells(partition: PartitionStatus, now: Snapshot) -> tuple[Text, ...]:
    began = partition.in_flight_since
    running = None if began is None else time.monotonic() - began
    return (
        Text(partition.name),
        Text(_behind(partition, now)),
        _count(partition.buffered),
        _count(partition.in_flight),
        Text("" if running is None else f"{running:.1f} s", style=_alarming(running)),
        _count(partition.committed),
        # The first attempt is nothing to tell of.
        Text(str(partition.tries + 1), style="bold red") if partition.tries else Text(),
    )


def _distance(partition: PartitionStatus, now: Snapshot) -> int:
    return (now.age or now.lag).get(partition.name, 0)


def _behind(partition: PartitionStatus, now: Snapshot) -> str:
    if partition.name in now.age:
        return f"{now.age[partition.name] / 1000:,.1f} s"
    # No lag is known before the first record is done.
    return f"{now.lag[partition.name]:,}" if partition.name in now.lag else "?"


def _count(number: int) -> Text:
    return Text(f"{number:,}", style="" if number else "dim")


def _alarming(seconds: float | None) -> str:
    return "yellow" if seconds is not None and seconds > _SLOW_SECONDS else ""
