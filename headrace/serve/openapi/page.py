"""The OpenAPI document as a page for people: each path, what it takes, how to ask."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from headrace import json_text
from headrace.web.answer import Answer

_HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Headrace: the API</title>
<link rel="stylesheet" href="/page/page.css">
<main class="api">
<h1>The API</h1>
<p>As an <a href="/openapi.json">OpenAPI 3.1 document</a>. <a href="/">The page</a> asks for
you.</p>
"""
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def api_page(document: Mapping[str, Any]) -> Answer:
    """Return the page."""
    parts = [_HEAD]
    for path, item in document["paths"].items():
        for method in ("get", "post"):
            if method in item:
                parts += _operation(path, method.upper(), item[method])
    headers = (
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", POLICY),
    )
    return Answer(200, headers, "".join([*parts, "</main>\n</html>\n"]).encode())


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<section><h2><code>{method} {escape(path)}</code></h2>\n"
    yield f"<p>{escape(operation.get('summary', ''))}</p>\n"
    content = operation.get("requestBody", {}).get("content", {})
    for kind, body in content.items():
        yield f"<details><summary>{escape(kind)}</summary>\n{_json(body)}</details>\n"
    yield "<table><thead><tr><th>Status<th>Meaning<th>Type</thead><tbody>\n"
    for status, answer in operation["responses"].items():
        kinds = ", ".join(answer.get("content", {}))
        yield f"<tr><td>{status}<td>{escape(answer['description'])}<td>{escape(kinds)}\n"
    yield "</tbody></table></section>\n"


def _json(value: object) -> str:
    return f'<pre tabindex="0">{escape(json_text.encode(value, indent=True).decode())}</pre>'
