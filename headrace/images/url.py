"""Which URLs are read: strict about where they go, lenient about the path.

Everything that parsers are known to disagree on is refused instead of repaired: backslashes,
control characters, credentials, numbers that are addresses in disguise, and hosts outside ASCII
(an internationalised name is welcome in its `xn--` form).
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from headrace.images.error import ImageError
from headrace.images.host import host_and_port, joined
from headrace.images.settings import ImageSettings

MAX_URL_LENGTH = 8192
_PORTS = {"http": 80, "https": 443}
_SAFE = "%/:=&?~+!$,;'@()*[]"


@dataclass(frozen=True)
class Target:
    """A URL that may be requested.

    Attributes:
        scheme: "http" or "https".
        host: A name in lower case, or an address without brackets.
        port: 1 to 65535.
        path: Path and query, ASCII, as the request line needs it.
        listed: Whether the settings name this host and port: its address may be any.
    """

    scheme: Literal["http", "https"]
    host: str
    port: int
    path: str
    listed: bool

    @property
    def netloc(self) -> str:
        """Return host and port as the Host header needs them."""
        both = joined(self.host, self.port)
        return both.removesuffix(f":{_PORTS[self.scheme]}")

    def follow(self, location: str, settings: ImageSettings) -> "Target":
        """Return the target of a redirect.

        Args:
            location: The Location header as http.client gives it: bytes read as Latin-1.
            settings: What may be reached.

        Raises:
            ImageError: if the redirect must not be followed.
        """
        location = quote(location, safe=_SAFE + '#\\<>"^`{|}', encoding="latin-1")
        try:
            url = urljoin(f"{self.scheme}://{self.netloc}{self.path}", location)
        except ValueError:
            raise ImageError("redirect", "the redirect does not lead to a URL") from None
        target = parse(url, settings)
        if self.scheme == "https" and target.scheme == "http":
            raise ImageError("redirect", "the redirect leads from https to http")
        return target


def parse(url: str, settings: ImageSettings) -> Target:
    """Read an http or https URL.

    Raises:
        ImageError: if it is malformed, ambiguous, or not allowed.
    """
    parts = _split(url)
    scheme: Literal["http", "https"]
    match parts.scheme:
        case "http" | "https" as scheme:
            pass
        case _:
            raise ImageError("scheme", "URLs of this scheme are not allowed")
    if "@" in parts.netloc:
        raise ImageError("url", "the URL must not hold credentials")
    # Not parts.hostname and parts.port: those overlook what stands between "]" and ":".
    host, port = host_and_port(parts.netloc)
    port = _PORTS[scheme] if port is None else port
    listed = joined(host, port) in settings.image_allow_hosts
    if scheme == "http" and not (listed or settings.image_allow_http):
        raise ImageError("scheme", "http URLs are not allowed here, use https")
    if port not in _PORTS.values() and not listed:
        raise ImageError("port", "this port is not allowed")
    path = quote(parts.path or "/", safe=_SAFE)
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return Target(scheme, host, port, path + query, listed)


def loggable(url: str) -> str:
    """Return a URL as a log may show it: no query, no credentials, no inline data, not too long."""
    if url[:5].lower() == "data:":
        return "data:"
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    bare = re.sub(r"//[^/]*@", "//", bare)
    return "".join(filter(str.isprintable, bare))[:200]


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL_LENGTH:
        raise ImageError("url", f"the URL is longer than {MAX_URL_LENGTH} characters")
    # Before any parser sees it: urlsplit drops tabs and line ends without a word.
    if not url.isprintable() or " " in url or "\\" in url:
        raise ImageError("url", "the URL holds a space, a backslash or a control character")
    try:
        return urlsplit(url)
    except ValueError:
        raise ImageError("url", "the URL is malformed") from None
