"""A published version as a model: it reads rows, and answers many of them in one call."""

from collections.abc import Mapping, Sequence
from typing import Self

from headrace.errors import HeadraceError, Reject
from headrace.inference import golden
from headrace.inference.answers import Answer, answers_of
from headrace.inference.packing import Packer, UnfitRowError
from headrace.inference.schema import Row, RowSchema
from headrace.inference.spec import GOLDEN, ServingSpec, read_spec
from headrace.runtimes.base import Inputs, Outputs, Runtime, Tensor, open_runtime
from headrace.runtimes.exercise import exercise
from headrace.store.errors import VersionCorruptError
from headrace.store.version import Version


class ServedModel:
    """A loaded version. Safe in many threads.

    Args:
        runtime: Runs the graph.
        schema: What a row looks like.
        version: The version's name.

    Attributes:
        version: The version's name.

    Raises:
        SchemaError: The schema and the graph do not fit.
    """

    def __init__(self, runtime: Runtime, schema: RowSchema, version: str) -> None:
        self.version = version
        self._runtime = runtime
        self._schema = schema
        self._packer = Packer(schema, runtime.inputs)

    @property
    def runtime_name(self) -> str:
        """What runs the graph, by the name of its module."""
        return type(self._runtime).__module__.rpartition(".")[2]

    @property
    def inputs(self) -> Mapping[str, Tensor]:
        """What the graph takes, by name."""
        return self._runtime.inputs

    @property
    def outputs(self) -> Mapping[str, Tensor]:
        """What the graph answers, by name."""
        return self._runtime.outputs

    def run(self, inputs: Inputs) -> Outputs:
        """Run the graph itself on tensors. Raises what the runtime raises."""
        return self._runtime.run(inputs)

    @classmethod
    def load(cls, version: Version) -> Self:
        """Load a version and warm it up on its golden samples, which it must answer as recorded.

        Without samples it is run once on made-up inputs.

        Raises:
            VersionCorruptError: It does not say how it is served, or it answers otherwise.
            HeadraceError: Its runtime is not installed.
        """
        spec = read_spec(version)
        runtime = open_runtime(spec.runtime, version, spec.artifact, **spec.options())
        try:
            model = cls(runtime, RowSchema(version.manifest.input_schema), version.name)
            model._check(version, spec)
        except HeadraceError as error:
            raise VersionCorruptError(f"{version.model} {version.name}: {error}") from error
        return model

    def read(self, value: object) -> Row:
        """Read a row from a JSON value, by the version's input schema.

        Raises:
            Reject: Names everything that is wrong with it.
        """
        return self._schema.read(value)

    def predict(self, rows: Sequence[Row]) -> list[Answer | Reject]:
        """Answer rows, as few calls of the graph as their shapes allow: mostly one.

        Returns:
            For each row its answer, or a Reject that says why the graph cannot take it.
        """
        answers: list[Answer | Reject] = [{}] * len(rows)
        for group in self._packer.groups(rows):
            found = self._answer([rows[index] for index in group])
            for index, answer in zip(group, found, strict=True):
                answers[index] = answer
        return answers

    def _answer(self, rows: Sequence[Row]) -> list[Answer | Reject]:
        try:
            inputs = self._packer.pack(rows)
        except UnfitRowError as error:
            if len(rows) == 1:
                return [Reject(f"the row does not fit the model's input: {error}")]
            return [answer for row in rows for answer in self._answer([row])]
        return [*answers_of(self._runtime.run(inputs), len(rows))]

    def _check(self, version: Version, spec: ServingSpec) -> None:
        if not spec.golden:
            exercise(self._runtime)
            return
        samples = golden.parse(version.read(GOLDEN), GOLDEN)
        golden.check(samples, self.answer_samples(samples), spec.tolerance)

    def answer_samples(self, samples: Sequence[golden.Sample]) -> list[Answer]:
        """Answer golden samples.

        Raises:
            GoldenError: Names the first sample that is no row of this model.
        """
        rows, answers = [], []
        for number, sample in enumerate(samples, start=1):
            try:
                rows.append(self.read(sample.input))
            except Reject as error:
                raise golden.GoldenError(f"golden sample {number}: {error}") from error
        for number, answer in enumerate(self.predict(rows), start=1):
            if isinstance(answer, Reject):
                raise golden.GoldenError(f"golden sample {number}: {answer}") from answer
            answers.append(answer)
        return answers
