"""Random schedules: what is written, what fails, where the process hangs, how each phase ends."""

import random

import msgspec

KEYS = (b"a", b"b", b"c", None)
ENDS = ("crash", "stop", "share")
# To lose its partitions, a member must be silent for seconds: not often.
SILENT_EVERY = 8


class Write(msgspec.Struct, frozen=True):
    """One record.

    Attributes:
        key: of the record.
        fails: how often `process` fails with it, before it does not any more.
        rejected: it is rejected then, rather than done.
        hangs: `process` does not return from it, the first time.
    """

    key: bytes | None
    fails: int
    rejected: bool
    hangs: bool


class Phase(msgspec.Struct, frozen=True):
    """What happens to one partition until the runner ends, or its partitions are shared anew.

    Attributes:
        writes: the records of each step.
    """

    writes: list[list[Write]]


class Block(msgspec.Struct, frozen=True):
    """Schedules that share a runner, one for each partition.

    Attributes:
        settings: of the runner.
        commits_late: whether commits wait for the end of the phase.
        ends: how each phase but the last ends.
        partitions: the phases of each partition.
    """

    settings: dict
    commits_late: bool
    ends: list[str]
    partitions: list[list[Phase]]


def block(
    seed: int, partitions: int, *, ends: list[str] | None = None, late: bool | None = None
) -> Block:
    """Make the schedules of a seed; how phases end and when commits are sent may be given."""
    chance = random.Random(seed)
    late, factor = (chance.random() < 0.4 if late is None else late), chance.choice([1, 1, 2, 3])
    size = chance.randint(1, 4)
    settings = {
        "batch_size": size,
        "uncommitted_batches": 100 if late else chance.randint(1, 4),
        "parallelization_factor": factor,
        "maximum_retry_attempts": chance.choice([-1, 0, 1, 2]),
        "maximum_batching_window_in_seconds": chance.choice([0.0, 0.5]),
        "retry_backoff_seconds": 1.0,
        "retry_backoff_max_seconds": chance.choice([1.0, 8.0]),
        "bisect_batch_on_function_error": chance.random() < 0.5,
        "report_batch_item_failures": chance.random() < 0.5,
        "invoke": chance.choice(["records", "records", "event"]),
    }
    if ends is None:
        ends = [chance.choice(ENDS) for _ in range(chance.randint(1, 3))]
        ends[0] = "silence" if seed % SILENT_EVERY == 0 else ends[0]
    schedules = [_phases(chance, len(ends) + 1) for _ in range(partitions)]
    return Block(settings, late, ends, schedules)


def _phases(chance: random.Random, count: int) -> list[Phase]:
    last = count - 1
    return [
        Phase([_writes(chance, hangs=n < last) for _ in range(chance.randint(0, 2))])
        for n in range(count)
    ]


def _writes(chance: random.Random, *, hangs: bool) -> list[Write]:
    return [
        Write(
            chance.choice(KEYS),
            chance.choice([0, 0, 0, 0, 1, 2]),
            chance.random() < 0.1,
            hangs and chance.random() < 0.1,
        )
        for _ in range(chance.randint(1, 5))
    ]
