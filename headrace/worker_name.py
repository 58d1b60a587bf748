"""Which worker a command means: `module:attribute`, a module, or the name of a file in workers/."""

import importlib

from workers.errors import SettingsError
from workers.handler import Handler


def find_handler(name: str) -> Handler:
    """The handler that the name stands for. Raises SettingsError where it stands for none."""
    module, _, attribute = name.partition(":")
    path = module if "." in module or ":" in name else f"workers.{module}"
    try:
        handler = getattr(importlib.import_module(path), attribute or "handler")
    except (ImportError, AttributeError) as error:
        raise SettingsError(f"no worker {name!r}: {error}") from None
    if not isinstance(handler, Handler):
        raise SettingsError(f"{name!r} is not made by lambda_handler")
    return handler
