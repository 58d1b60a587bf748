"""The thirty numbers of the breast-cancer classifier: their names, and the check of one input."""

import math
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from struct import Struct, error
from typing import Any, Literal

import msgspec

MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal_dimension",
)
FEATURES = tuple(f"{name}_{suffix}" for suffix in ("mean", "se", "worst") for name in MEASURES)
INPUT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "number"} for name in FEATURES},
    "required": list(FEATURES),
    "additionalProperties": False,
}

# An error goes into a response and a dead letter: an input of a million keys must not blow it up.
MAX_UNKNOWN = 10
MAX_NAME = 40

_values = itemgetter(*FEATURES)
_row = Struct(f"={len(FEATURES)}f")
_number = Struct("=f")
_known = frozenset(FEATURES)
_numeric = frozenset((int, float))

Problem = Literal["missing", "unknown", "not a number", "not finite"]


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong with one feature; a long name is cut."""

    feature: str
    problem: Problem


class FeatureError(ValueError):
    """An input that is not the thirty features.

    Attributes:
        faults: every missing, non-numeric and non-finite feature, and the first few unknown ones.
        unnamed: how many unknown features are not in `faults`.
    """

    def __init__(self, faults: Iterable[Fault], unnamed: int = 0) -> None:
        self.faults = tuple(faults)
        self.unnamed = unnamed
        super().__init__(_describe(self.faults, unnamed))


def pack(features: Mapping[str, object]) -> bytes:
    """Check one input and lay it out as a row of 30 float32 in the order of `FEATURES`.

    Args:
        features: exactly the thirty features, in any order; each an int or a float (not a bool)
            that is finite as a float32.

    Raises:
        FeatureError: names every feature that is wrong.
    """
    try:
        values = _values(features)
        if len(features) == len(FEATURES) and _numeric.issuperset(map(type, values)):
            row = _row.pack(*values)  # refuses what float32 cannot hold, but lets NaN and inf pass
            if math.isfinite(sum(values)):
                return row
    except (KeyError, OverflowError, error):
        pass  # said in full below
    unknown = [name for name in features if name not in _known]
    faults = [*_faults(features), *(Fault(_cut(name), "unknown") for name in unknown[:MAX_UNKNOWN])]
    raise FeatureError(faults, max(0, len(unknown) - MAX_UNKNOWN))


def _faults(features: Mapping[str, object]) -> Iterator[Fault]:
    for name in FEATURES:
        if name not in features:
            yield Fault(name, "missing")
        elif type(features[name]) not in _numeric:
            yield Fault(name, "not a number")
        elif not _is_float32(features[name]):
            yield Fault(name, "not finite")


def _is_float32(value: object) -> bool:
    try:
        return math.isfinite(*_number.unpack(_number.pack(value)))
    except (OverflowError, error):
        return False


def _cut(name: object) -> str:
    text = str(name).encode(errors="backslashreplace").decode()  # a lone surrogate is no text
    return text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 1]}…"


def _describe(faults: tuple[Fault, ...], unnamed: int) -> str:
    by_problem: dict[str, list[str]] = {}
    for fault in faults:
        by_problem.setdefault(fault.problem, []).append(fault.feature)
    parts = [f"{problem}: {', '.join(names)}" for problem, names in by_problem.items()]
    if unnamed:
        parts.append(f"and {unnamed} more unknown")
    return "; ".join(parts)
