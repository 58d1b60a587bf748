"""What an importer makes, whatever it imports from."""

from pathlib import Path
from typing import Any

import msgspec

from headrace.errors import HeadraceError
from models.detector.spec import DetectorSpec


class ContractError(HeadraceError):
    """What was to be imported is not such a detector; the message lists every difference."""


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """An imported detector, ready to be published.

    Attributes:
        files: Content, or a file that holds it, by path inside the version.
        spec: How the version is loaded, fed and read.
        metrics: Finite figures found while it was tried.
        notes: What else the manifest should say.
    """

    files: dict[str, bytes | Path]
    spec: DetectorSpec
    metrics: dict[str, float]
    notes: dict[str, Any]
