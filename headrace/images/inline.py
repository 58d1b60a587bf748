"""Images that are their own URL (`data:`, RFC 2397)."""

import base64
from urllib.parse import unquote_to_bytes

from headrace.images.error import ImageError


def read(url: str, max_bytes: int) -> bytes:
    """Return the bytes that a data URL holds; its media type does not matter.

    Raises:
        ImageError: if the URL is malformed or too large.
    """
    head, comma, payload = url.partition(",")
    if not comma:
        raise ImageError("url", "the data URL has no comma")
    # A byte takes at most three characters: a longer payload is too large before it is decoded.
    if len(payload) > 3 * max_bytes:
        raise ImageError("size", f"the image is larger than {max_bytes} bytes")
    try:
        data = unquote_to_bytes(payload)
        if head.lower().endswith(";base64"):
            data = base64.b64decode(data, validate=True)
    except ValueError:
        raise ImageError("url", "the data URL is malformed") from None
    if len(data) > max_bytes:
        raise ImageError("size", f"the image is larger than {max_bytes} bytes")
    return data
