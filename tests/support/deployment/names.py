"""The variables of settings."""

import msgspec

from headrace.settings import variable


def names(kinds):
    """The names of the variables that these structs are read from."""
    return {variable(field.name) for kind in kinds for field in msgspec.structs.fields(kind)}
