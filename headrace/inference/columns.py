"""Which part of a row becomes which input of a graph, and the schema that a graph implies.

Three ways, in this order: a row that is a list is the graph's one input; a property that is called
as an input is that input; numbers are the columns of the graph's one table, in the order that the
graph gives them or else in that of the schema.
"""

from collections.abc import Mapping
from typing import Any

from headrace.inference.schema import Column, RowSchema
from headrace.inference.schema_types import SchemaError
from headrace.runtimes.base import Tensor

Places = Mapping[str, tuple[int, ...]]
"""For each input, which values of a row it is made of: one, or the columns of a table."""

_KINDS = {"str": "string", "bool": "boolean"}


def places_of(schema: RowSchema, inputs: Mapping[str, Tensor]) -> Places:
    """Say which values of a row each input takes.

    Raises:
        SchemaError: The schema and the graph do not fit; says how they differ.
    """
    _check_types(inputs)
    columns = schema.columns
    order = {column.name: place for place, column in enumerate(columns)}
    if set(inputs) <= set(order):
        return _by_name(columns, order, inputs)
    if len(inputs) > 1:
        missing = ", ".join(sorted(set(inputs) - set(order)))
        raise SchemaError(f"the input schema lacks inputs of the graph: {missing}")
    ((name, tensor),) = inputs.items()
    if columns[0].name == "":
        _check(columns[0], tensor, name)
        return {name: (0,)}
    return {name: _table(columns, order, name, tensor)}


def implied_schema(inputs: Mapping[str, Tensor]) -> dict[str, Any]:
    """Return the schema of the rows that a graph takes, as far as the graph says it.

    A table with named columns takes an object of numbers, another table a list of them. Anything
    else, a table of one column included, takes an object that names each input.

    Raises:
        SchemaError: There is no input, one is no tensor, or its rank is unknown.
    """
    _check_types(inputs)
    tensors = list(inputs.items())
    if len(tensors) == 1 and tensors[0][1].columns:
        number = {"type": _kind(tensors[0][1])}
        return _object(dict.fromkeys(tensors[0][1].columns, number))
    if len(tensors) == 1 and _rank(*tensors[0]) == 2 and (tensors[0][1].shape or ())[1:] != (1,):
        return _implied(*tensors[0])
    return _object({name: _implied(name, tensor) for name, tensor in tensors})


def _by_name(
    columns: tuple[Column, ...], order: Mapping[str, int], inputs: Mapping[str, Tensor]
) -> Places:
    if others := set(order) - set(inputs):
        raise SchemaError(f"the graph has no inputs called {', '.join(sorted(others))}")
    for name, tensor in inputs.items():
        _check(columns[order[name]], tensor, name)
    return {name: (order[name],) for name in inputs}


def _table(
    columns: tuple[Column, ...], order: Mapping[str, int], name: str, tensor: Tensor
) -> tuple[int, ...]:
    for column in columns:
        if column.kind == "array":
            raise SchemaError(f"{column.name!r} is an array; the graph's one input is {name!r}")
        _check(column, tensor, name)
    width = tensor.shape[1] if tensor.shape and len(tensor.shape) == 2 else None
    if tensor.shape is not None and len(tensor.shape) != 2:
        raise SchemaError(f"the graph's input {name!r} is no table; give it as one property")
    if width is not None and width != len(columns):
        raise SchemaError(f"the input schema has {len(columns)} values, the graph takes {width}")
    if not tensor.columns:
        return tuple(range(len(columns)))
    if set(tensor.columns) != set(order):
        differing = ", ".join(sorted(set(tensor.columns) ^ set(order))[:10])
        raise SchemaError(f"the input schema and the graph name other columns: {differing}")
    return tuple(order[column] for column in tensor.columns)


def _check(column: Column, tensor: Tensor, name: str) -> None:
    """Refuse what NumPy would change on the way: a fraction cut off, text read as a number."""
    wanted, found = _kind(tensor), column.item_kind
    fits = found == wanted or (wanted == "number" and found in ("integer", "boolean"))
    if not fits:
        shown = column.name or "the row"
        raise SchemaError(f"{shown!r} is {found} in the schema, {name!r} {wanted} in the graph")
    if column.optional and (wanted != "number" or column.kind == "array"):
        raise SchemaError(f"{column.name!r} may be missing, which only a number can be")


def _kind(tensor: Tensor) -> str:
    if tensor.dtype.startswith("float"):
        return "number"
    return _KINDS.get(tensor.dtype, "integer")


def _check_types(inputs: Mapping[str, Tensor]) -> None:
    if not inputs:
        raise SchemaError("the graph takes no input, so a row means nothing to it")
    for name, tensor in inputs.items():
        if not tensor.dtype:
            why = "is no tensor, or of a type that NumPy lacks, as bfloat16"
            raise SchemaError(f"the graph's input {name!r} {why}")


def _rank(name: str, tensor: Tensor) -> int:
    if not tensor.shape:
        raise SchemaError(f"the graph does not say what {name!r} takes; give an input schema")
    return len(tensor.shape)


def _implied(name: str, tensor: Tensor) -> dict[str, Any]:
    _rank(name, tensor)
    sizes = (tensor.shape or ())[1:]
    part: dict[str, Any] = {"type": _kind(tensor)}
    for size in reversed(() if sizes == (1,) else sizes):
        bounds = {} if size is None else {"minItems": size, "maxItems": size}
        part = {"type": "array", "items": part, **bounds}
    return part


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
