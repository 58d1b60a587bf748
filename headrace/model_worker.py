"""A worker that answers records with a published model's predictions, in five lines.

    class Houses(ModelWorker):
        "Says what a house is worth."

        model = "houses"

    handler = lambda_handler(Houses)

A record is a row in JSON, as the version's input schema has it; a batch is one call of the model.
The version that the alias stands for is loaded at the start, checks its golden samples, and is
replaced while it serves when the alias moves.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from headrace.definition import CALLS_MARK, overrides
from headrace.endpoint import Endpoint
from headrace.errors import HeadraceError, Reject, WorkerError
from headrace.record import Record
from headrace.store.live import LiveModel
from headrace.store.model_store import CURRENT
from headrace.worker import Worker

if TYPE_CHECKING:  # NumPy: imported when a model is set up, and told if it is missing
    from headrace.inference.answers import Answer
    from headrace.inference.model import ServedModel
    from headrace.inference.schema import Row


class ModelWorker(Worker):
    """Base of a worker whose work is a model. Name the model; override `row` or `answer` at need.

    Attributes:
        model: The model's name in the store.
        reference: The alias to follow, or a version to stay with.
        endpoint: Where the model is, under `headrace serve`: at its name, unless it is overridden.
    """

    model: ClassVar[str]
    endpoint: ClassVar[Endpoint]
    reference: ClassVar[str] = CURRENT

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        predicts = not overrides(cls, ModelWorker, "process_batch")
        if predicts and overrides(cls, Worker, "process"):
            raise WorkerError(
                f"{cls.__name__}.process would never be called, as a batch is predicted in one"
                " call: write row, answer or process_batch"
            )
        own = vars(cls)
        name = own.get("model")
        if name is not None and "endpoint" not in own and not _is_written(cls):
            with suppress(ValueError):  # a name that cannot be a path: then it has none
                cls.endpoint = _endpoint(name)

    def setup(self) -> None:
        """Load the model; later versions replace it while it serves."""
        if not isinstance(getattr(self, "model", None), str):
            raise WorkerError(f'{type(self).__name__} names no model: model = "its name"')
        try:
            from headrace.inference.model import ServedModel  # noqa: PLC0415 - NumPy
        except ModuleNotFoundError as error:
            raise HeadraceError(
                f"{error.name} is not installed: pip install 'headrace[onnx]', 'headrace[xgboost]'"
                " or 'headrace[litert]', whichever runs the model"
            ) from None
        self._live = LiveModel.from_settings(self.model, ServedModel.load, reference=self.reference)

    @property
    def served(self) -> "ServedModel":
        """The version that serves now."""
        if "_live" not in vars(self):
            raise WorkerError(f"{type(self).__name__}.setup has to call super().setup()")
        return self._live.current()

    def row(self, record: Record) -> Any:
        """Return the row that a record asks about: its JSON value, unless this is overridden."""
        return record.json()

    def answer(self, record: Record, prediction: "Answer") -> Any:
        """Return the result for a record: its prediction, unless this is overridden.

        Args:
            record: What was asked.
            prediction: The graph's outputs for it by name, as JSON values.
        """
        del record
        return prediction

    def process_batch(self, records: Sequence[Record]) -> list[object]:
        """Predict all records that are rows in one call; the others are rejected, each for itself.

        Whatever the model itself fails with concerns the batch; it is then tried record by record.
        """
        model = self.served
        read = [self._read(model, record) for record in records]
        rows = [row for row in read if isinstance(row, tuple)]
        predictions = iter(model.predict(rows) if rows else ())
        return [
            self._answered(record, next(predictions)) if isinstance(row, tuple) else row
            for record, row in zip(records, read, strict=True)
        ]

    def _read(self, model: "ServedModel", record: Record) -> "Row | Exception":
        try:
            return model.read(self.row(record))
        except Exception as error:  # noqa: BLE001 - this record's own
            return error

    def _answered(self, record: Record, prediction: "Answer | Reject") -> object:
        if isinstance(prediction, Reject):
            return prediction
        try:
            return self.answer(record, prediction)
        except Exception as error:  # noqa: BLE001 - this record's own
            return error


setattr(ModelWorker, CALLS_MARK, {"row": ("record",), "answer": ("record", "prediction")})


def _endpoint(model: str) -> Endpoint:
    return Endpoint(path=f"/{model}", model=model, tensors=_tensors)


def _is_written(worker: type) -> bool:
    """Whether a base has an endpoint that is not merely that of its own model's name."""
    found = getattr(worker, "endpoint", None)
    if isinstance(found, Endpoint) and found.tensors is _tensors:
        return found.path != f"/{found.model}"
    return found is not None


def _tensors(worker: ModelWorker) -> Any:
    from headrace.inference.tensors import ServedTensors  # noqa: PLC0415 - NumPy

    return ServedTensors(worker.served)
