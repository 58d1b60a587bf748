"""What a user should know at the start of a run on a queue."""

from typing import Any

from headrace.handler import Handler
from headrace.log import Log
from headrace.runner.function.open import record_handler
from headrace.runner.settings import MappingSettings
from headrace.runner.sqs.queue import Queue
from headrace.runner.start_warnings import warn_of_worker


def warn(settings: MappingSettings, queue: Queue, handler: Any, log: Log) -> None:
    """Say what becomes of messages that always fail, of rejected ones, and of results.

    Args:
        settings: of the mapping.
        queue: what is read.
        handler: the function, if it is in this process.
        log: takes the lines.
    """
    if queue.most_receives is None:
        log.warning(
            "the queue has no redrive policy: a message that always fails comes again until the"
            " queue keeps it no longer"
        )
    if not (record_handler(handler, settings) or settings.report_batch_item_failures):
        log.warning(
            "the function answers for whole batches: all of a batch comes again if it raises",
            setting="HEADRACE_REPORT_BATCH_ITEM_FAILURES",
        )
    if isinstance(handler, Handler):
        warn_of_worker(handler, log, gives_up=queue.most_receives is not None)
