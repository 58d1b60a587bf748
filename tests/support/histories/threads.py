"""Schedules on a topic in memory, run by the runner's own threads on the real clock."""

import logging
from contextlib import ExitStack
from unittest import mock

from msgspec.structs import replace

from headrace.log import logger
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.function.open import open_invoker
from headrace.runner.kafka.poller import KafkaPoller
from headrace.runner.mapping import EventSourceMapping
from headrace.runner.monitoring.stats import Stats
from headrace.runner.protocol.events import event_of
from headrace.runner.stop import Stop
from headrace.testing.given_settings import all_settings
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_topic import MemoryTopic
from headrace.testing.opened import opened
from headrace.testing.stream_view import StreamView
from tests.support.histories.play import Entry, Script, note_results
from tests.support.histories.schedules import Block


class ThreadedRun(StreamView):
    """A topic in memory, and one run of the runner on it, from its start to its end."""

    def __init__(self, partitions: int) -> None:
        super().__init__(MemoryTopic(partitions), [])

    def produce(self, values, key, *, partition) -> None:
        for value in values:
            self._topic.produce(value, key, partition)

    def run(self, worker, **settings) -> None:
        chosen = all_settings(settings)
        mapping = replace(
            chosen.mapping,
            function_concurrency=3,
            maximum_batching_window_in_seconds=0.0,
            retry_backoff_seconds=0.001,
            retry_backoff_max_seconds=0.002,
        )
        stats, log = Stats(), logger("threads", "ERROR")
        consumer, size = MemoryConsumer(self._topic), mapping.records_per_batch
        poller = KafkaPoller(consumer, self._topic.name, size)
        written = sum(map(len, self._topic.partitions.values()))
        with opened(worker, chosen.worker, self._sink, self._letters) as handler:
            deliverer = Deliverer(
                open_invoker(handler, event_of, mapping),
                RetryLimits(mapping.maximum_retry_attempts, -1),
                FailureDestination(self._letters),
                stats,
                log,
            )
            stop = Stop(max_records=written)
            EventSourceMapping(mapping, poller, deliverer, stats, stop, log).run()


def on_threads(block: Block) -> dict[int, list[Entry]]:
    """Play the first phase of a block: everything is written, then all of it is run."""
    script, run = Script(block), ThreadedRun(len(block.partitions))
    for step in range(max(len(phases[0].writes) for phases in block.partitions)):
        script.write(run, 0, step)
    with ExitStack() as stack:
        logging.disable(logging.CRITICAL)
        stack.callback(logging.disable, logging.NOTSET)
        stack.enter_context(mock.patch("headrace.runner.handler_threads._LOOK_IN_SECONDS", 0.005))
        run.run(script.worker(), **block.settings)
    script.note(run, "end")
    note_results(run, script)
    return script.history
