"""The one error of the image loader."""

from typing import Literal

from headrace.errors import HeadraceError

Kind = Literal[
    "url",  # not a URL that we read, or one that hides where it goes
    "scheme",  # this kind of URL is not allowed here
    "port",
    "address",  # the host has an address that is not public
    "dns",
    "connect",
    "tls",
    "timeout",
    "protocol",  # the answer is not HTTP
    "redirect",
    "status",
    "missing",  # the object is not in its bucket
    "encoding",
    "size",
    "truncated",
    "type",
    "pixels",
    "decode",
]


class ImageError(HeadraceError):
    """The image cannot be fetched or decoded. The message may be shown to whoever sent the URL.

    It holds neither the URL nor anything that a server answered, resolved addresses included.

    Attributes:
        kind: What went wrong, as a stable word for programs.
        transient: Whether the same URL may work later.
    """

    def __init__(self, kind: Kind, message: str, transient: bool = False) -> None:
        super().__init__(kind, message, transient)
        self.kind = kind
        self.transient = transient
        self._message = message

    def __str__(self) -> str:
        return self._message


def status_error(status: int) -> ImageError:
    """Return the error for an HTTP status that is not success."""
    return ImageError(
        "status", f"the server answered with status {status}", status == 429 or status >= 500
    )
