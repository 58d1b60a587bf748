"""Types that several threads read values into.

At a type's first use, msgspec looks through its fields. If two threads do that at once, the process
crashes; once it is done, any number of threads may use the type.
"""

import threading
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_prepared = set[Any]()
_lock = threading.Lock()


def prepared(kind: T) -> T:
    """Return a type that any thread may use now. It may be a union, too."""
    if kind not in _prepared:
        with _lock:
            msgspec.json.Decoder(kind)
            _prepared.add(kind)
    return kind
