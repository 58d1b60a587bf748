"""Which worker a command means: the name of a file in workers/, a module, or `module:attribute`."""

import importlib
import importlib.util
import sys
from pathlib import Path

from headrace.errors import SettingsError
from headrace.handler import Handler


def find_handler(name: str) -> Handler:
    """The handler that the name stands for; modules of the working directory are found, too.

    Raises:
        SettingsError: the name stands for no handler.
    """
    module, _, attribute = name.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    is_ours = "." not in module and importlib.util.find_spec(f"workers.{module}") is not None
    path = f"workers.{module}" if is_ours else module
    try:
        handler = getattr(importlib.import_module(path), attribute or "handler")
    except (ImportError, AttributeError) as error:
        raise SettingsError(f"no worker {name!r}: {error}") from None
    if not isinstance(handler, Handler):
        raise SettingsError(f"{name!r} is not made by lambda_handler")
    return handler
