"""Which type a worker's class declares as its input."""

from typing import TYPE_CHECKING, Any, ForwardRef, Generic, TypeVar, get_args, get_origin

from headrace.errors import WorkerError

if TYPE_CHECKING:
    from headrace.input.types import InputType


def declared_input(kind: type, base: type) -> Any | None:
    """Return the type between the brackets of `Worker[…]`; None if the class declares none.

    Args:
        kind: the worker's class, at any depth below the base.
        base: the class of all workers.

    Raises:
        WorkerError: the type is written as text.
    """
    found = _argument(kind, base, {})
    if isinstance(found, str | ForwardRef):
        name = found if isinstance(found, str) else found.__forward_arg__
        raise WorkerError(f"{kind.__name__}: write Worker[{name}], with the type and not its name")
    return None if isinstance(found, TypeVar) or found is Any else found


def worker_input(kind: type, base: type) -> "InputType | None":
    """Return what reads the input that a worker's class declares; None if it declares none.

    Raises:
        WorkerError: nothing can be read into what it declares.
    """
    declared = declared_input(kind, base)
    if declared is None:
        return None
    from headrace.input.types import input_type  # noqa: PLC0415 - for workers that declare any

    return input_type(declared)


def _argument(kind: type, base: type, known: dict[Any, Any]) -> Any | None:
    """Return what the base is given by the first of the class's bases that leads there.

    Args:
        kind: a class.
        base: where the search ends.
        known: what stands for the type variables of the class.
    """
    for parent in vars(kind).get("__orig_bases__", kind.__bases__):
        origin = get_origin(parent) or parent
        if origin is Generic or not isinstance(origin, type) or not issubclass(origin, base):
            continue
        arguments = [
            known.get(one, one) if isinstance(one, TypeVar) else one for one in get_args(parent)
        ]
        if origin is base:
            return arguments[0] if arguments else None
        names = getattr(origin, "__parameters__", ())
        return _argument(origin, base, dict(zip(names, arguments, strict=False)))
    return None
