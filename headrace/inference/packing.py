"""Many rows become one set of tensors, so that a whole batch is one call of the graph."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from headrace.inference.columns import Places, places_of
from headrace.inference.schema import Row, RowSchema
from headrace.inference.schema_types import SchemaError
from headrace.runtimes.base import Array, Inputs, Tensor


class UnfitRowError(ValueError):
    """Rows that the schema lets pass, and that the graph's types cannot hold."""


class Packer:
    """Packs rows as one graph takes them.

    Args:
        schema: What the rows look like.
        inputs: What the graph takes.

    Raises:
        SchemaError: The two do not fit.
    """

    def __init__(self, schema: RowSchema, inputs: Mapping[str, Tensor]) -> None:
        self._inputs = inputs
        self._places: Places = places_of(schema, inputs)
        self._arrays = [
            place for place, column in enumerate(schema.columns) if column.kind == "array"
        ]
        firsts = {size for one in inputs.values() for size in (one.shape or ())[:1] if size}
        if others := firsts - {1}:
            raise SchemaError(
                f"the graph takes {min(others)} rows at once, no others: export it with a free"
                " first size, or with 1"
            )
        # A single value beside a table has no place for that of each row, and would be taken for
        # a row of the table where the sizes happen to fit.
        is_single = len(inputs) > 1 and any(not one.shape for one in inputs.values())
        self._one_by_one = bool(firsts) or is_single

    def groups(self, rows: Sequence[Row]) -> Iterator[list[int]]:
        """Divide rows into those that fit into one tensor, by their indices.

        Arrays of different sizes cannot lie in one, nor more rows than a graph of a fixed size
        takes. Mostly all rows are one group.
        """
        if self._one_by_one:
            yield from ([index] for index in range(len(rows)))
        elif not self._arrays:
            yield list(range(len(rows)))
        else:
            groups: dict[object, list[int]] = {}
            for index, row in enumerate(rows):
                groups.setdefault(self._shape(row), []).append(index)
            yield from groups.values()

    def pack(self, rows: Sequence[Row]) -> Inputs:
        """Pack rows of one group; the first size of each tensor is their number.

        Raises:
            UnfitRowError: A value of some row is not one of the graph's type, or its shape is
                not that of the graph's input.
        """
        try:
            return {name: self._tensor(name, rows) for name in self._inputs}
        except (ValueError, OverflowError, TypeError) as error:
            raise UnfitRowError(str(error)) from error

    def _shape(self, row: Row) -> object:
        try:
            return tuple(np.shape(row[place]) for place in self._arrays)
        except ValueError:  # no rectangle: packed alone, it is refused alone
            return id(row)

    def _tensor(self, name: str, rows: Sequence[Row]) -> Array:
        tensor, places = self._inputs[name], self._places[name]
        is_table = len(places) > 1
        values = [[row[p] for p in places] if is_table else row[places[0]] for row in rows]
        dtype = object if tensor.dtype == "str" else np.dtype(tensor.dtype)
        with np.errstate(over="ignore"):  # told below, with the input's name
            array = np.array(values, dtype)
        if tensor.shape is not None and array.ndim == 1 and len(tensor.shape) == 2:
            array = array[:, np.newaxis]
        if array.dtype.kind == "f" and np.isinf(array).any():
            raise UnfitRowError(f"{name}: a number is too large for {tensor.dtype}")
        self._check_shape(name, array, tensor)
        if tensor.dtype == "str":
            "".join(array.flat).encode()  # raises for half a surrogate pair: no runtime takes it
        return array

    def _check_shape(self, name: str, array: Array, tensor: Tensor) -> None:
        if tensor.shape is None:
            return
        wanted = tensor.shape[1:]
        found = array.shape[1:]
        if len(found) != len(wanted) or any(
            size is not None and size != have for size, have in zip(wanted, found, strict=True)
        ):
            shown = [size if size is not None else "any" for size in wanted]
            raise UnfitRowError(f"{name} has the shape {list(found)}, not {shown}")
