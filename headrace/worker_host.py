"""What runs a worker: its sinks, the isolation of its records, their results and dead letters."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, cast

from headrace.dead_letters import letter
from headrace.definition import is_async, make, overrides
from headrace.errors import Reject, ending_nothing
from headrace.payloads.of_worker import worker_typing
from headrace.processing import isolation
from headrace.processing.context_variables import ContextVariables
from headrace.processing.isolation import ProcessBatch
from headrace.processing.outcomes import Outcomes
from headrace.processing.results import deliver
from headrace.processing.settling import DeadLetter, refuse, settle_all
from headrace.processing.worker_loop import WorkerLoop
from headrace.record import Record
from headrace.sinks import Sink
from headrace.sinks.open import open_if_set
from headrace.worker import Worker, WorkerSettings, open_log
from headrace.worker_once import worker_once

if TYPE_CHECKING:
    from headrace.log import Log


class WorkerHost:
    """A worker with all that stands around it.

    Args:
        worker: made; `set_up` sets it up.
        sink: where results go. None: nowhere.
        dead_letters: where rejected records go. None: a rejected record is a failed one.
        variables: where secrets of a schema registry are. None: the environment.
        settings: of the worker. None: those that it has.

    Raises:
        SettingsError: a setting about payloads or @once is wrong.

    Attributes:
        worker: as it was given.
        settings: of the worker, whatever it has put in their place since.
        takes_batches: whether the worker has a `process_batch` of its own.
        context: the context variables that its `setup` set.
    """

    def __init__(
        self,
        worker: Worker,
        sink: Sink | None = None,
        dead_letters: Sink | None = None,
        variables: Mapping[str, str] | None = None,
        settings: WorkerSettings | None = None,
    ) -> None:
        self.worker = worker
        self.settings = settings or worker.settings
        self._sink = sink
        self._dead_letters = dead_letters
        self.takes_batches = overrides(type(worker), Worker, "process_batch")
        method = worker.process_batch if self.takes_batches else worker.process
        self._is_async = is_async(method)
        self._typing = worker_typing(self, Worker, variables)
        self._once = worker_once(self, self._typing)
        self._loop = WorkerLoop()
        self.context = ContextVariables()
        self._is_closed = False

    @classmethod
    def open(
        cls,
        kind: type[Worker],
        settings: WorkerSettings,
        sink: Sink | None = None,
        dead_letters: Sink | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Self:
        """Make a worker and set it up, with its sinks.

        Args:
            kind: the worker's class.
            settings: of the worker.
            sink: where results go. None: as the settings say.
            dead_letters: where rejected records go. None: as the settings say.
            variables: where sinks find what their URLs leave open. None: the environment.

        Raises:
            SettingsError: a sink's URL is wrong.
            Exception: whatever keeps the worker from being set up.
        """
        worker = make(kind, settings)
        sink = sink or open_if_set(settings.sink_url, variables)
        letters = dead_letters or open_if_set(settings.dead_letter_url, variables)
        host = cls(worker, sink, letters, variables, settings)
        host.set_up()
        return host

    @cached_property
    def log(self) -> "Log":
        """The worker's log, whatever it has put in its place."""
        return open_log(type(self.worker), self.settings)

    def set_up(self) -> None:
        """Set the worker up. Raises whatever keeps it from that."""
        with ending_nothing(), self.context.noted():
            self._loop.wait(self.worker.setup())

    def run(
        self, records: Sequence[Record], deadline: float = float("inf"), *, to_sink: bool = True
    ) -> Outcomes:
        """Process a batch of a stream: isolate failures, write results and dead letters.

        Args:
            records: in the order of delivery.
            deadline: `time.monotonic()` after which no further record is begun; what is `async`
                is cancelled then.
            to_sink: whether results go to the sink, if there is one.
        """
        outcomes = self.context.run(self._process, records, self._dead_letter, deadline)
        if to_sink:
            self.deliver(outcomes)
        return outcomes

    def deliver(self, outcomes: Outcomes) -> None:
        """Write results to the sink, if there is one; what is not acknowledged has failed."""
        if self._sink is not None:
            deliver(outcomes, self._sink)

    def answer(self, records: Sequence[Record], deadline: float = float("inf")) -> Outcomes:
        """Process records of callers who wait; a Reject goes back to the one whose record it is.

        Args:
            records: one of each caller; none has a key.
            deadline: `time.monotonic()` at which they are cancelled, if the worker is `async`.
        """
        limit = deadline if self._is_async else float("inf")
        return self.context.run(self._process, records, refuse, limit)

    def close(self) -> None:
        """Close the worker, and the sinks after it; once, whoever else asks."""
        if self._is_closed:
            return
        self._is_closed = True
        with ExitStack() as stack:
            for one in (s for s in (self._dead_letters, self._sink, self._once) if s is not None):
                stack.callback(one.close)
            stack.callback(self._loop.close)
            self._loop.wait(self.worker.close())

    def _process(
        self, records: Sequence[Record], on_reject: DeadLetter, deadline: float
    ) -> Outcomes:
        if self._once is None:
            return self._attempt(records, on_reject, deadline)
        return self._once.run(records, on_reject, lambda r: self._attempt(r, on_reject, deadline))

    def _attempt(
        self, records: Sequence[Record], on_reject: DeadLetter, deadline: float
    ) -> Outcomes:
        if self._is_async:
            return self._process_async(records, on_reject, deadline)
        worker = self.worker
        if self.takes_batches:
            process = cast("ProcessBatch", self._fed(worker.process_batch))
            return isolation.run_whole(process, records, on_reject, deadline=deadline)
        one, at_once = self._fed(worker.process), self.settings.worker_concurrency
        return isolation.run(one, records, on_reject, deadline=deadline, concurrency=at_once)

    def _process_async(
        self, records: Sequence[Record], on_reject: DeadLetter, deadline: float
    ) -> Outcomes:
        from headrace.processing import tasks  # noqa: PLC0415 - asyncio, for those who need it

        worker, run = self.worker, self._loop.run
        if self.takes_batches:
            process_batch = cast("tasks.ProcessBatch", self._fed(worker.process_batch))
            results = run(tasks.run_whole(process_batch, records, deadline))
            return settle_all(results, records, on_reject)
        at_once = self.settings.worker_concurrency
        process = cast("tasks.Process", self._fed(worker.process))
        return run(tasks.run(process, records, on_reject, deadline=deadline, concurrency=at_once))

    def _fed(self, method: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return a method of the worker that is fed with records that have data."""
        if self._typing is None:
            return method
        from headrace.input.typed_record import fed  # noqa: PLC0415 - for workers that declare any

        return fed(method, self._typing, batches=self.takes_batches, is_async=self._is_async)

    def _dead_letter(self, record: Record, error: Reject) -> None:
        if self._dead_letters is None:
            raise error
        letter.write(self._dead_letters, record, error)
        self.log.warning("record rejected", record=record.id, error=error.detail[:500])
