"""What a version of the breast-cancer classifier says about itself, under `attributes["tumor"]`."""

from typing import Annotated, Any

import msgspec

from models.tumor.features import FEATURES

ARTIFACT = "model.ubj"


class Golden(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row, in the order of `FEATURES`, and the margin (log-odds of M) that it must get."""

    row: Annotated[
        tuple[float, ...], msgspec.Meta(min_length=len(FEATURES), max_length=len(FEATURES))
    ]
    margin: float


class TumorSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to read the classifier's answer, and how to see that it was loaded right.

    Attributes:
        threshold: The probability of M from which the answer is M.
        golden: Samples that a loaded model must answer as recorded.
    """

    threshold: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    golden: Annotated[tuple[Golden, ...], msgspec.Meta(min_length=1)]


def read_spec(attributes: dict[str, Any]) -> TumorSpec:
    """Return the classifier's part of a manifest's attributes.

    Raises:
        msgspec.ValidationError: If there is none or it is not well-formed.
    """
    return msgspec.convert(attributes.get("tumor"), TumorSpec)
