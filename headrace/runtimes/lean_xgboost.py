"""XGBoost's core alone, in a fifth of the time that `import xgboost` takes.

The package's own import brings its scikit-learn wrapper, its plots, all of scikit-learn if that
is installed, and through SciPy NumPy's Fortran and test tools; none of it is needed to predict.
Here only its core is loaded; a later `import xgboost` adds the rest, but not the wrapper.
"""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import numpy as np

# NumPy loads these at the first look, and SciPy looks at every name of NumPy.
_UNNEEDED = ("f2py", "testing")


@contextmanager
def _lean() -> Iterator[None]:
    if "xgboost" in sys.modules:
        yield
        return
    spec = importlib.util.find_spec("xgboost")
    if spec is None:
        raise ModuleNotFoundError("No module named 'xgboost'", name="xgboost")
    placeholders = [name for name in _UNNEEDED if f"numpy.{name}" not in sys.modules]
    for name in placeholders:
        setattr(np, name, ModuleType(f"numpy.{name}"))
    sys.modules["xgboost"] = importlib.util.module_from_spec(spec)  # its code is not run
    hidden = "sklearn" not in sys.modules
    if hidden:
        sys.modules["sklearn"] = None  # type: ignore[assignment]  # makes its import fail
    try:
        yield
    finally:
        del sys.modules["xgboost"]
        if hidden:
            del sys.modules["sklearn"]
        for name in placeholders:
            delattr(np, name)


with _lean():
    import xgboost.data  # noqa: F401 - the first prediction would load it
    from xgboost.core import _LIB as LIBRARY
    from xgboost.core import Booster, DMatrix, XGBoostError

__all__ = ["LIBRARY", "Booster", "DMatrix", "XGBoostError"]
