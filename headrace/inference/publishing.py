"""Files become a version that ModelWorker serves, with proof that it answers right."""

import logging
import math
import re
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
from headrace.store.aliases import check_name
from headrace.store.errors import PublishError
from headrace.store.formats import why_refused
from headrace.store.manifest import Description
from headrace.store.publisher import Publisher
from headrace.store.version import Version

CARD = "model_card.md"

_log = logging.getLogger(__name__)

_BATCHES = "a worker asks a batch at once, so its answers depend on the records beside each other"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # no line ends, no tabs


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
    check_name(name, "a model")  # before anything is loaded, which takes seconds
    check_name(alias, "an alias")
    if not 0 <= tolerance < math.inf:
        raise PublishError(f"the tolerance {tolerance} is no number from 0 on")
    if card is not None:
        _check_card(card)
    files = gather(paths)
    for path in files:
        if reason := why_refused(path, b""):
            raise PublishError(f"{path}: {reason}")
    if taken := files.keys() & {GOLDEN, CARD}:
        raise PublishError(f"{min(taken)} is a name of ours: give it by its own flag")
    chosen, artifact = choose(files, runtime)
    if signature is not None and chosen != "tensorflow":
        raise PublishError(f"only a SavedModel has signatures; {artifact} is none")
    spec = ServingSpec(
        runtime=chosen,
        artifact=artifact,
        signature=signature,
        golden=samples is not None,
        tolerance=tolerance,
    )
    findings = examine(files, spec, schema or {}, samples, publisher.trial_seconds)
    if findings.depends_on_neighbours:
        _log.warning(
            "%s answers a row otherwise if others are asked with it: %s", artifact, _BATCHES
        )
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


def _check_card(card: bytes) -> None:
    """Refuse what nobody can read: a card is shown as text, on a terminal and on a page."""
    try:
        text = card.decode()
    except UnicodeDecodeError:
        raise PublishError("the model card is not text in UTF-8") from None
    if found := _CONTROL.search(text):
        raise PublishError(f"the model card is not text: {found[0]!r} stands in it")
