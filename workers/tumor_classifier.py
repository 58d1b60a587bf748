"""The breast-cancer classifier: thirty numbers in, B or M out; a batch is one prediction."""

from collections.abc import Iterator, Sequence

from headrace.handler import lambda_handler
from headrace.record import Record
from headrace.store.live import LiveModel
from headrace.worker import Worker
from models.tumor.features import FEATURES
from models.tumor.model import Floats, TumorModel, as_rows
from workers.tumor_endpoint import ENDPOINT
from workers.tumor_request import TumorRequest, read_request

Answer = dict[str, object]


class TumorClassifier(Worker):
    """Answers `{"result": "B"}` or `{"result": "M"}`, by the store's current version."""

    endpoint = ENDPOINT

    def setup(self) -> None:
        """Load the model; later versions replace it while it serves."""
        self.model = LiveModel.from_settings("tumor", TumorModel.load)

    def process_batch(self, records: Sequence[Record]) -> list[object]:
        """Predict all valid records in one call; the others become the errors of their own."""
        requests = [read_request(record) for record in records]
        valid = [request for request in requests if isinstance(request, TumorRequest)]
        answers = iter(_answers(self.model.current(), valid) if valid else ())
        return [
            next(answers) if isinstance(request, TumorRequest) else request for request in requests
        ]


def _answers(model: TumorModel, requests: list[TumorRequest]) -> list[Answer]:
    rows = as_rows([request.row for request in requests])
    probabilities = model.predict(rows)
    answers: list[Answer] = [{"result": label} for label in model.labels(probabilities)]
    for request, answer in zip(requests, answers, strict=True):
        if request.id is not None:
            answer["id"] = request.id
    explained = [index for index, request in enumerate(requests) if request.explain]
    if explained:
        details = _details(model, rows[explained], probabilities[explained])
        for index, detail in zip(explained, details, strict=True):
            answers[index] |= detail
    return answers


def _details(model: TumorModel, rows: Floats, probabilities: Floats) -> Iterator[Answer]:
    """Return why each row got its answer: `bias` and the contributions add up to the margin."""
    explanation = (part.tolist() for part in model.explain(rows))
    for probability, margin, contributions, bias in zip(
        probabilities.tolist(), *explanation, strict=True
    ):
        yield {
            "probability": probability,
            "model_version": model.version,
            "margin": margin,
            "bias": bias,
            "contributions": dict(zip(FEATURES, contributions, strict=True)),
        }


handler = lambda_handler(TumorClassifier)
