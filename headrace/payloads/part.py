"""What reads the keys, or the values, of Kafka records."""

from typing import Any

from headrace import whole_file
from headrace.errors import HeadraceError, NotDone, Reject, SettingsError
from headrace.log import Log
from headrace.payloads.checked import Checked
from headrace.payloads.formats import decoder
from headrace.payloads.frames import Open, Part, opener
from headrace.payloads.registry.base import Registry
from headrace.payloads.registry.cache import SchemaCache
from headrace.payloads.schema import (
    BadSchema,
    CannotRead,
    Decode,
    DoesNotFit,
    Schema,
    SchemaId,
    UnknownSchema,
)
from headrace.payloads.settings import Frame
from headrace.record import PayloadSchema, Record
from headrace.settings import variable


class PartReader:
    """Reads keys, or values.

    Args:
        part: which of them.
        frame: how they name their schema.
        registry: has the schemas.
        schemas: those that it was asked for.
        reader: the text of the Avro schema that they are read as; None: each writer's.
        log: is told, at most once a second for a schema, why records wait.
    """

    def __init__(
        self,
        part: Part,
        frame: Frame,
        registry: Registry,
        schemas: SchemaCache[Schema],
        reader: str | None = None,
        log: Log | None = None,
    ) -> None:
        self._part = part
        self._schemas = schemas
        self.open: Open = opener(frame, part, by_number=registry.by_number)

        def load(schema: SchemaId) -> Decode:
            try:
                return _decoder(schemas.get(schema), reader, glue=registry.is_glue)
            except NotDone as error:
                if log is not None:
                    log.warning("records wait for their schema", schema=schema, error=error)
                raise

        self._cache = SchemaCache(load)
        self._ready = self._cache.ready

    def read(self, data: bytes, record: Record) -> Any:
        """Return what a record's key or value holds.

        Args:
            data: the key or the value.
            record: whose it is.

        Raises:
            Reject: it has no such frame, or does not fit its schema, or there is no such schema.
            NotDone: nobody knows, as the registry is away or a package is missing.
        """
        schema: SchemaId | None = None
        try:
            schema, payload = self.open(data, record)
            decode = self._ready.get(schema)
            if decode is None:
                decode = self._cache.get(schema)
            return decode(payload)
        except DoesNotFit as error:
            unfit = "" if schema is None else f" does not fit schema {schema}"
            raise Reject(f"the {self._part}{unfit}: {error}", errors=error.errors) from None
        except UnknownSchema as error:
            raise Reject(f"the {self._part} cannot be read: {error}") from None
        except BadSchema as error:
            raise Reject(f"the {self._part} cannot be read by schema {schema}: {error}") from None

    def check(self, data: bytes, record: Record) -> Checked:
        """Return what a record's key or value holds, with its schema and without its frame.

        Raises:
            Reject: as `read`.
            NotDone: as `read`.
        """
        value = self.read(data, record)
        number, payload = self.open(data, record)
        schema = PayloadSchema(self._schemas.get(number).format, str(number))
        return Checked(schema, payload, value)

    def is_ready(self, data: bytes, record: Record) -> bool:
        """Return whether `read` will ask nobody."""
        try:
            return self.open(data, record).schema in self._ready
        except DoesNotFit:
            return True


def _decoder(schema: Schema, reader: str | None, *, glue: bool) -> Decode:
    try:
        return decoder(schema, reader, glue=glue)
    except (BadSchema, NotDone):
        raise
    except HeadraceError as error:  # a package is missing: the record is not to blame
        raise CannotRead(str(error)) from None


def reader_schema(file: str | None, setting: str) -> str | None:
    """Return the text of an Avro schema that is to be read as. Raises SettingsError."""
    if file is None:
        return None
    from headrace.payloads.formats import avro  # noqa: PLC0415 - if one is given

    try:
        text = whole_file.text(file)
        avro.parsed(Schema("AVRO", text))
    except OSError as error:
        raise SettingsError(f"{variable(setting)}={file}: {error.strerror}") from None
    except (BadSchema, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable(setting)}={file}: {error}") from None
    return text
