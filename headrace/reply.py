"""An answer with its own status and content type, if a plain JSON value is not enough."""

import re

import msgspec

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NO_VALUE = re.compile(r"[\r\n\0]")
# They say where a response ends, or what comes after it: only the server knows.
_OF_THE_CONNECTION = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def may_have(name: str, value: str, size: int) -> bool:
    """Return whether a response with this header is still one response.

    Args:
        name: of the header.
        value: of the header.
        size: how many bytes the body has.
    """
    if not _NAME.fullmatch(name) or _NO_VALUE.search(value):
        return False
    if name.lower() == "content-length":
        return value == str(size)
    return name.lower() not in _OF_THE_CONNECTION


class Reply(msgspec.Struct, frozen=True):
    """What a worker may return from `process` instead of a JSON value.

    A caller over HTTP gets it as the HTTP response, a direct caller as
    `{"statusCode", "headers", "body"}`, a sink gets the body alone.

    Attributes:
        body: the bytes of the answer.
        content_type: its media type; bytes that are not text travel as base64.
        status: the HTTP status.
        headers: further response headers.

    Raises:
        TypeError: the body is not bytes.
        ValueError: a status is not one of HTTP; a header would be several, as it holds a line end;
            or a header is the connection's, or says another length than the body has.
    """

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.body, bytes):
            raise TypeError(f"the body of a reply is bytes, not {type(self.body).__name__}")
        if not 200 <= self.status <= 599:
            raise ValueError(f"a reply cannot have the status {self.status}")
        for name, value in (*self.headers, ("content-type", self.content_type)):
            if not may_have(name, value, len(self.body)):
                raise ValueError(f"a reply cannot have the header {name!r}: {value!r}")

    @property
    def is_text(self) -> bool:
        """Whether the body travels as text."""
        return self.content_type.startswith("text/") or "json" in self.content_type
