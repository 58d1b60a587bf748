"""Which of the LiteRT files is served: the smallest that is as good and as fast as float32's."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from headrace.runtimes.litert import LiteRt
from models.detector.model import Detector
from models.detector.preparation import prepare
from models.detector.spec import DetectorSpec
from training.detector.evaluation import evaluate
from training.detector.evaluation.evaluate import Evaluation, Found
from training.detector.example import Example

Precision = Literal["float32", "float16", "int8"]

# What a smaller file may cost, of every mAP figure that is gated (0.5 points).
MAX_LOSS = 0.005
COMPARED = ("map_50", "map_50_95")
# Two timings of the same file differ by so much on a busy machine.
TIMING_NOISE = 1.05
ROUNDS = 100


class EvaluatedFile(NamedTuple):
    """A LiteRT file and what it is worth.

    Attributes:
        model: The file.
        evaluation: On the held-out set, through the very code that serves it.
        seconds: One run of the network, the fastest seen.
    """

    model: bytes
    evaluation: Evaluation
    seconds: float


def judge(
    models: Mapping[Precision, bytes], spec: DetectorSpec, examples: Sequence[Example]
) -> dict[Precision, EvaluatedFile]:
    """Evaluate and times every file."""
    seconds = _timed({precision: LiteRt(model) for precision, model in models.items()}, spec)
    return {
        precision: EvaluatedFile(
            model,
            evaluate.evaluate(examples, served(model, spec), spec.labels),
            seconds[precision],
        )
        for precision, model in models.items()
    }


def choose(candidates: Mapping[Precision, EvaluatedFile]) -> Precision:
    """Return the smallest file that is no slower than float32's and costs at most `MAX_LOSS`."""
    best = candidates["float32"]

    def acceptable(one: EvaluatedFile) -> bool:
        return one.seconds <= best.seconds * TIMING_NOISE and all(
            one.evaluation.metrics[name] >= best.evaluation.metrics[name] - MAX_LOSS
            for name in COMPARED
        )

    by_size = sorted(candidates, key=lambda precision: len(candidates[precision].model))
    return next(precision for precision in by_size if acceptable(candidates[precision]))


def served(model: bytes, spec: DetectorSpec) -> Callable[[Sequence[Example]], Iterator[Found]]:
    """Make a detector as the workers use it, but down to the scores that evaluation wants."""
    low = msgspec.structs.replace(spec, score_threshold=evaluate.SCORE_THRESHOLD)
    detector = Detector(LiteRt(model), low)
    places = {name: place for place, name in enumerate(spec.labels)}

    def detect(examples: Sequence[Example]) -> Iterator[Found]:
        for example in examples:
            found = detector.detect(example.image)
            labels = np.array([places[name] for name in found.entities], np.int64)
            yield Found(found.boxes, found.scores, labels)

    return detect


def _timed(runtimes: Mapping[Precision, LiteRt], spec: DetectorSpec) -> dict[Precision, float]:
    """Time many runs and keep the fastest; files take turns, so a busy moment hits all of them."""
    height, width = spec.input_size or (1, 1)
    image = prepare(np.zeros((height, width, 3), np.uint8), spec)
    inputs = {
        precision: dict.fromkeys(runtime.inputs, image) for precision, runtime in runtimes.items()
    }
    fastest = dict.fromkeys(runtimes, float("inf"))
    for _ in range(ROUNDS):
        for precision, runtime in runtimes.items():
            start = time.perf_counter()
            runtime.run(inputs[precision])
            fastest[precision] = min(fastest[precision], time.perf_counter() - start)
    return fastest
