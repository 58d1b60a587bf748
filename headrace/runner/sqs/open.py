"""A queue's mapping, put together from settings."""

from collections.abc import Callable, Sequence
from typing import Any

from headrace.log import Log
from headrace.record import Record
from headrace.runner.backoff import Backoff
from headrace.runner.filter.filter import Filter
from headrace.runner.function.types import BuildEvent, Invoke
from headrace.runner.monitoring.stats import Counts, Stats
from headrace.runner.retry_notices import RetryNotices
from headrace.runner.settings import MappingSettings
from headrace.runner.sqs.asynchronous.open import delay, retries_of
from headrace.runner.sqs.caution import Caution
from headrace.runner.sqs.crew import Crew
from headrace.runner.sqs.delivery import Delivery
from headrace.runner.sqs.handlers import Handlers
from headrace.runner.sqs.holdings import Holdings
from headrace.runner.sqs.intake import QueueIntake
from headrace.runner.sqs.keeper import Keeper
from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.mapping import QueueMapping
from headrace.runner.sqs.message import body_of, to_event
from headrace.runner.sqs.pace import Pace
from headrace.runner.sqs.queue import MOST, Queue
from headrace.runner.sqs.receivers import Receivers
from headrace.runner.sqs.returns import Returns
from headrace.runner.sqs.room import Room
from headrace.runner.sqs.settings import SqsSource
from headrace.runner.sqs.trouble import Trouble
from headrace.runner.sqs.waiting import Grouped, Unordered, Waiting
from headrace.runner.stop import Stop

_BATCH_SIZE = 10
_LEAST_AHEAD = 100


def open_mapping(
    queue: Queue,
    source: SqsSource,
    settings: MappingSettings,
    open_invoke: Callable[[BuildEvent], Invoke],
    stats: Stats,
    stop: Stop,
    log: Log,
) -> QueueMapping:
    """Return the mapping of a queue.

    Args:
        queue: as it was found.
        source: how it is read.
        settings: of the mapping, checked.
        open_invoke: given what makes the event of a batch, opens the way to the function.
        stats: counts what happens.
        stop: says when to end.
        log: is told what is out of the ordinary.

    Raises:
        SettingsError: a filter pattern is not one, or there is no function.
        Exception: whatever kept the function from being set up.
    """
    size = settings.batch_size or (1 if source.asynchronous else _BATCH_SIZE)
    holdings = Holdings(queue.name, _waiting(queue, size, settings), _room(source, settings, size))
    invoke = open_invoke(lambda records: _event(records, holdings, queue.arn))
    trouble = Trouble(log)
    returns = Returns(queue, lambda leases: _note_deleted(holdings, stats, leases), trouble, log)
    backoff = Backoff(settings.retry_backoff_seconds, settings.retry_backoff_max_seconds)
    notices = RetryNotices(what_ends(queue, source, settings), log)
    caution = Caution(_wait(source, stop))
    delivery = Delivery(
        invoke,
        holdings,
        returns,
        caution,
        backoff,
        delay if source.asynchronous else backoff.delay,
        stats,
        notices,
        queue.name,
        lambda: holdings.stopped,
    )
    keeper = Keeper(queue, lambda lease: delivery.give_back(holdings.lose(lease)), trouble, log)
    crew = Crew()
    handlers = Handlers(settings.function_concurrency, holdings, delivery.attempt, crew)
    patterns = Filter.parse(settings.filter_criteria, "sqs")
    intake = QueueIntake(
        queue.arn,
        patterns,
        holdings,
        keeper,
        returns,
        delivery.give_back,
        handlers.begin,
        stats,
        stop,
    )
    receivers = Receivers(
        queue,
        holdings,
        caution,
        intake.take,
        _wait(source, stop),
        source.receivers,
        _most(queue, size),
        stop,
        stats,
        trouble,
    )
    return QueueMapping(
        settings,
        holdings,
        receivers,
        delivery,
        keeper,
        returns,
        stats,
        stop,
        log,
        crew,
        source.receivers,
    )


def what_ends(queue: Queue, source: SqsSource, settings: MappingSettings) -> str:
    """Return what ends the deliveries of a message that always fails, in words."""
    if queue.most_receives is None:
        ends = "never, unless the queue gets a redrive policy; or when the queue keeps it no longer"
    else:
        ends = f"after {queue.most_receives} deliveries (the queue's maxReceiveCount)"
    if source.asynchronous and settings.on_failure_url is not None:
        retries = f"after {retries_of(settings)} retries (HEADRACE_MAXIMUM_RETRY_ATTEMPTS)"
        return f"{retries}; of a message that holds no event, {ends}"
    return ends


def _event(records: Sequence[Record], holdings: Holdings, arn: str) -> dict[str, Any]:
    leases = [(record, holdings.lease_of(record)) for record in records]
    return {"Records": [to_event(lease.message, body_of(record), arn) for record, lease in leases]}


def _waiting(queue: Queue, size: int, settings: MappingSettings) -> Waiting:
    if queue.is_fifo:
        return Grouped(size)
    return Unordered(size, settings.maximum_batching_window_in_seconds or 0.0)


def _room(source: SqsSource, settings: MappingSettings, size: int) -> Room:
    in_work = size * settings.function_concurrency
    most = source.messages_ahead or max(_LEAST_AHEAD, 2 * in_work)
    return Room(most, source.bytes_ahead, in_work, Pace())


def _wait(source: SqsSource, stop: Stop) -> int:
    """Return for how long to ask: no longer than a run that is to stop when idle may be idle."""
    if stop.when_idle is None:
        return source.receive_wait_seconds
    return min(source.receive_wait_seconds, int(stop.when_idle))


def _most(queue: Queue, size: int) -> int:
    """Return how many messages to ask for at once.

    What waits behind a message of its group that fails goes back, and counts as received. A queue
    that counts would move it without the function having seen it: so of such a one no more is
    received than goes into a batch.
    """
    return min(MOST, size) if queue.is_fifo and queue.most_receives else MOST


def _note_deleted(holdings: Holdings, stats: Stats, leases: Sequence[Lease]) -> None:
    holdings.end(leases, deleted=True)
    stats.add(Counts(committed=len(leases)))
