"""Confluent's interface: which request does what."""

import re
from collections.abc import Callable
from typing import Any

from headrace.testing.schema_registry.answers import Answers
from headrace.testing.schema_registry.content import Content
from headrace.testing.schema_registry.requests import Refusal, Request


class Routes:
    """Answers requests. Any thread may ask.

    Args:
        content: what is registered.
    """

    def __init__(self, content: Content) -> None:
        answers = Answers(content)
        subject, version = r"/subjects/([^/]+)", r"/versions/([^/]+)"
        self._routes: list[tuple[str, re.Pattern[str], Callable[[Request], Any]]] = [
            (method, re.compile(path), answer)
            for method, path, answer in (
                ("GET", "/?", lambda _: {}),
                ("GET", "/subjects", lambda _: content.subjects()),
                ("GET", f"{subject}/versions", answers.versions),
                ("POST", f"{subject}/versions", answers.register),
                ("POST", subject, answers.look_up),
                ("DELETE", subject, answers.delete),
                ("GET", f"{subject}{version}", answers.version),
                ("GET", f"{subject}{version}/schema", answers.version_text),
                ("DELETE", f"{subject}{version}", answers.delete_version),
                ("GET", r"/schemas/types", lambda _: ["AVRO", "JSON", "PROTOBUF"]),
                ("GET", r"/schemas/ids/([^/]+)", answers.by_id),
                ("GET", r"/schemas/ids/([^/]+)/versions", answers.places),
                ("GET", r"/schemas/ids/([^/]+)/subjects", answers.subjects_of),
                ("GET", r"/schemas/guids/([^/]+)", answers.by_guid),
                ("POST", rf"/compatibility{subject}{version}", answers.compatible),
                ("GET", r"/config(?:/([^/]+))?", answers.level),
                ("PUT", r"/config(?:/([^/]+))?", answers.set_level),
                ("GET", r"/mode(?:/[^/]+)?", lambda _: {"mode": "READWRITE"}),
            )
        ]

    def answer(self, method: str, path: str, request: Request) -> Any:
        """Return a JSON value. Raises Refusal."""
        methods = set()
        for known, pattern, answer in self._routes:
            found = pattern.fullmatch(path)
            if found is not None:
                methods.add(known)
                if known == method:
                    names = tuple(name or "" for name in found.groups())
                    return answer(request._replace(names=names))
        if methods:
            raise Refusal(405, 405, "Method not allowed")
        raise Refusal(404, 404, "HTTP 404 Not Found")
