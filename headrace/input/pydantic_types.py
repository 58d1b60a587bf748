"""Input that pydantic reads: imported only if a worker declares a model, so pydantic is there."""

from typing import Any

from pydantic import PydanticUserError, TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from headrace.errors import WorkerError
from headrace.input.mistakes import MOST, Mistake
from headrace.input.reading import DEFS, strict_json, takes_none, unfit
from headrace.record import Record

_MOST_READ = 10_000
"""How many mistakes are looked at: each takes a kilobyte, and a message may hold a million."""


class _Schema(GenerateJsonSchema):
    """Says of a part that has no JSON Schema, as an array of numpy's, that it may be anything."""

    ignored_warning_kinds = GenerateJsonSchema.ignored_warning_kinds | {"non-serializable-default"}

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> dict[str, Any]:
        """As in pydantic."""
        del schema, error_info
        return {}


class PydanticType:
    """A pydantic model, or a type with models in it; its own configuration decides.

    Args:
        kind: the type.

    Raises:
        WorkerError: pydantic reads no such type.
    """

    def __init__(self, kind: Any) -> None:
        self.takes_none = takes_none(kind)
        try:
            self._adapter: TypeAdapter[Any] = TypeAdapter(kind)
        except PydanticUserError as error:
            raise WorkerError(f"the input cannot be read: {error.message}") from None

    def read(self, record: Record) -> Any:
        """Return the value of a record. Raises Reject, which lists each wrong field."""
        if record.value is None and self.takes_none:
            return None
        try:
            return self._adapter.validate_json(strict_json(record))
        except ValidationError as error:
            value = record.json()  # if it is no JSON at all, that is said as for every worker
            if _is_no_json(error):  # half a surrogate, or deep nesting
                return self.fit(value)
            raise unfit(_mistakes(error)) from None

    def fit(self, value: Any) -> Any:
        """Return a value that was read already. Raises Reject, which lists each wrong field."""
        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            raise unfit(_mistakes(error)) from None

    def schema(self, ref: str = DEFS) -> dict[str, Any]:
        """Return the JSON Schema of what is taken."""
        template = ref.replace("{}", "{model}")
        return self._adapter.json_schema(ref_template=template, schema_generator=_Schema)


def _is_no_json(error: ValidationError) -> bool:
    return error.error_count() == 1 and error.errors()[0]["type"] == "json_invalid"


def _mistakes(error: ValidationError) -> list[Mistake]:
    if error.error_count() > _MOST_READ:  # pydantic tells of all or of none
        return [{"field": "", "detail": f"{error.error_count():,} parts of it are wrong"}]
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [{"field": _path(one["loc"]), "detail": one["msg"]} for one in found[:MOST]]


def _path(parts: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return path.removeprefix(".")
