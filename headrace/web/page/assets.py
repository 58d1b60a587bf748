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
_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def page_routes() -> dict[str, Route]:
    """Return the page, and its files below /page. They hold nothing that needs a key."""
    files = {path.name: path for path in sorted(FOLDER.iterdir()) if path.suffix in _TYPES}
    routes = {f"/page/{name}": _route(path) for name, path in files.items()}
    return {"/": routes.pop("/page/index.html"), **routes}


def _route(path: Path) -> Route:
    headers = (
        ("content-type", _TYPES[path.suffix]),
        ("content-security-policy", POLICY),
        ("cache-control", "no-cache"),
    )
    answer = Answer(200, headers, path.read_bytes())
    return Route("GET", plain(lambda: answer), needs_key=False)
