"""A registry with Confluent's interface, over HTTP."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError

from headrace import json_text
from headrace.errors import HeadraceError, message_of
from headrace.payloads.registry.answer import format_of, read_object, references_of, text_of
from headrace.payloads.schema import (
    BadSchema,
    Format,
    RegistryAway,
    Schema,
    SchemaId,
    UnknownSchema,
    is_serialized,
)

LARGEST = 8 * 1024 * 1024
"""Bytes of an answer."""

_MOST_REFERENCES = 200
_JSON = "application/vnd.schemaregistry.v1+json"
_SERIALIZED = "?format=serialized"
# `error_code` of an answer that says that there is no such schema, and not that a path is wrong.
_UNKNOWN = {40401, 40402, 40403}


class Registered(NamedTuple):
    """What a registry calls a schema. Older ones give no GUID."""

    id: int
    guid: str | None


class _UnboundedError(Exception):
    """An answer is larger than any schema, or takes longer."""


class HttpRegistry:
    """Schemas by number or GUID.

    Args:
        urls: of the registry; if one does not answer, the next one is asked.
        pool: keeps connections.
        headers: of each request.
        seconds: how long an answer may take once it has begun.
    """

    by_number = True
    is_glue = False

    def __init__(
        self,
        urls: Sequence[str],
        pool: urllib3.PoolManager,
        headers: Mapping[str, str],
        seconds: float = 20.0,
    ) -> None:
        self._urls = [url.rstrip("/") for url in urls]
        self._pool = pool
        self._seconds = seconds
        self._headers = {"Accept": _JSON, "Content-Type": _JSON, **headers}

    def schema(self, schema: SchemaId) -> Schema:
        """As any registry. One of Protobuf takes a second request: for its descriptor."""
        path = f"/schemas/ids/{schema}" if isinstance(schema, int) else f"/schemas/guids/{schema}"
        found = self._get(path, f"schema {schema}")
        kind = format_of(found)
        if kind == "PROTOBUF":
            found["schema"] = self._serialized(path, found)
        return Schema(kind, text_of(found), self._references(found, kind, {}))

    def register(self, subject: str, schema: Schema) -> Registered:
        """Give a subject a schema, unless it has it.

        Raises:
            HeadraceError: the registry refuses it; the message says why.
            RegistryAway: nobody knows.
        """
        told: dict[str, Any] = {"schema": schema.text}
        if schema.format != "AVRO":
            told["schemaType"] = schema.format
        path = f"/subjects/{quote(subject, safe='')}/versions"
        found = self._get(path, subject, json_text.encode(told))
        number, guid = found.get("id"), found.get("guid")
        if not isinstance(number, int):
            raise RegistryAway("the schema registry gave no id")
        if guid is None:
            guid = self._get(f"/schemas/ids/{number}", f"schema {number}").get("guid")
        return Registered(number, guid)

    def _references(
        self, found: Mapping[str, Any], kind: Format, known: dict[tuple[str, int], Schema | None]
    ) -> tuple[tuple[str, Schema], ...]:
        """Return what a schema refers to.

        Args:
            found: the registry's answer.
            kind: its language, which is that of its references, too.
            known: those that were asked for; None: those around this one.
        """
        references = []
        for name, place in references_of(found):
            if place not in known:
                if len(known) >= _MOST_REFERENCES:
                    raise BadSchema(f"it has more than {_MOST_REFERENCES} references")
                known[place] = None
                known[place] = self._reference(place, kind, known)
            inner = known[place]
            if inner is None:
                raise BadSchema(f"{name} refers to itself")
            references.append((name, inner))
        return tuple(references)

    def _reference(
        self, place: tuple[str, int], kind: Format, known: dict[tuple[str, int], Schema | None]
    ) -> Schema:
        subject, version = place
        path = f"/subjects/{quote(subject, safe='')}/versions/{version}"
        found = self._get(path, f"version {version} of {subject}")
        if kind == "PROTOBUF":
            found["schema"] = self._serialized(path, found)
        return Schema(kind, text_of(found), self._references(found, kind, known))

    def _serialized(self, path: str, found: Mapping[str, Any]) -> str:
        """Return a Protobuf file as the registry compiled it, or its text if it compiles none."""
        text = text_of(found)
        if is_serialized(text):
            return text
        compiled = text_of(self._get(path + _SERIALIZED, path))
        return compiled if is_serialized(compiled) else text

    def _get(self, path: str, what: str, body: bytes | None = None) -> dict[str, Any]:
        """Ask the first registry that answers. Raises UnknownSchema, RegistryAway.

        Args:
            path: what is asked for.
            what: the same in words.
            body: what is posted; None: nothing is.
        """
        away: RegistryAway | None = None
        for url in self._urls:
            try:
                return self._ask(url, path, what, body)
            except RegistryAway as error:
                away = error
        raise away or RegistryAway("no schema registry is known")

    def _ask(self, url: str, path: str, what: str, posted: bytes | None) -> dict[str, Any]:
        try:
            response = self._pool.request(
                "GET" if posted is None else "POST",
                url + path,
                body=posted,
                headers=self._headers,
                redirect=False,
                preload_content=False,
            )
            body = self._body(response)
        except HTTPError as error:
            raise RegistryAway(f"schema registry {url}: {message_of(error)}") from None
        except _UnboundedError as error:
            raise RegistryAway(f"schema registry {url}: {error}") from None
        answer = read_object(body)
        if response.status == 200 and answer is not None:
            return answer
        if response.status == 404 and answer is not None and answer.get("error_code") in _UNKNOWN:
            raise UnknownSchema(f"the schema registry has no {what}")
        if posted is not None and response.status in {409, 422} and answer is not None:
            raise HeadraceError(f"the schema registry refuses it: {answer.get('message')}")
        said = None if answer is None else str(answer.get("message", ""))[:200]
        why = " without a JSON object" if said is None else f": {said}"
        raise RegistryAway(f"schema registry {url}{path} answered {response.status}{why}")

    def _body(self, response: urllib3.BaseHTTPResponse) -> bytes:
        """Read an answer, whose time the pool bounds between two pieces alone."""
        body, deadline = bytearray(), time.monotonic() + self._seconds
        try:
            while piece := response.read1(LARGEST):
                body += piece
                if len(body) > LARGEST:
                    raise _UnboundedError(f"an answer of more than {LARGEST} bytes")
                if time.monotonic() > deadline:
                    raise _UnboundedError(f"an answer of more than {self._seconds:g} seconds")
        except _UnboundedError:
            response.close()  # what is left would be taken for the next answer
            raise
        response.release_conn()
        return bytes(body)
