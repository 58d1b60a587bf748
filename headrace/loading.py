"""From `module[:attribute]` to the function that it names: files of the working directory first.

Only the standard library comes before the working directory. So a user's file may have any name
(`handler.py`, `models/`, even that of an installed package), and yet a user's `queue.py` does not
become everybody's queue: it is loaded under a name of its own, see `headrace.here`.
"""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module, invalidate_caches
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from headrace.errors import SettingsError, WorkerError
from headrace.handler import Handler, lambda_handler
from headrace.loading_errors import explain, hint, missing_attribute
from headrace.worker import Worker

_STANDARD = (str(Path(os.__file__).parent), str(Path(os.__file__).parent / "lib-dynload"))
_STANDARD_NAMES = sys.stdlib_module_names | {"test"}  # that of its own tests, which the list lacks


def load(name: str, folder: Path | None = None) -> Callable[..., Any]:
    """Import the function that a name stands for.

    Args:
        name: `module` or `module:attribute`; the attribute is `handler` if it is left out. If it
            is a worker, this is its handler.
        folder: where the module is looked for before the working directory.

    Raises:
        SettingsError: there is no such module or attribute, it cannot be called, or the module
            fails while it is imported. The message is one line; for a failing module it names the
            file and the line.
    """
    path, _, attribute = name.partition(":")
    attribute = attribute or "handler"
    module = _import(path, [here for here in (folder, Path.cwd()) if here is not None])
    function = getattr(module, attribute, None)
    if function is None:
        raise SettingsError(f"{path} {missing_attribute(module, path, attribute)}")
    if isinstance(function, type) and issubclass(function, Worker):
        return _handler_of(function, name)
    if not callable(function):
        raise SettingsError(f"{path}:{attribute} is no function")
    return cast("Callable[..., Any]", function)


def find_handler(name: str) -> Handler:
    """The worker's handler that a name stands for.

    Raises:
        SettingsError: as `load` does, or what the name stands for was not made by lambda_handler.
    """
    handler = load(name)
    if not isinstance(handler, Handler):
        raise SettingsError(f"{name} is no worker, and not made by lambda_handler")
    return handler


def places_of_users() -> list[str]:
    """Where modules are looked for, without the standard library."""
    return [path for path in sys.path if path not in _STANDARD]


def _handler_of(worker: type[Worker], name: str) -> Handler:
    try:
        return lambda_handler(worker)
    except WorkerError as error:
        raise SettingsError(f"{name}: {error}") from None


def _import(path: str, folders: Sequence[Path]) -> ModuleType:
    if "/" in path or not all(path.split(".")):
        raise SettingsError(f"{path!r} is not the name of a module{hint(path, folders)}")
    _look_first_in(folders)
    name = path
    if _is_taken(path, folders):
        name = f"headrace.here.{path}"
        import_module("headrace.here").__path__ = places_of_users()
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        # The module itself, or a package that it should be in; else it is an import inside it.
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise SettingsError(f"there is no module {path!r}{hint(path, folders)}") from None
        raise SettingsError(explain(path, error, folders)) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever the user's module may raise
        raise SettingsError(explain(path, error, folders)) from None


def _look_first_in(folders: Sequence[Path]) -> None:
    """Put the folders before everything that is installed, but behind the standard library."""
    first = [*(path for path in sys.path if path in _STANDARD), *map(str, folders)]
    sys.path[:] = dict.fromkeys([*first, *sys.path])
    invalidate_caches()  # a file may have been written a moment ago


def _is_taken(path: str, folders: Sequence[Path]) -> bool:
    """Whether the folders have the module, but its top name means another one already."""
    top, _, inner = path.partition(".")
    spec = found = PathFinder.find_spec(top, list(map(str, folders)))
    for part in inner.split(".") if inner else ():
        places = found.submodule_search_locations if found else None
        found = PathFinder.find_spec(part, places) if places else None
    if spec is None or found is None or not found.has_location:
        return False
    loaded = sys.modules.get(top)
    return top in _STANDARD_NAMES or (loaded is not None and not _is_from(loaded, spec))


def _is_from(module: ModuleType, spec: ModuleSpec) -> bool:
    origin = spec.origin if spec.has_location else None
    wanted = [origin, *(spec.submodule_search_locations or ())]
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    return [os.path.realpath(place or "") for place in wanted] == [
        os.path.realpath(place or "") for place in places
    ]
