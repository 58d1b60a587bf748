"""Structured logs: one JSON object a line, on standard output, the same wherever a worker runs.

The lines have the form of Powertools for AWS Lambda, but are not written by it: it is slow to
import, and refuses fields that the standard library's own records have (`name`, `module`).
"""

import logging
import os
import time
import warnings
from collections.abc import Mapping
from typing import Any, Protocol, TextIO, get_args

from headrace.log_line import log_line, message_of
from headrace.log_output import OUTPUT as _OUTPUT
from headrace.log_uncaught import log_uncaught
from headrace.settings import LogLevel, variable

_OURS = logging.getLogger("headrace")
# Lambda's runtime sets them, and so does its emulator.
_IN_LAMBDA = "AWS_LAMBDA_RUNTIME_API"
_TRACE = "_X_AMZN_TRACE_ID"
# Characters: CloudWatch takes 256 kB in a line.
_MOST_TRACE = 50_000


class Log(Protocol):
    """What the library and its users log with: a message that stays the same, and fields.

    A field that is None is left out. The field `exc_info`, an exception or True, adds a traceback.
    """

    def debug(self, message: str, /, **fields: Any) -> None:
        """Log what only helps to find a fault."""
        ...

    def info(self, message: str, /, **fields: Any) -> None:
        """Log what happens in the ordinary course."""
        ...

    def warning(self, message: str, /, **fields: Any) -> None:
        """Log what somebody should look at in time."""
        ...

    def error(self, message: str, /, **fields: Any) -> None:
        """Log what failed."""
        ...

    def exception(self, message: str, /, **fields: Any) -> None:
        """Log what failed, with the traceback of the exception that is being handled."""
        ...


def logger(service: str, level: LogLevel) -> Log:
    """Open a log.

    Args:
        service: whose log it is; the field `service` of each line.
        level: the least severe messages that are logged.
    """
    return _StandardLog(service, level)


def log_libraries(level: LogLevel | None = None) -> None:
    """Have what libraries log or warn of, and what nobody catches, written as lines like ours.

    To be called by what owns the process. If the user's own code has given the root logger a
    handler already, that is left alone; only Lambda's own writes our form from then on.

    Args:
        level: the least severe messages that are logged; of others' libraries no less than
            warnings. None: what HEADRACE_LOG_LEVEL says.
    """
    root = logging.getLogger()
    if _IN_LAMBDA in os.environ:
        for handler in root.handlers:
            handler.setFormatter(_JsonFormatter())
    elif not root.handlers:
        root.addHandler(_OUTPUT)
    least = level or os.environ.get(variable("log_level"), "").upper()
    _OURS.setLevel(least if least in get_args(LogLevel) else logging.INFO)
    if least == "ERROR" and (_IN_LAMBDA in os.environ or _OUTPUT in root.handlers):
        root.setLevel(logging.ERROR)
    warnings.showwarning = _log_warning
    log_uncaught()


def silence_libraries() -> None:
    """Have nothing written of what libraries log, for a command whose own line says what is wrong.

    To be called by what owns the process. A handler of the user's own code still gets it.
    """
    logging.getLogger().addHandler(logging.NullHandler())


class _StandardLog:
    """A Log on top of the standard library."""

    def __init__(self, service: str, level: LogLevel) -> None:
        self._logger = logging.Logger(service, level)
        self._logger.addHandler(_OUTPUT)

    def debug(self, message: str, /, **fields: Any) -> None:
        self._write(logging.DEBUG, message, fields)

    def info(self, message: str, /, **fields: Any) -> None:
        self._write(logging.INFO, message, fields)

    def warning(self, message: str, /, **fields: Any) -> None:
        self._write(logging.WARNING, message, fields)

    def error(self, message: str, /, **fields: Any) -> None:
        self._write(logging.ERROR, message, fields)

    def exception(self, message: str, /, **fields: Any) -> None:
        self._write(logging.ERROR, message, {"exc_info": True, **fields})

    def _write(self, level: int, message: str, fields: dict[str, Any]) -> None:
        if self._logger.isEnabledFor(level):
            exc_info = fields.pop("exc_info", None)
            if isinstance(fields.get("extra"), Mapping):  # as the standard library has them
                fields.update(fields.pop("extra"))
            self._logger.log(level, message, exc_info=exc_info, extra={"fields": fields})


class _JsonFormatter(logging.Formatter):
    """A line of a log: level, message, time (RFC 3339, UTC), service, and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        entry = {
            "level": record.levelname,
            "message": message_of(record),
            "timestamp": f"{seconds}.{int(record.msecs):03d}+00:00",
            "service": record.name,
            **_trace(),
        }
        fields = getattr(record, "fields", {})
        entry.update({name: value for name, value in fields.items() if value is not None})
        if record.exc_info and record.exc_info[0] is not None:
            entry["exception"] = _shortened(self.formatException(record.exc_info))
            entry["exception_name"] = record.exc_info[0].__name__
        return log_line(entry)


def _shortened(trace: str) -> str:
    """Return both ends of a trace: an error may be as long as the page that it quotes."""
    if len(trace) <= _MOST_TRACE:
        return trace
    return f"{trace[: _MOST_TRACE // 2]} … {trace[-_MOST_TRACE // 2 :]}"


_OUTPUT.setFormatter(_JsonFormatter())


def _trace() -> dict[str, str]:
    """Return the id that Lambda's tracing has for the invocation, if there is one."""
    found = os.environ.get(_TRACE, "")
    root = next((part[5:] for part in found.split(";") if part.startswith("Root=")), "")
    return {"xray_trace_id": root} if root else {}


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del file, line  # it goes to the log, and the place is told
    fields = {"category": category.__name__, "place": f"{filename}:{lineno}"}
    logging.getLogger("py.warnings").warning(str(message), extra={"fields": fields})
