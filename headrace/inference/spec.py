"""What a version says about itself, so that it can be served without code of its own.

It lives in the manifest, under `attributes["serving"]`; the input schema stands in its own field.
"""

from typing import Annotated, Any

import msgspec

from headrace.runtimes.names import RuntimeName
from headrace.store.errors import VersionCorruptError
from headrace.store.version import Version

SERVING = "serving"
GOLDEN = "golden.jsonl"


class ServingSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to load a version, and how to see that it was loaded right.

    Attributes:
        runtime: What runs the graph.
        artifact: The graph's file, or for a SavedModel its folder.
        signature: Of a SavedModel, the one that serves; else None.
        golden: Whether `golden.jsonl` holds samples that must be answered as recorded.
        tolerance: How far a number of an answer may lie from the recorded one, absolutely or by
            that part of it.
    """

    runtime: RuntimeName
    artifact: str
    signature: str | None = None
    golden: bool = False
    tolerance: Annotated[float, msgspec.Meta(ge=0)] = 1e-3

    def options(self) -> dict[str, Any]:
        """Return what the runtime's own `load` takes besides the file."""
        return {} if self.signature is None else {"signature": self.signature}


def read_spec(version: Version) -> ServingSpec:
    """Read what a version says about itself.

    Raises:
        VersionCorruptError: It says nothing, or nothing sound.
    """
    try:
        return msgspec.convert(version.manifest.attributes.get(SERVING), ServingSpec)
    except msgspec.ValidationError as error:
        raise VersionCorruptError(
            f"{version.model} {version.name} does not say how it is served: {error};"
            " publish it with `headrace models publish`"
        ) from error
