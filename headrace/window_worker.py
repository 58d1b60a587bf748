"""A worker that aggregates over tumbling windows of a stream: its state goes in and out.

class Totals(WindowWorker):
    def add(self, state, record):
        return {"sum": state.get("sum", 0) + record.json()["amount"]}

    def finish(self, state, window):
        return {"from": window.start, **state}

handler = lambda_handler(Totals)
"""

from abc import abstractmethod
from typing import Any

from headrace.definition import CALLS_MARK, HANDLER_MARK, is_async, overrides
from headrace.errors import WorkerError
from headrace.record import Record
from headrace.window import Fold, State, Window
from headrace.window_handler import WindowHandler
from headrace.worker import Data, Worker


class WindowWorker(Worker[Data]):
    """Base of a worker of tumbling windows (Kinesis, DynamoDB). Override `add`, and `finish`.

    The mapping has TumblingWindowInSeconds; the runner, HEADRACE_TUMBLING_WINDOW_IN_SECONDS.
    Records of a shard are added in its order, one after the other. If one fails, it and those
    behind it come again, in the same window; a rejected one is passed over, and goes to the dead
    letters.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in ("process", "process_batch"):
            if overrides(cls, WindowWorker, name):
                raise WorkerError(f"{cls.__name__}.{name} would never be called: write add")
        for name in ("add", "finish"):
            if is_async(getattr(cls, name)):
                raise WorkerError(f"{cls.__name__}.{name} is async: a window's state has one order")

    @abstractmethod
    def add(self, state: State, record: Record[Data]) -> State:
        """Add a record to the state of its window.

        Args:
            state: a JSON object, empty at first; it may be changed, and returned.
            record: the next one of the shard.

        Returns:
            the state with the record. It depends on the two alone, for it is made again at need.

        Raises:
            Reject: the record can never be added.
            Exception: any other failure; the record will be delivered again.
        """
        raise NotImplementedError

    def finish(self, state: State, window: Window) -> Any:  # noqa: ARG002 - for those who override
        """Say what came of a window that is over. Whatever it raises has it called again.

        Returns:
            the result for the sink, as of `process`; the state unless this is overridden.
        """
        return state

    def process(self, record: Record[Data]) -> None:
        """Add a record to the window that is open on this thread."""
        fold = Fold.of_this_thread()
        if fold is None:
            raise WorkerError(
                f"{type(self).__name__} is for tumbling windows: set TumblingWindowInSeconds"
            )
        fold.add(record)


setattr(WindowWorker, HANDLER_MARK, WindowHandler)
setattr(WindowWorker, CALLS_MARK, {"add": ("state", "record"), "finish": ("state", "window")})
