"""A runner in a thread of its own, until all that a test waits for is done."""

import threading
from collections.abc import Callable
from typing import Any

from headrace.runner.monitoring.stats import Snapshot, Stats
from headrace.runner.stop import Stop

# A test waits for its runner: what production does to spare a broker would only make it slow.
QUICK = {
    "maximum_batching_window_in_seconds": 0.0,
    "retry_backoff_seconds": 0.01,
    "retry_backoff_max_seconds": 0.1,
    "drain_timeout_seconds": 5.0,
    "log_level": "WARNING",
}
_ENDING_SECONDS = 30.0


def run_until_done(runner: Callable[[Stats, Stop], None], records: int, seconds: float) -> Snapshot:
    """Run until so many records are done and committed.

    Args:
        runner: runs until the stop that it is given says so.
        records: how many records to wait for.
        seconds: the longest time to wait.

    Returns:
        the runner's counts.

    Raises:
        TimeoutError: the records were not done in time; the text says how far it came.
        Exception: whatever ended the runner early.
    """
    stats, stop = Stats(), Stop(max_records=records)
    broken: list[BaseException] = []

    def guarded() -> None:
        try:
            runner(stats, stop)
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread of the test
            broken.append(error)

    thread = threading.Thread(target=guarded, name="headrace-test", daemon=True)
    thread.start()
    thread.join(seconds)
    late = thread.is_alive()
    stop.request()
    thread.join(_ENDING_SECONDS)
    if broken:
        raise broken[0]
    counts = stats.snapshot()
    if late:
        raise TimeoutError(f"not done in {seconds:g} s: {_described(counts, records)}")
    return counts


def _described(counts: Snapshot, records: int) -> str:
    shown: dict[str, Any] = {
        "polled": counts.polled,
        "done": counts.done,
        "dead-lettered": counts.dead_lettered,
        "retried": counts.retried,
        "committed": counts.committed,
    }
    return f"of {records} records " + ", ".join(f"{count} {name}" for name, count in shown.items())
