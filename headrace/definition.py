"""What a worker's class must look like; a mistake in it is one line, before any record comes."""

from types import AsyncGeneratorType, CoroutineType, FunctionType
from typing import Any, TypeVar

from headrace.errors import WorkerError

Made = TypeVar("Made")

ONCE_MARK = "__headrace_once__"
"""The attribute of a `process` that is decorated with `@once`."""

HANDLER_MARK = "__headrace_handler__"
"""The attribute of a worker's class whose events another kind of handler takes."""

CALLS_MARK = "__headrace_calls__"
"""The attribute of a base of workers that has what else may be overridden, as `_CALLS`."""

# What each method is called with. One that is abstract must be overridden.
_CALLS = {"setup": (), "process": ("record",), "process_batch": ("records",), "close": ()}
_OVERRIDES = tuple(_CALLS)
_MEANT = {name.replace("_", ""): name for name in _OVERRIDES}

# Marks of a code object, as in the module inspect, which is slow to import.
_VARARGS, _GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x04, 0x20, 0x80, 0x200

# Types that are results, which is nearly always what is returned.
_PLAIN = frozenset({dict, list, str, int, float, bool, bytes, tuple})


def check_names(kind: type) -> None:
    """Refuse a class when it is defined.

    Raises:
        WorkerError: it writes the name of a method in another way, or it yields results.
    """
    for name in vars(kind):
        meant = _MEANT.get(name.replace("_", "").lower(), name)
        if meant != name and not name.startswith("_"):
            raise WorkerError(f"{kind.__name__}.{name} would never be called: write {meant}")
    for name in _OVERRIDES:
        if _marks(vars(kind).get(name)) & (_GENERATOR | _ASYNC_GENERATOR):
            raise WorkerError(f"{kind.__name__}.{name} yields: return the result instead")


def check_complete(kind: type, base: type) -> None:
    """Refuse a class when it is about to run.

    Args:
        kind: the worker's class.
        base: the class of all workers.

    Raises:
        WorkerError: it is no worker, it leaves out what it must override, such as both `process`
            and `process_batch`, or a method cannot be called with what it is given.
    """
    if not (isinstance(kind, type) and issubclass(kind, base)):
        raise WorkerError(f"{_shown(kind)} is not the class of a worker")
    for name, given in (_CALLS | getattr(kind, CALLS_MARK, {})).items():
        if getattr(getattr(kind, name), "__isabstractmethod__", False):
            raise WorkerError(f"{kind.__name__} has no {name}{_hint(kind, base, name)}")
        _check_call(kind, name, given)
    if not any(overrides(kind, base, name) for name in ("process", "process_batch")):
        hint = _hint(kind, base, "process") or _hint(kind, base, "process_batch")
        raise WorkerError(f"{kind.__name__} has neither process nor process_batch{hint}")


def _hint(kind: type, base: type, name: str) -> str:
    """Return which method of the class may have been meant by that name."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for the message

    own = [one for part in kind.__mro__ if part not in base.__mro__ for one in vars(part)]
    close = get_close_matches(name, [one for one in own if one != name], 1)
    return f"; is {close[0]} meant to be it?" if close else ""


def _check_call(kind: type, name: str, given: tuple[str, ...]) -> None:
    """Refuse a method that would fail for every record, so that all of them became dead letters."""
    method = next(vars(part)[name] for part in kind.__mro__ if name in vars(part))
    if method is None:
        raise WorkerError(f"{kind.__name__}.{name} is None")
    if not callable(method) and not hasattr(method, "__get__"):
        raise WorkerError(f"{kind.__name__}.{name} is no method, but {_shown(method)}")
    # Mostly the worker itself, too.
    expected = len(given) if isinstance(method, staticmethod) else len(given) + 1
    function = getattr(method, "__func__", method)  # of a class method or a static one
    if isinstance(function, FunctionType) and not _takes(function, expected):
        count = ("no argument", "one argument", "two arguments")[len(given)]
        raise WorkerError(f"{kind.__name__}.{name} is called with {count}: ({', '.join(given)})")


def _takes(function: FunctionType, count: int) -> bool:
    """Return whether a function can be called with so many arguments by their places."""
    code, most = function.__code__, function.__code__.co_argcount
    least = most - len(function.__defaults__ or ())
    needs_words = code.co_kwonlyargcount > len(function.__kwdefaults__ or ())
    return not needs_words and least <= count and (count <= most or bool(code.co_flags & _VARARGS))


def _shown(kind: object) -> str:
    return getattr(kind, "__name__", None) or f"an object of {type(kind).__name__}"


def overrides(kind: type, base: type, name: str) -> bool:
    """Return whether a class has a method of its own in place of the base's."""
    return getattr(kind, name) is not getattr(base, name)


def make(kind: type[Made], settings: object) -> Made:
    """Make a worker that has its settings before its constructor runs, whatever that takes."""
    worker = kind.__new__(kind)
    worker.settings = settings  # type: ignore[attr-defined]  # as every worker has them
    worker.__init__()  # type: ignore[misc]  # what the class itself would do next
    return worker


def is_async(function: Any) -> bool:
    """Return whether a function, or one that it wraps, is `async def`."""
    while function is not None:
        called = vars(type(function)).get("__call__")  # of an object that stands for a function
        if (_marks(function) | _marks(called)) & _COROUTINE:
            return True
        function = getattr(function, "__wrapped__", getattr(function, "func", None))  # a partial's
    return False


def check_result(result: object, method: str = "process") -> None:
    """Raise TypeError for what `process`, or another method, cannot have meant as its result.

    That is work that is yet to be done, and an exception that was returned and not raised: where
    there is no sink, nobody would look at either, and the record would be done.
    """
    kind = type(result)
    if kind in _PLAIN:
        return
    error = result if isinstance(result, type) else kind
    if issubclass(error, BaseException):
        raise TypeError(f"{method} returned {error.__name__}, an exception: raise it")
    check_waited(result, method)


def check_waited(result: object, method: str) -> None:
    """Raise TypeError for work that is yet to be done: a coroutine, a future, a generator.

    Args:
        result: what was returned.
        method: what returned it.
    """
    kind = type(result)
    if kind in _PLAIN:
        return
    if hasattr(kind, "__next__") or hasattr(kind, "__anext__"):
        name = "generator" if kind is AsyncGeneratorType else kind.__name__
        raise TypeError(f"{method} returned a {name}: return the result, not what will make it")
    if hasattr(kind, "__await__"):
        if isinstance(result, CoroutineType):
            result.close()  # it will never run: without this, Python warns that nobody waited
        remedy = "write `async def`, and `await` it"
    elif hasattr(kind, "add_done_callback"):  # of threads and processes
        remedy = "return its result"
    else:
        return
    raise TypeError(f"{method} returned a {kind.__name__} that nobody has waited for: {remedy}")


def _marks(function: Any) -> int:
    code = getattr(function, "__code__", None)
    return 0 if code is None else code.co_flags
