"""Whether a graph's answer to a row depends on the rows that are asked beside it."""

from contextlib import suppress

import numpy as np

from headrace.runtimes.base import Array, Inputs, Runtime, Tensor

_ROWS = 3
_MOST_NUMBERS = 1 << 22  # of all rows
_TOLERANCE = 0.05  # a part of the largest number: sums of many rows are rounded otherwise


def depends_on_neighbours(runtime: Runtime) -> bool:
    """Ask a graph made-up rows, at once and each alone. False if it cannot be asked so."""
    with suppress(Exception):
        rng = np.random.default_rng(0)
        inputs = {name: _rows(tensor, rng) for name, tensor in runtime.inputs.items()}
        together = runtime.run(inputs)
        alone = [runtime.run(_row(inputs, index)) for index in range(_ROWS)]
        again = runtime.run(_row(inputs, 0))
        by_chance = any(_differ(alone[0][name], again[name]) for name in again)
        return not by_chance and any(
            _differ(values[index : index + 1], alone[index][name])
            for name, values in together.items()
            if isinstance(values, np.ndarray) and values.shape[:1] == (_ROWS,)
            for index in range(_ROWS)
        )
    return False


def _rows(tensor: Tensor, rng: np.random.Generator) -> Array:
    if not tensor.shape or tensor.shape[0] is not None:
        raise ValueError("it does not take any number of rows")
    sizes = (_ROWS, *(1 if size is None else size for size in tensor.shape[1:]))
    if np.prod(sizes, dtype=float) > _MOST_NUMBERS:
        raise ValueError("its rows are too large to be tried")
    return rng.normal(0, 1, sizes).astype(np.dtype(tensor.dtype))


def _row(inputs: Inputs, index: int) -> Inputs:
    return {name: values[index : index + 1] for name, values in inputs.items()}


def _differ(one: Array, other: Array) -> bool:
    if one.shape != other.shape or one.dtype.kind not in "fiu":
        return not np.array_equal(one, other)
    first, second = one.astype(float), other.astype(float)
    most = np.max(np.abs(second), initial=0.0, where=np.isfinite(second))
    return not np.allclose(first, second, rtol=0, atol=_TOLERANCE * most, equal_nan=True)
