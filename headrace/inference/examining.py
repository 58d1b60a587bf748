"""What a graph takes and answers, found out in a process of its own.

The files are strangers until they have loaded: they may crash what loads them, or keep it busy.
"""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from headrace.inference import golden
from headrace.inference.answers import output_schema
from headrace.inference.columns import implied_schema
from headrace.inference.files import Files
from headrace.inference.model import ServedModel
from headrace.inference.schema import RowSchema
from headrace.inference.spec import GOLDEN, SERVING, ServingSpec, read_spec
from headrace.runtimes.base import open_runtime
from headrace.runtimes.exercise import exercise
from headrace.runtimes.neighbours import depends_on_neighbours
from headrace.store.errors import PublishError, TrialError
from headrace.store.manifest import Description
from headrace.store.publisher import Publisher
from headrace.store.trial import attempt
from headrace.store.version import Version


class Findings(msgspec.Struct, frozen=True):
    """What a graph turned out to take and to answer, and whether it mixes rows up."""

    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    samples: list[golden.Sample]
    depends_on_neighbours: bool = False


def examine(
    files: Files, spec: ServingSpec, schema: dict[str, Any], samples: bytes | None, seconds: float
) -> Findings:
    """Load files in a process of its own, and find out what they take and answer.

    Args:
        files: The files of the version to be.
        spec: How they are loaded.
        schema: The input schema; empty if the graph is to say it.
        samples: The golden samples; None for none. Those without an answer get one.
        seconds: How long it may take.

    Raises:
        PublishError: They may not be published, did not load, or answered a sample otherwise than
            it says.
    """
    with tempfile.TemporaryDirectory(prefix="publish-") as private:
        description = Description(
            model="candidate",
            input_schema=schema,
            attributes={SERVING: msgspec.to_builtins(spec)},
        )
        content = files if samples is None else {**files, GOLDEN: samples}
        version = Publisher(Path(private, "store")).publish(content, description, alias=None)
        found = Path(private, "findings.json")
        try:
            attempt(partial(report, out=found), version, seconds=seconds)
        except TrialError as error:
            raise PublishError(f"{spec.artifact} {error.reason}") from error
        return msgspec.json.decode(found.read_bytes(), type=Findings)


def report(version: Version, out: Path) -> None:
    """Write what a version's graph takes and answers into a file. Runs in a process of its own.

    Raises:
        HeadraceError: Says why the version cannot be served.
    """
    spec = read_spec(version)
    runtime = open_runtime(spec.runtime, version, spec.artifact, **spec.options())
    schema = version.manifest.input_schema or implied_schema(runtime.inputs)
    model = ServedModel(runtime, RowSchema(schema), version.name)
    exercise(runtime)
    samples = []
    if version.manifest.entry(GOLDEN):
        given = golden.parse(version.read(GOLDEN), GOLDEN)
        answers = model.answer_samples(given)
        golden.check(given, answers, spec.tolerance)
        samples = golden.recorded(given, answers)
    mixes = depends_on_neighbours(runtime)
    findings = Findings(schema, output_schema(runtime.outputs), samples, mixes)
    out.write_bytes(msgspec.json.encode(findings))
