"""The module of a URL's kind: imported, with its client library, only when a URL asks for it."""

from collections.abc import Collection
from importlib import import_module
from types import ModuleType

from headrace.errors import SettingsError
from headrace.extras import missing


def module_of_kind(scheme: str, kinds: Collection[str], package: str, what: str) -> ModuleType:
    """Import the module that stands for a scheme.

    Args:
        scheme: of the URL.
        kinds: the schemes that there are.
        package: holds a module for each of them, by its name.
        what: names what the URL is for, in an error.

    Raises:
        SettingsError: there is no such kind, or its client is not installed.
    """
    if scheme not in kinds:
        raise SettingsError(f"{what}: unknown scheme {scheme!r}, choose from {', '.join(kinds)}")
    try:
        return import_module(f"{package}.{scheme}")
    except ModuleNotFoundError as error:
        problem = missing(error)
        if problem is None:
            raise
        raise SettingsError(f"{what}: {problem}") from None
