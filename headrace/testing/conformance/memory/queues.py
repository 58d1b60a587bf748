"""A requirement of a queue on our runner, with its threads, on the real clock."""

import threading
import time
from contextlib import ExitStack
from typing import Any, cast

from headrace.log import logger
from headrace.runner.function.context import close
from headrace.runner.function.open import open_invoker
from headrace.runner.function.types import BuildEvent, Invoke
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings
from headrace.runner.sqs.check import check_for_queue
from headrace.runner.sqs.open import open_mapping
from headrace.runner.sqs.queue import Queue
from headrace.runner.sqs.settings import SqsSource
from headrace.runner.stop import Stop
from headrace.testing.conformance.arrivals import Arrivals
from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.memory.sqs_client import MemoryQueue
from headrace.testing.conformance.observed import Observed
from headrace.testing.conformance.requirement import Requirement

_REAL_SECONDS = 30.0
_IDLE_SECONDS = 0.3  # if there was never a message


def run_queue(requirement: Requirement, settings: MappingSettings, handler: Any | None) -> Observed:
    """Run until the queue holds nothing any more.

    Raises:
        SettingsError: the runner refuses the mapping.
        TimeoutError: messages are left.
    """
    is_fifo = requirement.source == "fifo"
    source = SqsSource(queue="orders.fifo" if is_fifo else "orders", receive_wait_seconds=1)
    check_for_queue(source, settings)
    stop, stats, log = Stop(), Stats(), logger("runner", settings.log_level)
    arrivals: Arrivals

    def at_rest() -> None:
        if requirement.records and arrivals.next_at is None:
            stop.request()
            client.close()

    client = MemoryQueue(source.queue, requirement.queue, at_rest)

    def write(record: GivenRecord) -> None:
        client.put(record, record.key if is_fifo else None)

    arrivals = Arrivals(requirement, write)
    arrivals.until(0)
    with ExitStack() as stack:

        def open_invoke(build: BuildEvent) -> Invoke:
            invoke = open_invoker(handler, build, settings)
            stack.callback(close, invoke)
            return invoke

        queue = Queue(cast("Any", client), source.queue)
        mapping = open_mapping(queue, source, settings, open_invoke, stats, stop, log)
        watch = threading.Thread(target=_watch, args=(arrivals, stop, client), daemon=True)
        watch.start()
        mapping.run()
        watch.join()
    names = requirement.names()
    left = [names[body] for body in client.left()]
    if left:
        raise TimeoutError(f"still in the queue: {left}")
    return Observed(left=left, dead=[names[body] for body in client.dead])


def _watch(arrivals: Arrivals, stop: Stop, client: MemoryQueue) -> None:
    """Send what comes later; end a run that does not come to rest, or has nothing to do."""
    begun = time.monotonic()
    patience = _REAL_SECONDS if arrivals.next_at is not None or client.left() else _IDLE_SECONDS
    while not stop.requested and time.monotonic() - begun < patience:
        arrivals.until(time.monotonic() - begun)
        stop.wait(0.01)
    stop.request()
    client.close()
