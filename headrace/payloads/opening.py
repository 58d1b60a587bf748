"""What both ways of reading by a registry share: packages, and schemas asked for once."""

from importlib.util import find_spec

from headrace.extras import needs
from headrace.log import Log
from headrace.payloads.registry.base import Registry
from headrace.payloads.registry.cache import SchemaCache
from headrace.payloads.schema import RegistryAway, Schema, SchemaId

_PACKAGES = ("fastavro", "google.protobuf", "jsonschema_rs")


def check_installed() -> None:
    """Raise HeadraceError if what reads payloads is not installed; imports nothing."""
    for package in _PACKAGES:
        if find_spec(package.partition(".")[0]) is None:
            raise needs("schemas", ModuleNotFoundError(name=package))


def registry_reader(registry: Registry, log: Log | None) -> SchemaCache[Schema]:
    """Return schemas of a registry, each asked for once.

    Args:
        registry: has them.
        log: is told, at most once a second for a schema, that the registry is away.
    """

    def load(schema: SchemaId) -> Schema:
        try:
            return registry.schema(schema)
        except RegistryAway as error:
            if log is not None:
                log.warning("schema registry is away: records wait", schema=schema, error=error)
            raise

    return SchemaCache(load)
