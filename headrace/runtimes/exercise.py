"""Running a graph once on made-up inputs: what would crash or hang does so here."""

from contextlib import suppress

import numpy as np

from headrace.runtimes.base import Array, Runtime, Tensor

_ROWS = 256
_MOST_NUMBERS = 1 << 22  # of all rows, unless one alone has more
_SCALES = (1e-3, 1.0, 1e3, 1e6)  # tables are of any size, and trees branch at theirs


def exercise(runtime: Runtime) -> None:
    """Run a graph on tables of random numbers of many sizes, or on one blank input.

    An error is no fault: the input is none that the graph was made for. What no error can tell,
    a crash or a run without end, is what this is for.
    """
    with suppress(Exception):
        runtime.run({name: _blank(tensor) for name, tensor in runtime.inputs.items()})


def _blank(tensor: Tensor) -> Array:
    sizes = tuple(1 if size is None else size for size in tensor.shape or (1,))
    if tensor.dtype == "str":
        return np.full(sizes, "", object)
    is_table = len(sizes) == 2 and tensor.dtype.startswith("float")
    if not is_table or (tensor.shape or (1,))[0] is not None:
        return np.zeros(sizes, np.dtype(tensor.dtype))
    rng = np.random.default_rng(0)
    rows = max(1, min(_ROWS, _MOST_NUMBERS // max(1, sizes[1])) // len(_SCALES))
    tables = [rng.normal(0, scale, (rows, sizes[1])) for scale in _SCALES]
    with np.errstate(over="ignore"):  # of 16 bits
        return np.concatenate(tables).astype(tensor.dtype)
