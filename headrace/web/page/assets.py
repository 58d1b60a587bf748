"""The page's own files: few and small, from this package alone."""

from collections.abc import Mapping
from pathlib import Path

from headrace.web.answer import Answer
from headrace.web.route import Route, plain

FOLDER = Path(__file__).parent / "files"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
    " connect-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ABOUT = b'data-about="models"'
_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def page_routes(about: str) -> dict[str, Route]:
    """Return the page, and its files below /page. They hold nothing that needs a key.

    Args:
        about: what it asks this server for: the "models", or a "stream".
    """
    files = [path for path in sorted(FOLDER.iterdir()) if path.suffix in _TYPES]
    routes = {f"/page/{path.name}": _route(path.suffix, path.read_bytes()) for path in files}
    del routes["/page/index.html"]
    page = (FOLDER / "index.html").read_bytes().replace(_ABOUT, f'data-about="{about}"'.encode())
    return {"/": _route(".html", page), **routes}


def _route(kind: str, content: bytes) -> Route:
    headers = (
        ("content-type", _TYPES[kind]),
        ("content-security-policy", POLICY),
        ("cache-control", "no-cache"),
    )
    answer = Answer(200, headers, content)
    return Route("GET", plain(lambda: answer), needs_key=False)
