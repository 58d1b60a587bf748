"""Predictions for a table of float32, by the calls of XGBoost's C interface that are made for it.

`Booster.inplace_predict` and `Booster.predict` make the same calls. Before them, they ask whether
the input is of SciPy, pandas, Arrow, Polars or cuDF, and after them, they define a class: on a few
rows that takes longer than the prediction itself.
"""

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace.runtimes.lean_xgboost import LIBRARY, Booster, XGBoostError

Floats = NDArray[np.float32]

_OPTIONS = (
    b'{"type":%d,"training":false,"iteration_begin":0,"iteration_end":0,"missing":NaN,'
    b'"strict_shape":false,"cache_id":0}'
)
_VALUE, _MARGIN, _CONTRIBUTIONS = (_OPTIONS % kind for kind in (0, 1, 2))
_TABLE = b'{"data":[%d,true],"shape":[%d,%d],"typestr":"<f4","version":3}'
# Else the whole machine's processors would share the copying of a few rows.
_MATRIX = b'{"missing":NaN,"nthread":1}'


def predict(booster: Booster, rows: NDArray[Any]) -> Floats:
    """Predict all rows in one call, as `booster.inplace_predict` does. Safe in many threads.

    Args:
        booster: What predicts.
        rows: [n, features]; NaN for a value that is missing.

    Returns:
        float32 [n], or [n, classes] for a model of several classes.

    Raises:
        XGBoostError: The booster takes another number of features.
    """
    return _predict(booster, rows, _VALUE)


def predict_linear(booster: Booster, rows: NDArray[Any]) -> Floats:
    """The same for a booster of linear models (`gblinear`), which XGBoost asks by a matrix alone.

    Raises:
        XGBoostError: The booster takes another number of features.
    """
    if not len(rows):  # as above
        return predict_linear(booster, np.zeros((1, booster.num_features())))[:0]
    return _by_matrix(booster, rows, _VALUE)


def margin(booster: Booster, rows: NDArray[Any]) -> Floats:
    """The same before the objective's own function: log-odds for a classifier of two classes."""
    return _predict(booster, rows, _MARGIN)


def contributions(booster: Booster, rows: NDArray[Any]) -> Floats:
    """Return what each feature added to the margin of each row, as `pred_contribs` does.

    Args:
        booster: What predicts.
        rows: [n, features], at least one; NaN for a value that is missing.

    Returns:
        float32 [n, features + 1], or [n, classes, features + 1]; the last column is what a row gets
        before any of its features is looked at.

    Raises:
        XGBoostError: The booster takes another number of features.
    """
    return _by_matrix(booster, rows, _CONTRIBUTIONS)


def _by_matrix(booster: Booster, rows: NDArray[Any], options: bytes) -> Floats:
    if rows.shape[1] != (features := booster.num_features()):
        # Nobody below looks: it would read beyond the table.
        raise XGBoostError(f"a table of {rows.shape[1]} vs. {features} features")
    with _matrix(_as_table(rows)) as matrix:
        return _asked(LIBRARY.XGBoosterPredictFromDMatrix, booster.handle, matrix, options)


def _predict(booster: Booster, rows: NDArray[Any], options: bytes) -> Floats:
    if not len(rows):  # XGBoost does not tell the shape of nothing
        return _predict(booster, np.zeros((1, booster.num_features())), options)[:0]
    rows = _as_table(rows)
    call = LIBRARY.XGBoosterPredictFromDense
    return _asked(call, booster.handle, _interface(rows), options, _THREAD.notes.handle)


def _as_table(rows: NDArray[Any]) -> Floats:
    table = np.ascontiguousarray(rows, np.dtype("<f4"))
    # XGBoost refuses a table within other bytes, such as those of a request, at an odd address.
    return table if table.flags.aligned else table.copy()


def _interface(rows: Floats) -> bytes:
    return _TABLE % (rows.__array_interface__["data"][0], *rows.shape)


def _asked(call: Callable[..., int], *arguments: object) -> Floats:
    """Return a copy of what a call has found: that is its own, until this thread asks again."""
    shape, found = ctypes.POINTER(ctypes.c_uint64)(), ctypes.POINTER(ctypes.c_float)()
    axes = ctypes.c_uint64()
    _check(call(*arguments, ctypes.byref(shape), ctypes.byref(axes), ctypes.byref(found)))
    predictions = np.empty(shape[: axes.value], np.float32)
    ctypes.memmove(predictions.__array_interface__["data"][0], found, predictions.nbytes)
    return predictions


@contextmanager
def _matrix(rows: Floats) -> Iterator[ctypes.c_void_p]:
    """Lend XGBoost's own form of a table."""
    matrix = ctypes.c_void_p()
    _check(LIBRARY.XGDMatrixCreateFromDense(_interface(rows), _MATRIX, ctypes.byref(matrix)))
    try:
        yield matrix
    finally:
        _check(LIBRARY.XGDMatrixFree(matrix))


def _check(failed: int) -> None:
    if failed:
        raise XGBoostError(LIBRARY.XGBGetLastError().decode())


class _OfThread(threading.local):
    """What XGBoost notes of a table while it predicts, once for each thread.

    Else it makes one for each call, and looks into the files of the control group how many
    processors there are: on a few rows, that is half of the call.
    """

    def __init__(self) -> None:
        self.notes = _Notes()


class _Notes:
    def __init__(self) -> None:
        self.handle = ctypes.c_void_p()
        _check(LIBRARY.XGProxyDMatrixCreate(ctypes.byref(self.handle)))

    def __del__(self, free: Callable[..., int] = LIBRARY.XGDMatrixFree) -> None:
        free(self.handle)


_THREAD = _OfThread()
