"""What a user should know at the start of a run on a queue."""

from typing import Any

from headrace.handler import Handler
from headrace.log import Log
from headrace.runner.function.open import record_handler
from headrace.runner.settings import MappingSettings
from headrace.runner.sqs.queue import Queue
from headrace.runner.sqs.settings import SqsSource
from headrace.runner.start_warnings import warn_of_worker


def warn(
    source: SqsSource, settings: MappingSettings, queue: Queue, handler: Any, log: Log
) -> None:
    """Say what becomes of messages that always fail, of rejected ones, and of results.

    Args:
        source: how the queue is read.
        settings: of the mapping.
        queue: what is read.
        handler: the function, if it is in this process.
        log: takes the lines.
    """
    given_up = source.asynchronous and settings.on_failure_url is not None
    if queue.most_receives is None and not given_up:
        log.warning(
            "the queue has no redrive policy: a message that always fails comes again until the"
            " queue keeps it no longer"
        )
    by_itself = record_handler(handler, settings) or settings.report_batch_item_failures
    if not (source.asynchronous or by_itself):
        log.warning(
            "the function answers for whole batches: all of a batch comes again if it raises",
            setting="HEADRACE_REPORT_BATCH_ITEM_FAILURES",
        )
    if isinstance(handler, Handler):
        warn_of_worker(handler, log, gives_up=given_up or queue.most_receives is not None)
