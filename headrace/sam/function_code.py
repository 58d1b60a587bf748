"""Which code a function runs, and how long it may take."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headrace.errors import SettingsError
from headrace.loading import load
from headrace.plan.given import Given
from headrace.plan.unknown import Unknown, plain
from headrace.sam.functions import StreamFunction
from headrace.sam.resolver import Resolver

_DEFAULT_TIMEOUT = 3
_LONGEST_TIMEOUT = 900
_USED = ("Handler", "ImageConfig", "Runtime", "CodeUri", "Timeout", "Environment")


@dataclass(frozen=True)
class Code:
    """A function's code.

    Attributes:
        name: `module:attribute`; the attribute is `handler` if it is left out.
        folder: the folder that is searched first for the module.
    """

    name: str
    folder: Path

    def load(self) -> Any:
        """Import it. Raises SettingsError if there is no such function."""
        return load(self.name, self.folder)


def properties_of(function: StreamFunction, resolver: Resolver) -> dict[str, Any]:
    """Return the properties that matter here, with values for their functions.

    Raises:
        SettingsError: a function has wrong arguments; the message names the place.
    """
    written = {name: (function.properties or {}).get(name) for name in _USED}
    given = {name: value for name, value in written.items() if value is not None}
    resolved = resolver.resolve(given, function.name)
    return resolved if isinstance(resolved, dict) else {}


def code_of(properties: dict[str, Any], place: str, folder: Path) -> Code:
    """Return the code of a function: its Handler, or the end of its image's command.

    Args:
        properties: those of the function.
        place: how messages name the function.
        folder: the template's.

    Raises:
        SettingsError: the template does not say, or the code is not Python.
    """
    runtime = properties.get("Runtime", "python")
    if not str(runtime).startswith("python"):
        raise SettingsError(
            f"{place}.Runtime is {runtime}: only Python runs in this process; --function says"
            " where another runtime is"
        )
    image = properties.get("ImageConfig")
    command = image.get("Command") if isinstance(image, dict) else None
    handler = command[-1] if isinstance(command, list) and command else properties.get("Handler")
    module, dot, attribute = str(handler).rpartition(".")
    if not isinstance(handler, str) or not dot or not module or not attribute:
        raise SettingsError(
            f"{place}: no Handler and no ImageConfig.Command that ends with module.function:"
            " give --handler or --function"
        )
    uri = properties.get("CodeUri")
    code = folder / uri if isinstance(uri, str) and (folder / uri).is_dir() else folder
    return Code(f"{module.strip('./').replace('/', '.')}:{attribute}", code)


def timeout_of(properties: dict[str, Any], place: str) -> Given:
    """Return the function's timeout in seconds. Raises SettingsError."""
    if "Timeout" not in properties:
        return Given(_DEFAULT_TIMEOUT, f"{place}.Timeout, by default")
    value = properties["Timeout"]
    text = str(plain(value))
    known = text.isdecimal() and 1 <= int(text) <= _LONGEST_TIMEOUT
    if not known and not isinstance(value, Unknown):
        raise SettingsError(f"{place}.Timeout: expected int from 1 to 900, got {value!r}")
    return Given(value, f"{place}.Timeout")
