"""JSON Schema: a payload is JSON; jsonschema-rs says whether it fits."""

from itertools import islice
from typing import Any
from urllib.parse import urljoin

import jsonschema_rs

from headrace import json_text
from headrace.errors import message_of
from headrace.input.reading import cut
from headrace.payloads.schema import BadSchema, Decode, DoesNotFit, Schema

MOST = 100
"""How many faults of one payload are listed."""

_BASE = "json-schema:///"  # where jsonschema-rs puts a schema that does not say where it is


def decoder(schema: Schema) -> Decode:
    """Make what reads the payloads of a schema. Raises BadSchema."""
    validator = _validator(schema)

    def decode(payload: bytes) -> Any:
        try:
            value = json_text.decode(payload)
        except json_text.JsonError as error:
            raise DoesNotFit(f"it is not JSON: {error}") from None
        try:
            if validator.is_valid(value):
                return value
            errors = [_mistake(error) for error in islice(validator.iter_errors(value), MOST)]
        except (ValueError, RecursionError, OverflowError) as error:
            raise DoesNotFit(message_of(error)) from None
        first, more = errors[0], len(errors) - 1
        field = f"{first['field']}: " if first["field"] else ""
        raise DoesNotFit(
            f"{field}{first['detail']}" + (f" (and {more} more)" if more else ""), errors
        )

    return decode


def _validator(schema: Schema) -> Any:
    try:
        known = {name: json_text.decode(inner.text) for name, inner in schema.ordered()}
        own = json_text.decode(schema.text)
        base = own.get("$id", "") if isinstance(own, dict) else ""
        places = {
            urljoin(root, name): one for root in (str(base), _BASE) for name, one in known.items()
        }

        def retrieve(uri: str) -> Any:
            # Nothing is ever fetched: what a schema refers to, its registry has.
            if uri in places:
                return places[uri]
            raise ValueError(f"{uri} is none of its references")

        by_default = not isinstance(own, dict) or "$schema" not in own
        kind = jsonschema_rs.Draft7Validator if by_default else jsonschema_rs.validator_cls_for(own)
        return kind(own, retriever=retrieve, validate_formats=False)
    except Exception as error:  # noqa: BLE001 - whatever stands in the schema
        reason = message_of(error).partition("\n")[0]
        raise BadSchema(f"it is no JSON Schema: {reason}") from None


def _mistake(error: Any) -> dict[str, str]:
    path = "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path
    )
    # Each may quote the whole value, and there may be many.
    return {"field": cut(path.removeprefix(".")), "detail": cut(error.message)}
