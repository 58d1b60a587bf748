"""Write `process(record)` once; run it on AWS Lambda, on a stream and behind HTTP."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headrace.errors import Reject
    from headrace.handler import lambda_handler
    from headrace.record import Record
    from headrace.reply import Reply
    from headrace.worker import Worker

__version__ = "0.2.0"

__all__ = ["Record", "Reject", "Reply", "Worker", "lambda_handler"]

_PLACES = {
    "Record": "record",
    "Reject": "errors",
    "Reply": "reply",
    "Worker": "worker",
    "lambda_handler": "handler",
}


def __getattr__(name: str) -> object:
    """Import what is asked for: pytest loads our plugin in suites that use nothing of it."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
