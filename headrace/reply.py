"""An answer with its own status and content type, if a plain JSON value is not enough."""

import re

import msgspec

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_KIND, _JSON = "content-type", "application/json"
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
        headers: further response headers. A `content-type` among them is that of the reply.

    Raises:
        TypeError: the body is not bytes, the content type is not text, or the headers are no pairs
            of text.
        ValueError: a status is not one of HTTP; a header would be several, as it holds a line end;
            or a header is the connection's, or says another length than the body has; or there are
            two content types.
    """

    body: bytes
    content_type: str = _JSON
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.body, bytes):
            raise TypeError(f"the body of a reply is bytes, not {type(self.body).__name__}")
        if not isinstance(self.content_type, str):
            raise TypeError(f"the content type of a reply is text, not {self.content_type!r:.100}")
        if not (isinstance(self.status, int) and 200 <= self.status <= 599):
            raise ValueError(f"a reply cannot have the status {self.status!r}")
        for one in self.headers:
            if not _is_pair(one):
                raise TypeError(f"the headers of a reply are pairs of text; {one!r:.100} is none")
        for name, value in (*self.headers, (_KIND, self.content_type)):
            if not may_have(name, value, len(self.body)):
                raise ValueError(f"a reply cannot have the header {name!r}: {value!r}")
        if kinds := {value for name, value in self.headers if name.lower() == _KIND}:
            self._take(kinds)

    def _take(self, kinds: set[str]) -> None:
        """Have the content type that the headers say."""
        found = kinds | ({self.content_type} - {_JSON})
        if len(found) > 1:
            raise ValueError(f"a reply cannot have two content types: {', '.join(sorted(found))}")
        others = tuple(one for one in self.headers if one[0].lower() != _KIND)
        msgspec.structs.force_setattr(self, "content_type", found.pop())
        msgspec.structs.force_setattr(self, "headers", others)

    @property
    def is_text(self) -> bool:
        """Whether the body travels as text."""
        return self.content_type.startswith("text/") or "json" in self.content_type


def _is_pair(value: object) -> bool:
    is_pair = isinstance(value, tuple | list) and len(value) == 2
    return is_pair and all(isinstance(one, str) for one in value)  # type: ignore[attr-defined]
