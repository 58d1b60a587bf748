"""Something that a thread does again and again while a context lasts."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def repeating(
    act: Callable[[], None], seconds: float, name: str, *, patience: float | None = None
) -> Iterator[None]:
    """Act every so many seconds within the context, and wait at its end for what is under way.

    Args:
        act: what is done; it must not raise.
        seconds: the pause before it, each time.
        name: the thread's.
        patience: how many seconds to wait at the end. None: as long as it takes.
    """
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(seconds):
            act()

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(patience)
