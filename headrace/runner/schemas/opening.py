"""From settings to what checks records."""

import msgspec

from headrace.log import Log
from headrace.payloads.frames import Part
from headrace.payloads.opening import check_installed
from headrace.payloads.part import PartReader
from headrace.payloads.registry.base import Registry
from headrace.payloads.registry.cache import SchemaCache
from headrace.payloads.registry.opening import open_http, open_registry
from headrace.payloads.registry.sign_in import is_given, signed
from headrace.runner.filter.filter import Filter
from headrace.runner.schemas.checking import CheckingInvoker
from headrace.runner.schemas.secrets import read_secrets
from headrace.runner.settings import MappingSettings
from headrace.runner.way import Way

_PARTS: dict[str, Part] = {"KEY": "key", "VALUE": "value"}


def open_checking(way: Way, settings: MappingSettings, log: Log) -> tuple[Way, MappingSettings]:
    """Return a way on which records are checked, and settings without what that does itself.

    Args:
        way: to the function.
        settings: of a mapping of Kafka.
        log: is told why records wait.

    Raises:
        SettingsError: a setting is missing or wrong.
        HeadraceError: an extra is not installed.
    """
    if settings.event_record_format is None:
        return way, settings
    check_installed()
    registry = _registry(settings)
    schemas = SchemaCache(registry.schema)
    readers = {
        _PARTS[attribute]: PartReader(
            _PARTS[attribute],
            "glue" if registry.is_glue else "confluent",
            registry,
            schemas,
            log=log,
        )
        for attribute in settings.schema_validation_attributes
    }
    as_json = settings.event_record_format == "JSON"
    # Filters see what the function would see.
    filters = as_json and "value" in readers and settings.filter_criteria is not None
    invoke = CheckingInvoker(
        way.invoke,
        readers,
        as_json=as_json,
        passes=Filter.parse(settings.filter_criteria, "kafka") if filters else None,
        isolates=way.isolates,
        log=log,
    )
    if filters:
        settings = msgspec.structs.replace(settings, filter_criteria=None)
    return msgspec.structs.replace(way, invoke=invoke), settings


def _registry(settings: MappingSettings) -> Registry:
    url = settings.schema_registry_url or ""
    access = settings.schema_registry_access
    if not access or url.startswith("glue:") or is_given(settings):
        return open_registry(settings)
    return open_http(url, signed(settings, read_secrets(access)))
