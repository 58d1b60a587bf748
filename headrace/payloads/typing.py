"""Records with what their keys and values hold, by a schema of a registry."""

from asyncio import to_thread
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from headrace.errors import HeadraceError, SettingsError
from headrace.input.typed_record import TypedRecord, carried
from headrace.input.types import InputType
from headrace.log import Log
from headrace.payloads.opening import check_installed
from headrace.payloads.part import PartReader, reader_schema
from headrace.payloads.registry.base import Registry
from headrace.payloads.registry.cache import SchemaCache
from headrace.payloads.registry.opening import open_registry
from headrace.payloads.settings import Frame, PayloadSettings
from headrace.record import Record
from headrace.settings import variable

_KAFKA = "kafka"


class PayloadRecord(TypedRecord, frozen=True, gc=False):
    """A record whose value and key have been read.

    Attributes:
        key_data: the key, as its schema says it; its bytes, if nothing says how to read it.
    """

    key_data: Any = None


class PayloadTyping:
    """Reads keys and values of Kafka as settings say, and then as a worker declares.

    What comes from elsewhere (a test, a caller over HTTP) has no frame, and is read as ever.

    Args:
        value: reads values; None: they have no frame.
        key: reads keys; None: they have no frame.
        declared: the worker's input; None: it declares none.
    """

    waits = True

    def __init__(
        self, value: PartReader | None, key: PartReader | None, declared: InputType | None
    ) -> None:
        self._value = value
        self._key = key
        self._declared = declared

    def typed(self, record: Record) -> PayloadRecord:
        """Return a record with its data.

        Raises:
            Reject: its key or value does not fit.
            RegistryAway: nobody knows.
        """
        key = record.key
        if self._key is not None and key is not None and record.source == _KAFKA:
            key = self._key.read(key, record)
        return PayloadRecord(*carried(record), self._data(record), key)

    async def prepare(self, records: Sequence[Record]) -> None:
        """Ask the registry for what is not there yet, off the event loop."""
        for reader, data, record in self._framed(records):
            if not reader.is_ready(data, record):
                with suppress(HeadraceError):  # whatever it is, the record's own reading says it
                    await to_thread(reader.read, data, record)

    def value(self, record: Record) -> Any:
        """Return what a value holds, before it is read as what the worker declares.

        Raises:
            Reject: it does not fit its schema.
            RegistryAway: nobody knows.
        """
        if self._value is None or record.value is None or record.source != _KAFKA:
            return record.json()
        return self._value.read(record.value, record)

    def _data(self, record: Record) -> Any:
        data, declared = record.value, self._declared
        if self._value is not None and data is not None and record.source == _KAFKA:
            found = self._value.read(data, record)
            return found if declared is None else declared.fit(found)
        if declared is not None:
            return declared.read(record)
        return data if data is None or self._value is None else record.json()

    def _framed(self, records: Sequence[Record]) -> Iterator[tuple[PartReader, bytes, Record]]:
        for record in records:
            if record.source == _KAFKA:
                for reader, data in ((self._key, record.key), (self._value, record.value)):
                    if reader is not None and data is not None:
                        yield reader, data, record


def open_typing(
    settings: PayloadSettings,
    declared: InputType | None,
    environ: Mapping[str, str] | None = None,
    log: Log | None = None,
) -> PayloadTyping:
    """Open what reads keys and values. Nothing is asked yet.

    Args:
        settings: say how.
        declared: the worker's input.
        environ: where secrets are. None: the environment.
        log: is told why records wait.

    Raises:
        SettingsError: a setting is missing or wrong.
        HeadraceError: an extra is not installed.
    """
    check_installed()
    registry = open_registry(settings, environ)
    for setting in ("value_frame", "key_frame"):
        _check_frame(setting, getattr(settings, setting), registry)
    schemas = SchemaCache(registry.schema)
    value = key = None
    if settings.value_frame is not None:
        reader = reader_schema(settings.value_schema, "value_schema")
        value = PartReader("value", settings.value_frame, registry, schemas, reader, log)
    if settings.key_frame is not None:
        reader = reader_schema(settings.key_schema, "key_schema")
        key = PartReader("key", settings.key_frame, registry, schemas, reader, log)
    return PayloadTyping(value, key, declared)


def _check_frame(setting: str, frame: Frame | None, registry: Registry) -> None:
    """Raise SettingsError for a frame whose ids the registry has not: its records would wait."""
    if frame in {None, "lambda-source"} or (frame == "glue") == registry.is_glue:
        return
    needed = "glue://REGION" if frame == "glue" else "http://HOST:PORT or https://HOST"
    raise SettingsError(f"{variable(setting)}={frame} needs HEADRACE_SCHEMA_REGISTRY_URL={needed}")
