"""A prediction for a table of float32, by the call of XGBoost's C interface that is made for it.

`Booster.inplace_predict` makes the same call. Before it, it asks whether the input is of pandas,
Arrow, Polars or cuDF, and after it, it defines a class: on a few rows that takes longer than the
prediction itself.
"""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace.runtimes.lean_xgboost import LIBRARY, Booster, XGBoostError

_OPTIONS = (
    b'{"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"missing":NaN,'
    b'"strict_shape":false,"cache_id":0}'
)
_TABLE = b'{"data":[%d,true],"shape":[%d,%d],"typestr":"<f4","version":3}'
_NO_MATRIX = ctypes.c_void_p()


def predict(booster: Booster, rows: NDArray[Any]) -> NDArray[np.float32]:
    """Predict all rows in one call, as `booster.inplace_predict` does. Safe in many threads.

    Args:
        booster: What predicts.
        rows: [n, features]; NaN for a value that is missing.

    Returns:
        float32 [n], or [n, classes] for a model of several classes.

    Raises:
        XGBoostError: The booster takes another number of features.
    """
    if not len(rows):  # whose shape it does not tell
        return booster.inplace_predict(rows, validate_features=False)
    rows = np.ascontiguousarray(rows, np.dtype("<f4"))
    address = rows.__array_interface__["data"][0]
    shape, found = ctypes.POINTER(ctypes.c_uint64)(), ctypes.POINTER(ctypes.c_float)()
    axes = ctypes.c_uint64()
    failed = LIBRARY.XGBoosterPredictFromDense(
        booster.handle,
        _TABLE % (address, *rows.shape),
        _OPTIONS,
        _NO_MATRIX,
        ctypes.byref(shape),
        ctypes.byref(axes),
        ctypes.byref(found),
    )
    if failed:
        raise XGBoostError(LIBRARY.XGBGetLastError().decode())
    sizes = shape[: axes.value]
    predictions = np.empty(sizes, np.float32)
    # What it has found is its own, until this thread asks again.
    ctypes.memmove(predictions.__array_interface__["data"][0], found, predictions.nbytes)
    return predictions
