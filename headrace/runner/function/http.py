"""A function behind the Lambda runtime interface over HTTP: the emulator, or `headrace serve`."""

from http import HTTPStatus
from typing import Any

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util import Timeout, parse_url

from headrace import json_text
from headrace.errors import SettingsError
from headrace.runner.function.errors import (
    FunctionError,
    FunctionExited,
    FunctionTimeout,
    Throttled,
    reported,
)
from headrace.runner.protocol.runtime_interface import INVOCATIONS
from headrace.sinks.url import shown

_CONNECT_SECONDS = 5.0
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_HEADERS = {"Content-Type": "application/json"}


class HttpFunction:
    """Calls the function with one POST for each event, over connections that are kept.

    Args:
        url: of the server; a path of its own is kept, else it is the emulator's.
        timeout: seconds that an answer may take.
        concurrency: how many calls run at once.

    Raises:
        SettingsError: the URL is none.
    """

    def __init__(self, url: str, timeout: float, concurrency: int) -> None:
        try:
            address = parse_url(url)
            self._pool = urllib3.connection_from_url(
                url,
                maxsize=concurrency,
                timeout=Timeout(connect=_CONNECT_SECONDS, read=timeout),
                retries=False,
            )
        except LocationValueError as error:
            raise SettingsError(f"HEADRACE_FUNCTION={shown(url)!r}: {_about(error)}") from None
        has_path = address.path not in {None, "", "/"}
        self._path = address.request_uri if has_path else INVOCATIONS
        self._url = shown(url)
        self._timeout = timeout

    def __call__(self, event: Any) -> Any:
        """The function's response.

        Raises:
            FunctionError: it failed, ended or did not answer in time.
            Throttled: it was not invoked.
        """
        try:
            answer = self._pool.urlopen(
                "POST", self._path, json_text.encode(event), _HEADERS, redirect=False
            )
        except (NewConnectionError, ConnectTimeoutError) as error:
            raise Throttled(f"{self._url} is out of reach: {error}") from None
        except ReadTimeoutError:
            raise FunctionTimeout(f"no answer within {self._timeout:g} s") from None
        except HTTPError as error:
            raise FunctionExited(f"{self._url} gave no answer: {error}") from None
        return _response(answer.status, answer.data, answer.headers)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


def _about(error: Exception) -> str:
    """Return what is wrong with an address, without what the library quotes of it."""
    return str(error).rpartition("@")[2]


def _response(status: int, body: bytes, headers: Any) -> Any:
    if status in _BUSY or (status == HTTPStatus.BAD_REQUEST and not body):
        raise Throttled("the function is busy")  # the emulator says so with an empty 400
    try:
        document = json_text.decode(body) if body else None
    except json_text.JsonError:
        # The emulator puts a timeout into plain words, with status 200.
        raise reported({"errorMessage": body[:500].decode(errors="replace")}) from None
    if "X-Amz-Function-Error" in headers or _is_error(document):
        raise reported(document)
    if status != HTTPStatus.OK:
        raise FunctionError(f"HTTP status {status}: {body[:500].decode(errors='replace')}")
    return document


def _is_error(document: Any) -> bool:
    return isinstance(document, dict) and {"errorType", "errorMessage"} <= document.keys()
