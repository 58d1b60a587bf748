"""Files become a version that ModelWorker serves, with proof that it answers right."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from headrace.inference import golden
from headrace.inference.examining import examine
from headrace.inference.files import choose, gather
from headrace.inference.model import ServedModel
from headrace.inference.spec import GOLDEN, SERVING, ServingSpec
from headrace.runtimes.names import RuntimeName, libraries_of
from headrace.store.errors import PublishError
from headrace.store.formats import why_refused
from headrace.store.manifest import Description
from headrace.store.publisher import Publisher
from headrace.store.version import Version

CARD = "model_card.md"


def publish(
    publisher: Publisher,
    name: str,
    paths: Sequence[Path],
    *,
    runtime: RuntimeName | None = None,
    signature: str | None = None,
    schema: dict[str, Any] | None = None,
    samples: bytes | None = None,
    card: bytes | None = None,
    metrics: Mapping[str, float] | None = None,
    tolerance: float = 1e-3,
    alias: str = "current",
) -> Version:
    """Publish files as a version that `ModelWorker` serves.

    Args:
        publisher: The store.
        name: The model's name.
        paths: Its files and folders; one of them is what the runtime loads.
        runtime: What serves them; None: as the file's name says.
        signature: Of a SavedModel, the one that serves; None: `serving_default`.
        schema: What a row looks like; None: as the graph says.
        samples: Golden samples, one JSON object a line: `input`, and `output` if it is known; None:
            nothing proves that the version answers right where it is served.
        card: The model card, in Markdown.
        metrics: Figures by name.
        tolerance: How far a number of an answer may lie from the recorded one.
        alias: What to point at the version.

    Raises:
        HeadraceError: One line that says what is wrong with the files.
    """
    files = gather(paths)
    for path in files:
        if reason := why_refused(path, b""):
            raise PublishError(f"{path}: {reason}")
    if taken := files.keys() & {GOLDEN, CARD}:
        raise PublishError(f"{min(taken)} is a name of ours: give it by its own flag")
    chosen, artifact = choose(files, runtime)
    spec = ServingSpec(
        runtime=chosen,
        artifact=artifact,
        signature=signature if chosen == "tensorflow" else None,
        golden=samples is not None,
        tolerance=tolerance,
    )
    findings = examine(files, spec, schema or {}, samples, publisher.trial_seconds)
    if samples is not None:
        files[GOLDEN] = golden.write(findings.samples)
    if card is not None:
        files[CARD] = card
    description = Description(
        model=name,
        input_schema=findings.input_schema,
        output_schema=findings.output_schema,
        metrics=dict(metrics or {}),
        libraries=libraries_of(chosen),
        attributes={SERVING: msgspec.to_builtins(spec)},
    )
    return publisher.publish(files, description, alias=alias, load=ServedModel.load)
