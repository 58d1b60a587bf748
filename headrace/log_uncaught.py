"""Exceptions that nobody can catch, as lines of the log: of a user's thread, of a finalizer."""

import logging
import sys
import threading
from types import TracebackType
from typing import Any

_LOG = logging.getLogger("py.exceptions")


def log_uncaught() -> None:
    """Have them logged in place of a trace on standard error. Hooks of the user's own stay."""
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _of_a_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _unraisable


def _of_a_thread(found: threading.ExceptHookArgs, /) -> None:
    if found.exc_type is SystemExit:  # a way to end a thread
        return
    name = "" if found.thread is None else found.thread.name
    _tell("a thread has ended by an exception", found.exc_value, found.exc_traceback, thread=name)


def _unraisable(found: "sys.UnraisableHookArgs", /) -> None:
    message = found.err_msg or "an exception is ignored"
    _tell(message, found.exc_value, found.exc_traceback, place=_described(found.object))


def _tell(
    message: str, error: BaseException | None, trace: TracebackType | None, **fields: str
) -> None:
    info = None if error is None else (type(error), error, trace)
    _LOG.error(message, exc_info=info, extra={"fields": fields})


def _described(place: Any) -> str:
    try:
        return repr(place)
    except Exception:  # noqa: BLE001 - an object that is half gone
        return object.__repr__(place)
