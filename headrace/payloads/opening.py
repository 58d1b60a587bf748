"""What both ways of reading by a registry need to be installed."""

from importlib.util import find_spec

from headrace.extras import needs

_PACKAGES = ("fastavro", "google.protobuf", "jsonschema_rs")


def check_installed() -> None:
    """Raise HeadraceError if what reads payloads is not installed; imports nothing."""
    for package in _PACKAGES:
        if find_spec(package.partition(".")[0]) is None:
            raise needs("schemas", ModuleNotFoundError(name=package))
