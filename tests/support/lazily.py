"""Modules that are imported when a test asks one for something.

All processes of a test run collect all tests, and one of them runs those that need TensorFlow: in
each other one its import would take seconds, and half a gigabyte.
"""

import importlib
from typing import Any


class Lazily:
    """Stands for a module.

    Args:
        name: the module's whole name.
    """

    __slots__ = ("_name",)  # nothing else can be set: it would not reach the module

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):  # pytest asks everything in a file what it is
            raise AttributeError(attribute)
        return getattr(importlib.import_module(self._name), attribute)
