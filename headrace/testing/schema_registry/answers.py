"""What the registry answers, one method for each kind of request."""

import base64
from typing import Any

import msgspec

from headrace.payloads.schema import BadSchema, Schema, is_serialized
from headrace.testing.schema_registry.checking import check, whole, why_incompatible
from headrace.testing.schema_registry.content import Content, Stored, shown
from headrace.testing.schema_registry.requests import (
    Refusal,
    Request,
    number_of,
    object_of,
    stored_of,
)

_LEVELS = ("NONE", "BACKWARD", "BACKWARD_TRANSITIVE")


class Answers:
    """Answers requests with JSON values, or raises Refusal. Any thread may ask.

    Args:
        content: what is registered.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._levels: dict[str, str] = {}

    def register(self, request: Request) -> Any:
        """Give a subject a schema."""
        subject, stored = request.names[0], stored_of(request.body)
        if self._content.find(subject, stored) is None:
            schema = self._checked(stored)
            self._refuse_incompatible(subject, schema)
        number, version = self._content.register(subject, stored)
        return shown(stored, id=number, version=version, subject=subject)

    def look_up(self, request: Request) -> Any:
        """Find a schema in a subject."""
        subject, stored = request.names[0], stored_of(request.body)
        self._existing(subject)
        found = self._content.find(subject, stored)
        if found is None:
            raise Refusal(404, 40403, "Schema not found")
        return shown(stored, id=found[0], version=found[1], subject=subject)

    def versions(self, request: Request) -> Any:
        """List the versions of a subject."""
        return list(self._existing(request.names[0]))

    def version(self, request: Request) -> Any:
        """Show a version."""
        subject, version, number = self._place(*request.names)
        stored = self._formatted(number, request)
        return shown(stored, id=number, version=version, subject=subject)

    def version_text(self, request: Request) -> Any:
        """Show the text of a version."""
        number = self._place(*request.names)[2]
        text = self._schema(number).schema
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text

    def delete(self, request: Request) -> Any:
        """Delete a subject."""
        versions = list(self._existing(request.names[0]))
        self._content.delete(request.names[0])
        return versions

    def delete_version(self, request: Request) -> Any:
        """Delete a version."""
        subject, version, _ = self._place(*request.names)
        self._content.delete(subject, version)
        return version

    def by_id(self, request: Request) -> Any:
        """Show a schema."""
        return shown(self._formatted(number_of(request.names[0]), request))

    def by_guid(self, request: Request) -> Any:
        """Show a schema."""
        number = self._content.id_of(request.names[0])
        return shown(self._formatted(number or 0, request), id=number)

    def places(self, request: Request) -> Any:
        """List where a schema is."""
        number = number_of(request.names[0])
        self._schema(number)
        return [{"subject": s, "version": v} for s, v in self._content.places(number)]

    def subjects_of(self, request: Request) -> Any:
        """List the subjects of a schema."""
        number = number_of(request.names[0])
        self._schema(number)
        return [subject for subject, _ in self._content.places(number)]

    def compatible(self, request: Request) -> Any:
        """Say whether a schema could follow a version."""
        schema = self._checked(stored_of(request.body))
        number = self._place(*request.names)[2]
        why = why_incompatible(whole(self._content, self._schema(number)), schema)
        return {"is_compatible": why is None, "messages": [] if why is None else [why]}

    def level(self, request: Request) -> Any:
        """Say how a subject is checked."""
        levels = self._levels
        level = levels.get(request.names[0]) or levels.get("", "BACKWARD")
        return {"compatibilityLevel": level}

    def set_level(self, request: Request) -> Any:
        """Say how a subject is to be checked."""
        level = object_of(request.body).get("compatibility")
        if level not in _LEVELS:
            known = ", ".join(_LEVELS)
            raise Refusal(422, 42203, f"Invalid compatibility level: this registry knows {known}")
        self._levels[request.names[0]] = str(level)
        return {"compatibility": level}

    def _checked(self, stored: Stored) -> Schema:
        try:
            schema = whole(self._content, stored)
            check(schema)
        except BadSchema as error:
            raise Refusal(422, 42201, f"Invalid schema: {error}") from None
        return schema

    def _refuse_incompatible(self, subject: str, schema: Schema) -> None:
        level = self.level(Request((subject,), {}, b""))["compatibilityLevel"]
        numbers = list(self._content.versions(subject).values())
        for number in numbers if level == "BACKWARD_TRANSITIVE" else numbers[-1:]:
            old = whole(self._content, self._schema(number))
            why = None if level == "NONE" else why_incompatible(old, schema)
            if why is not None:
                message = f"Schema being registered is incompatible with an earlier one: {why}"
                raise Refusal(409, 409, message)

    def _existing(self, subject: str) -> dict[int, int]:
        versions = self._content.versions(subject)
        if not versions:
            raise Refusal(404, 40401, f"Subject '{subject}' not found.")
        return versions

    def _place(self, subject: str, version: str) -> tuple[str, int, int]:
        versions = self._existing(subject)
        wanted = max(versions) if version in {"latest", "-1"} else number_of(version)
        if wanted not in versions:
            raise Refusal(404, 40402, f"Version {version} not found.")
        return subject, wanted, versions[wanted]

    def _schema(self, number: int) -> Stored:
        stored = self._content.by_id(number)
        if stored is None:
            raise Refusal(404, 40403, f"Schema {number} not found")
        return stored

    def _formatted(self, number: int, request: Request) -> Stored:
        stored = self._schema(number)
        if request.query.get("format") != "serialized" or stored.schema_type != "PROTOBUF":
            return stored
        if is_serialized(stored.schema):
            return stored
        from headrace.payloads.formats.protobuf_file import files_of  # noqa: PLC0415 - an extra

        file = files_of(whole(self._content, stored))[-1]
        text = base64.b64encode(file.SerializeToString()).decode()
        return msgspec.structs.replace(stored, schema=text)
