"""GET over HTTP where the server decides nothing: not the time, not the bytes, not the way."""

import http.client
import io
import socket
import ssl
from typing import cast

from headrace.images.connect import Dialer
from headrace.images.deadline import Deadline
from headrace.images.error import ImageError, status_error
from headrace.images.response import FinalResponse
from headrace.images.settings import ImageSettings
from headrace.images.url import Target, parse

MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PIECE = 1 << 16
# aws-chunked says how the image was uploaded: S3 keeps the word, not the chunks.
_PLAIN = frozenset({"identity", "aws-chunked"})


class _TooManyBytesError(OSError):
    """The server sent more than any image of the allowed size needs."""


class _BoundedReader(io.RawIOBase):
    """What http.client reads from: every read is bounded by the deadline and a budget of bytes.

    The budget covers what http.client itself puts no bound on: interim answers, chunk framing,
    trailers, and a chunk of negative size, which it reads to the end.
    """

    def __init__(self, connection: socket.socket, deadline: Deadline, budget: int) -> None:
        self._connection = connection
        self._deadline = deadline
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        # Errors of the socket's family only: http.client swallows any ValueError in a chunk's size.
        self._connection.settimeout(self._deadline.remaining())
        count = self._connection.recv_into(buffer)
        self._budget -= count
        if self._budget < 0:
            raise _TooManyBytesError
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return a buffered view, as a socket's `makefile` does."""
        return io.BufferedReader(self, _PIECE)


class Fetcher:
    """Fetches files by http and https.

    Args:
        settings: What may be reached, and how much of it is read.
        dialer: What opens the connections.
    """

    def __init__(self, settings: ImageSettings, dialer: Dialer) -> None:
        self._settings = settings
        self._dialer = dialer

    def get(self, url: str, deadline: Deadline) -> bytes:
        """Fetch one file, over at most three redirects, each checked as the first URL is.

        Raises:
            ImageError: if the file cannot be fetched.
            TimeoutError: if the deadline passed.
        """
        try:
            return self._get(parse(url, self._settings), deadline)
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException) as error:
            refusal = _explain(error)
        # Raised out here, it does not carry along what the other error holds: the server's words.
        raise refusal

    def _get(self, target: Target, deadline: Deadline) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            with (
                self._dialer.open(target, deadline) as connection,
                self._response(connection, deadline) as response,
            ):
                connection.settimeout(deadline.remaining())
                connection.sendall(_request(target))
                response.begin()
                if response.status not in _REDIRECTS:
                    return self._body(response)
            target = self._next(target, response)
        raise ImageError("redirect", f"more than {MAX_REDIRECTS} redirects")

    def _response(self, connection: socket.socket, deadline: Deadline) -> http.client.HTTPResponse:
        budget = 2 * self._settings.image_max_bytes + _PIECE
        reader = _BoundedReader(connection, deadline, budget)
        return FinalResponse(cast("socket.socket", reader), method="GET")

    def _next(self, target: Target, response: http.client.HTTPResponse) -> Target:
        location = response.headers.get("Location")
        if not location:
            raise ImageError("redirect", "the server redirects without saying where to")
        return target.follow(location, self._settings)

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        _refuse_unless_plain(response)
        limit = self._settings.image_max_bytes
        body = bytearray()
        if (response.length or 0) <= limit:
            while piece := _piece(response):
                body += piece
                if len(body) > limit:
                    break
            else:
                if response.length:
                    raise ImageError("truncated", "the image ended early", transient=True)
                return bytes(body)
        raise ImageError("size", f"the image is larger than {limit} bytes")


def _piece(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(_PIECE)
    except ValueError as error:  # a chunk of negative size
        raise http.client.HTTPException(str(error)) from None


def _request(target: Target) -> bytes:
    return (
        f"GET {target.path} HTTP/1.1\r\n"
        f"Host: {target.netloc}\r\n"
        "User-Agent: headrace\r\n"
        "Accept: image/jpeg, image/png, image/webp, image/gif\r\n"
        "Accept-Encoding: identity\r\n"
        "Connection: close\r\n\r\n"
    ).encode("ascii")


def _refuse_unless_plain(response: http.client.HTTPResponse) -> None:
    if response.status != 200:
        raise status_error(response.status)
    if _codings(response, "Content-Encoding") - _PLAIN or (
        _codings(response, "Transfer-Encoding") - {"identity"} and not response.chunked
    ):
        raise ImageError("encoding", "the server encoded the image although asked not to")


def _codings(response: http.client.HTTPResponse, header: str) -> set[str]:
    """Return what a header lists, over all its lines, in lower case."""
    listed = ",".join(response.headers.get_all(header, []))
    return {coding.strip().lower() for coding in listed.split(",")} - {""}


def _explain(error: OSError | http.client.HTTPException) -> ImageError:
    match error:
        case _TooManyBytesError():
            return ImageError("size", "the server sent too many bytes")
        case ssl.SSLCertVerificationError():
            return ImageError("tls", "the server's certificate is not valid for this host")
        case ssl.SSLError():
            return ImageError("tls", "no secure connection to the server", transient=True)
        case OSError():
            return ImageError("connect", "the connection broke", transient=True)
        case http.client.IncompleteRead():
            return ImageError("truncated", "the image ended early", transient=True)
        case _:
            return ImageError("protocol", "the server's answer is not valid HTTP")
