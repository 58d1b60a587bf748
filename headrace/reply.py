"""An answer with its own status and content type, where a plain JSON value is not enough."""

import msgspec


class Reply(msgspec.Struct, frozen=True):
    """What a worker may return from `process` instead of a JSON value.

    A caller over HTTP gets it as the HTTP response, a direct caller as
    `{"statusCode", "headers", "body"}`, a sink gets the body alone.

    Attributes:
        body: the bytes of the answer.
        content_type: its media type; bytes that are not text travel as base64.
        status: the HTTP status.
        headers: further response headers.
    """

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether the body travels as text."""
        return self.content_type.startswith("text/") or "json" in self.content_type
