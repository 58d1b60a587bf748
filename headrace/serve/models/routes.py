"""The paths below /models: what the page asks, and others may."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qs

from headrace import json_text
from headrace.errors import Reject
from headrace.serve.call_queue import Busy
from headrace.serve.models.told import file_of, roll_back, told
from headrace.serve.service import Service, busy_answer
from headrace.web.answer import Answer
from headrace.web.head import Head
from headrace.web.route import Left, Respond, Route

_FILE = re.compile(r"/models/([^/]+)/versions/([0-9a-f]{64})/([A-Za-z0-9._-]+)")
_ROLLBACK = re.compile(r"/models/([^/]+)/rollback")
_JSON = (("content-type", "application/json"),)
_PNG = (("content-type", "image/png"), ("cache-control", "private, max-age=86400, immutable"))


class ModelPages:
    """Answers below /models.

    Args:
        services: The workers, each with an endpoint.
        may_roll_back: Whether callers may point a model back.
    """

    def __init__(self, services: Sequence[Service], *, may_roll_back: bool) -> None:
        self._services = services
        self._may_roll_back = may_roll_back
        self._models = {one.endpoint.model for one in services if one.endpoint}

    def route(self, path: str) -> Route | None:
        """Return what answers at a path; None if it is none of these."""
        if path == "/models":
            return Route("GET", self._in_turn(self._list))
        if found := _FILE.fullmatch(path):
            return Route("GET", self._in_turn(partial(self._file, *found.groups())))
        if found := _ROLLBACK.fullmatch(path):
            return Route("POST", self._rolling_back(found[1]))
        return None

    def _list(self) -> Answer:
        workers = [
            told(one, one.endpoint, may_roll_back=self._may_roll_back)
            for one in self._services
            if one.endpoint
        ]
        return Answer(200, _JSON, json_text.encode({"workers": workers}))

    def _file(self, model: str, version: str, path: str) -> Answer:
        self._check(model)
        return Answer(200, _PNG, file_of(model, version, path))

    def _rolling_back(self, model: str) -> Respond:
        async def respond(head: Head, body: bytes, left: Left) -> Answer:
            to = parse_qs(head.query).get("to", [None])[0]
            return await self._in_turn(partial(self._roll_back, model, to))(head, body, left)

        return respond

    def _roll_back(self, model: str, to: str | None) -> Answer:
        self._check(model)
        if not self._may_roll_back:
            detail = "rolling back is off: HEADRACE_SERVE_ROLLBACK allows it"
            raise Reject(detail, status=HTTPStatus.FORBIDDEN)
        return Answer(200, _JSON, json_text.encode({"current": roll_back(model, to)}))

    def _check(self, model: str) -> None:
        if model not in self._models:
            raise Reject(f"there is no model {model[:100]!r}", status=HTTPStatus.NOT_FOUND)

    def _in_turn(self, make: Callable[[], Answer]) -> Respond:
        """Return what makes an answer on a thread for calls: it reads files."""

        async def respond(head: Head, body: bytes, left: Left) -> Answer:
            del head, body
            try:
                return await self._services[0].call(make, left)
            except Busy:
                return busy_answer()

        return respond
