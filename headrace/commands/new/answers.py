"""What `headrace new` is told, and what follows from it for the files of a project."""

from typing import Literal

import msgspec

from headrace import __version__

Source = Literal["kafka", "kinesis", "http"]
Model = Literal["onnx", "xgboost", "none"]


class Answers(msgspec.Struct, frozen=True):
    """What was asked for.

    Attributes:
        name: The project's name; also that of its image and its stack.
        source: Where its records come from.
        model: What runs its model, if it has one.
    """

    name: str
    source: Source
    model: Model

    @property
    def has_model(self) -> bool:
        """Whether there is a model."""
        return self.model != "none"

    def values(self) -> dict[str, str]:
        """Return the short texts that the files are filled with, by name."""
        worker, source = _WORKERS[self.has_model], _SOURCES[self.source]
        return {
            "name": self.name,
            "version": __version__,
            "source": self.source,
            "model": self.model,
            "flags": f"{self.name} --source {self.source} --model {self.model}",
            **worker,
            **source,
            **_MODELS[self.model],
            "run_example": source["run_example"].format_map(worker),
            "image_extras": ",".join(sorted(_EXTRAS[self.source] | _MODEL_EXTRAS[self.model])),
            "managed_policy": self._managed_policy(),
            "queue_too": "" if self.source == "http" else " and to SQS",
        }

    def _managed_policy(self) -> str:
        if self.source == "kafka":
            return "AWSLambdaMSKExecutionRole"  # it reaches into networks, too
        return f"AWSLambda{'VPCAccess' if self.has_model else 'Basic'}ExecutionRole"


_WORKERS = {
    False: {
        "worker": "orders",
        "worker_file": "orders.py",
        "class_name": "Orders",
        "topic": "orders",
        "about": "Prices orders.",
        "model_file": "",
        "copy_models": "",
        "image_variables": "",
    },
    True: {
        "worker": "houses",
        "worker_file": "houses.py",
        "class_name": "Houses",
        "topic": "houses",
        "about": "Says what houses are worth, by a model of its own.",
        "model_file": " var/models/houses/aliases/current",
        "copy_models": "COPY models app/models",
        "image_variables": " \\\n    HEADRACE_MODEL_ROOT=/mnt/models OPENBLAS_NUM_THREADS=1",
    },
}
_SOURCES: dict[Source, dict[str, str]] = {
    "kafka": {
        "dev_extras": "progress,reload,sam",
        "demo_help": "run the worker on an embedded Kafka, and account for every record",
        "run_example": "run workers.{worker} --kafka HOST:9092 --topic {topic}",
        "tested_on": "on an embedded Kafka",
    },
    "kinesis": {
        "dev_extras": "progress,reload,sam,testing",
        "demo_help": "run the worker on an embedded Kinesis, and account for every record",
        "run_example": "run workers.{worker} --kinesis STREAM",
        "tested_on": "on an embedded Kinesis",
    },
    "http": {
        "dev_extras": "reload,serve",
        "demo_help": "serve the worker, and account for the answer to every request",
        "run_example": "serve workers.{worker} --host 0.0.0.0",
        "tested_on": "behind HTTP",
    },
}
_MODELS: dict[Model, dict[str, str]] = {
    "none": {"training_note": "", "training_packages": "", "artifact": "", "output": ""},
    "onnx": {
        "training_note": ", and what trains the model",
        "training_packages": "scikit-learn\nskl2onnx",
        "artifact": "model.onnx",
        "output": "variable",
    },
    "xgboost": {
        "training_note": "",
        "training_packages": "",
        "artifact": "model.ubj",
        "output": "prediction",
    },
}
_EXTRAS: dict[Source, set[str]] = {
    "kafka": {"aws", "kafka", "lambda"},
    "kinesis": {"aws", "lambda"},
    "http": {"lambda", "serve"},
}
_MODEL_EXTRAS: dict[Model, set[str]] = {
    "none": set(),
    "onnx": {"onnx", "signing"},
    "xgboost": {"signing", "xgboost"},
}
