"""How a version is tried from the command line, whoever published it."""

from collections.abc import Callable
from functools import reduce
from typing import Any

from headrace.errors import SettingsError
from headrace.loading import load
from headrace.runtimes.files import graphs_of, open_graphs
from headrace.store.version import Version

_SERVING = "serving"  # as in headrace.inference.spec, which imports NumPy


def load_of(version: Version, asked: str | None) -> Callable[[Version], Any] | None:
    """Return what loads a version: the function that was asked for, or what its manifest allows.

    A version that `headrace models publish` made is loaded as ModelWorker loads it, golden samples
    included. Of another one, every file that an installed runtime takes is opened. None if there
    is no such file.

    Args:
        version: The version.
        asked: `module:function` or `module:Class.method`; None: as above.

    Raises:
        SettingsError: There is no such function.
    """
    if asked:
        return _function(asked)
    if _SERVING in version.manifest.attributes:
        from headrace.inference.model import ServedModel  # noqa: PLC0415 - NumPy

        return ServedModel.load
    return open_graphs if graphs_of(version) else None


def tried(version: Version, asked: str | None) -> str:
    """Say in words what a trial of this version has shown."""
    if asked:
        return f"{asked} loads it"
    if _SERVING in version.manifest.attributes:
        if not version.manifest.attributes[_SERVING].get("golden"):
            return "it loads; it has no golden samples"
        return "it loads, and answers its golden samples"
    paths = [path for _, path in graphs_of(version)]
    return f"{', '.join(paths)} loads" if paths else "no runtime that is installed takes its files"


def _function(asked: str) -> Callable[[Version], Any]:
    module, colon, attribute = asked.partition(":")
    first, *others = attribute.split(".")
    if not colon or not first:
        raise SettingsError(f"--load {asked}: not module:function")
    try:
        function: Callable[[Version], Any] = reduce(getattr, others, load(f"{module}:{first}"))
    except AttributeError as error:
        raise SettingsError(f"--load {asked}: {error}") from None
    return function
