"""What is wrong with the module that a user named, in one line, and what they may have meant."""

import sys
import sysconfig
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from headrace.errors import HeadraceError, message_of
from headrace.extras import missing
from headrace.handler import Handler
from headrace.worker import Worker

_OURS = Path(__file__).resolve().parent
_INSTALLED = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")}


def explain(name: str, error: BaseException, folders: Sequence[Path]) -> str:
    """Why a module could not be imported: `cannot load orders: orders.py, line 3: NameError: …`.

    Args:
        name: the module.
        error: what its import raised.
        folders: where the user's files are; the last of them on the way to the error is named.
    """
    return f"cannot load {name}: {described(error, folders)}"


def described(error: BaseException, folders: Sequence[Path]) -> str:
    """An error in one line, with the line of the user's file: `orders.py, line 3: NameError: …`.

    Args:
        error: of any kind.
        folders: as for `explain`.
    """
    return ": ".join(filter(None, (_place(error, folders), _text(error))))


def hint(name: str, folders: Sequence[Path]) -> str:
    """What a name that is no module may have meant: `; did you mean workers.orders?`, or nothing.

    Args:
        name: what was asked for: perhaps a path, or a module without its folder.
        folders: where the user's files are.
    """
    for folder in folders:
        if _is_module(folder, name):
            return _hidden(name.partition(".")[0])
        if _is_module(folder / "src", name):
            return "; it is in src: install your project (pip install -e .), or set PYTHONPATH=src"
        for meant in _meant(name, folder):
            return f"; did you mean {meant}?"
    return ""


def missing_attribute(module: ModuleType, name: str, attribute: str) -> str:
    """What a module has in place of the attribute that was asked for."""
    for other, value in vars(module).items():
        if isinstance(value, Handler):
            return f"has no {attribute!r}; did you mean {name}:{other}?"
    for other, value in vars(module).items():
        is_worker = isinstance(value, type) and issubclass(value, Worker)
        if is_worker and value.__module__ == module.__name__:
            added = f"handler = lambda_handler({other})"
            return f"has no {attribute!r}; did you mean {name}:{other}? Or add to it: {added}"
    return f"has no {attribute!r}"


def _text(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        error = missing(error) or error
    text = error.msg if isinstance(error, SyntaxError) else message_of(error)
    text = " ".join(text.split())
    if isinstance(error, HeadraceError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _place(error: BaseException, folders: Sequence[Path]) -> str:
    """The line of the user's file at which an import failed."""
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).exists():
        return f"{_shown(Path(error.filename))}, line {error.lineno}"
    frames = [
        (Path(frame.f_code.co_filename), line)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    theirs = [at for at in frames if any(_is_users(at[0], folder) for folder in folders)]
    if not theirs:
        return ""
    file, line = theirs[-1]
    return f"{_shown(file)}, line {line}"


def _is_users(file: Path, folder: Path) -> bool:
    file = file.resolve()
    others = (_OURS, *_INSTALLED)
    return (
        file.exists()
        and file.is_relative_to(folder.resolve())
        and not any(map(file.is_relative_to, others))
    )


def _shown(file: Path) -> Path:
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file


def _is_module(folder: Path, name: str) -> bool:
    *packages, last = name.split(".")
    return "/" not in name and folder.joinpath(*packages, f"{last}.py").is_file()


def _hidden(package: str) -> str:
    """Python prefers an installed package to a folder that does not say that it is one."""
    other = getattr(sys.modules.get(package), "__file__", None)
    return (
        f": {package} is {other}; an empty {package}/__init__.py makes your folder come first"
        if other
        else ""
    )


def _meant(name: str, folder: Path) -> Iterator[str]:
    if Path(name).is_absolute() and Path(name).is_relative_to(folder):
        name = f"./{Path(name).relative_to(folder)}"
    dotted = name.removesuffix(".py").strip("./").replace("/", ".")
    if dotted != name or not name:
        if _is_module(folder, dotted):
            yield dotted
        return
    for file in sorted((*folder.glob(f"*/{name}.py"), *folder.glob(f"*/{name}/__init__.py"))):
        inner = file.relative_to(folder).with_suffix("")
        yield ".".join(inner.parts).removesuffix(".__init__")
    from difflib import get_close_matches  # noqa: PLC0415 - only for the message

    place, dot, last = name.rpartition(".")
    if place and _is_module(folder, place):  # as an image's command has it
        yield f"{place}:{last}"
    there = [file.stem for file in folder.joinpath(*place.split(".")).glob("*.py")]
    alike = {stem.lower(): stem for stem in there}
    yield from (f"{place}{dot}{alike[one]}" for one in get_close_matches(last.lower(), alike))
