"""Label files: TensorFlow's `.pbtxt` label maps, and plain lists with a name a line."""

import re

from headrace.errors import HeadraceError

UNNAMED = "???"

_ITEM = re.compile(r"item\s*\{(.*?)\}", re.DOTALL)
_ID = re.compile(r"\bid\s*:\s*(\d+)")
_QUOTED = r"""\s*:\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_DISPLAY_NAME = re.compile(r"\bdisplay_name" + _QUOTED)
_NAME = re.compile(r"\bname" + _QUOTED)
_MAX_ID = 100_000


class LabelError(HeadraceError):
    """The label file is not one."""


def parse_labels(text: str) -> tuple[str, ...]:
    """Read class names by class index, counted without the background.

    In a label map, ids start at 1, so id 1 is index 0; ids that are left out are called `???`. In a
    plain list the first line is index 0, unless it stands for the background (`???`, `background`).

    Raises:
        LabelError: Nothing in it, or an item without id or name, or with the id of another.
    """
    labels = _from_map(text) if _ITEM.search(text) else _from_lines(text)
    if not labels:
        raise LabelError("the label file is empty")
    return labels


def _from_map(text: str) -> tuple[str, ...]:
    names: dict[int, str] = {}
    for item in _ITEM.findall(text):
        number, name = _ID.search(item), _DISPLAY_NAME.search(item) or _NAME.search(item)
        if number is None or name is None:
            raise LabelError(f"an item without id or name: {item.strip()[:80]!r}")
        index = int(number[1]) - 1
        if index in names or not 0 <= index < _MAX_ID:
            raise LabelError(f"id {number[1]} comes twice or is out of range")
        names[index] = re.sub(r"\\(.)", r"\1", name[1][1:-1])
    return tuple(names.get(index, UNNAMED) for index in range(max(names) + 1))


def _from_lines(text: str) -> tuple[str, ...]:
    lines = [line.strip() for line in text.strip().splitlines()]
    if lines and lines[0].lower() in (UNNAMED, "background"):
        lines = lines[1:]
    return tuple(line or UNNAMED for line in lines)
