"""What goes wrong inside a function, wherever it runs."""

from functools import lru_cache
from typing import Any

from headrace.errors import HeadraceError, NotDone


class Throttled(NotDone):
    """The function could not be invoked now: not an attempt, and not counted as one."""


class FunctionError(HeadraceError):
    """The function failed. An error that it reported by name is a subclass of that name."""


class FunctionTimeout(FunctionError):
    """The function did not answer in time; where that was possible, it was ended."""


class FunctionExited(FunctionError):
    """The function's process ended in the middle of an invocation, or its connection did."""


def reported(document: Any) -> FunctionError:
    """The error of an `{"errorType", "errorMessage"}` object, which every Lambda runtime writes."""
    if not isinstance(document, dict):
        return FunctionError(str(document)[:500])
    message = str(document.get("errorMessage") or "")
    if "Task timed out after" in message:
        return FunctionTimeout(message)
    return named(str(document.get("errorType") or "FunctionError"), message)


def named(name: str, message: str) -> FunctionError:
    """An error of a class that exists elsewhere, so that logs and dead letters show its name."""
    return _kind(name)(message)


@lru_cache(maxsize=100)
def _kind(name: str) -> type[FunctionError]:
    return type(name, (FunctionError,), {"__doc__": "Raised by the function."})
