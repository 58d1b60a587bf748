"""What a member tells its supervisor, again and again: a line of JSON through a pipe."""

from collections.abc import Sequence

import msgspec

from headrace.runner.monitoring.recent import DeadLettered
from headrace.runner.monitoring.stats import Snapshot


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How a member stands.

    Attributes:
        snapshot: its counts since its start, and its partitions.
        dead_letters: the last ones, the latest first.
        live: whether it polls its source.
        ready: whether it takes records.
    """

    snapshot: Snapshot
    dead_letters: Sequence[DeadLettered]
    live: bool
    ready: bool


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Report).decode
