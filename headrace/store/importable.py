"""Whether another process can load a model as this one does."""

import pickle
from collections.abc import Callable

from headrace.store.errors import StoreError
from headrace.store.version import Version


def check_importable(load: Callable[[Version], object]) -> None:
    """Check that another process can import what loads a model.

    Raises:
        StoreError: It is a lambda, a function inside a function, or one of the script itself.
    """
    try:
        found = b"__main__" not in pickle.dumps(load)
    except (pickle.PicklingError, AttributeError, TypeError):
        found = False
    if not found:
        name = getattr(load, "__qualname__", repr(load))
        raise StoreError(
            f"{name} cannot be tried in another process: load a model by a function or a class"
            " method of a module, or set trial_seconds=0"
        )
