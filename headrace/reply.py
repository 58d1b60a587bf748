"""An answer with its own status and content type, if a plain JSON value is not enough."""

import re

import msgspec

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NO_VALUE = re.compile(r"[\r\n\0]")


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
        ValueError: a status is not one of HTTP, or a header would be several: it holds a line end.
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
            if not _NAME.fullmatch(name) or _NO_VALUE.search(value):
                raise ValueError(f"a reply cannot have the header {name!r}: {value!r}")

    @property
    def is_text(self) -> bool:
        """Whether the body travels as text."""
        return self.content_type.startswith("text/") or "json" in self.content_type
