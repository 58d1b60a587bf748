"""Label files: TensorFlow's `.pbtxt` label maps, lists with a name a line, lists of ids and names.

Which class has which name depends on how many there are: a list may begin with the background, ids
may count from 0 or 1, and a file that was cut short looks like a shorter one. So the model's number
of classes decides, and a file that does not fit it is refused.
"""

import re
from pathlib import Path

from headrace import whole_file
from headrace.errors import HeadraceError

UNNAMED = "???"

_ITEM = re.compile(r"item\s*\{(.*?)\}", re.DOTALL)
_ID = re.compile(r"\bid\s*:\s*(\d{1,9})\b")
_QUOTED = r"""\s*:\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_DISPLAY_NAME = re.compile(r"\bdisplay_name" + _QUOTED)
_NAME = re.compile(r"\bname" + _QUOTED)
_NUMBERED = re.compile(r"(\d{1,9})[\s:,]\s*(\S.*)")
_MAX_ID = 100_000


class LabelError(HeadraceError):
    """The label file is not one, or not of this model."""


def read_labels(path: Path, classes: int) -> tuple[str, ...]:
    """Read a label file, in UTF-8 with or without a byte order mark.

    Args:
        path: The file.
        classes: How many classes the model has, without the background.

    Raises:
        LabelError: As in `parse_labels`, or another encoding; names the file.
        SettingsError: It is larger than label files are.
        OSError: It cannot be read.
    """
    try:
        text = whole_file.text(path)
    except UnicodeDecodeError as error:
        raise LabelError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    if "\0" in text:
        raise LabelError(f"{path}: not UTF-8 text; save it as UTF-8")
    try:
        return parse_labels(text, classes)
    except LabelError as error:
        raise LabelError(f"{path}: {error}") from None


def parse_labels(text: str, classes: int) -> tuple[str, ...]:
    """Read class names by class index, counted without the background.

    In a label map, ids start at 1, so id 1 is index 0. In a list of ids and names they start at 0,
    or at 1 if the last one says so. Ids that are left out are called `???`. In a plain list the
    first line is index 0, unless it stands for the background (`???`, `background`).

    Raises:
        LabelError: Nothing in it, an item without id or name or with the id of another, or not as
            many classes as the model has; names both counts.
    """
    if not text.strip():
        raise LabelError("the label file is empty")
    labels = _from_map(text) if _ITEM.search(text) else _from_lines(text, classes)
    if len(labels) != classes:
        raise LabelError(
            f"{len(labels)} class names, but the model has {classes} classes: the file was cut, or"
            " belongs to another model"
        )
    return labels


def _from_map(text: str) -> tuple[str, ...]:
    names: dict[int, str] = {}
    for item in _ITEM.findall(text):
        number, name = _ID.search(item), _DISPLAY_NAME.search(item) or _NAME.search(item)
        if number is None or name is None:
            raise LabelError(f"an item without id or name: {item.strip()[:80]!r}")
        _add(names, int(number[1]) - 1, number[1], re.sub(r"\\(.)", r"\1", name[1][1:-1]))
    return _filled(names)


def _from_lines(text: str, classes: int) -> tuple[str, ...]:
    lines = [line.strip() for line in text.strip().splitlines()]
    numbered = [_NUMBERED.fullmatch(line) for line in lines if line]
    if all(numbered):
        return _from_numbered([(match[1], match[2]) for match in numbered if match], classes)
    if len(lines) != classes and lines[0].lower() in (UNNAMED, "background"):
        lines = lines[1:]
    return tuple(line or UNNAMED for line in lines)


def _from_numbered(pairs: list[tuple[str, str]], classes: int) -> tuple[str, ...]:
    numbers = [int(number) for number, _ in pairs]
    first = 1 if min(numbers) > 0 and max(numbers) == classes else 0
    names: dict[int, str] = {}
    for number, name in pairs:
        _add(names, int(number) - first, number, name)
    return _filled(names)


def _add(names: dict[int, str], index: int, number: str, name: str) -> None:
    if index in names or not 0 <= index < _MAX_ID:
        raise LabelError(f"id {number} comes twice or is out of range")
    names[index] = name


def _filled(names: dict[int, str]) -> tuple[str, ...]:
    return tuple(names.get(index, UNNAMED) for index in range(max(names) + 1))
