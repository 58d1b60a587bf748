"""XGBoost's core alone, in a tenth of the time that `import xgboost` takes.

The package's own import brings its scikit-learn wrapper, its plots, all of scikit-learn if that
is installed, and SciPy; none of it is needed to predict. Here only its core is loaded; a later
`import xgboost` adds the rest, but not the wrapper.
"""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


@contextmanager
def _lean() -> Iterator[None]:
    if "xgboost" in sys.modules:
        yield
        return
    spec = importlib.util.find_spec("xgboost")
    if spec is None:
        raise ModuleNotFoundError("No module named 'xgboost'", name="xgboost")
    others: dict[str, Any] = {"xgboost": importlib.util.module_from_spec(spec)}  # its code not run
    if "sklearn" not in sys.modules:
        others["sklearn"] = None  # makes its import fail
    if "scipy" not in sys.modules:
        others["scipy"] = scipy = ModuleType("scipy")
        others["scipy.sparse"] = scipy.sparse = _Sparse("scipy.sparse")  # type: ignore[attr-defined]
    sys.modules.update(others)
    try:
        yield
    finally:
        for name in others:
            del sys.modules[name]


class _Sparse(ModuleType):
    """Stands for SciPy's matrices in XGBoost, which names one of them in what it declares.

    Later, who hands over anything but an array has the real ones looked at.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            return object
        return getattr(importlib.import_module(self.__name__), name)


with _lean():
    from xgboost.core import _LIB as LIBRARY
    from xgboost.core import Booster, XGBoostError

__all__ = ["LIBRARY", "Booster", "XGBoostError"]
