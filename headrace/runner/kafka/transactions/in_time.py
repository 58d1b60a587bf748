"""Calls of a client that can take longer than they are told, such as while a broker is away."""

import threading
from collections.abc import Callable


def in_time(act: Callable[[], object], seconds: float) -> bool:
    """Do something on a thread of its own.

    Returns:
        False if it did not come back within so many seconds; it is left to itself then.

    Raises:
        Exception: What it raised.
    """
    ends: list[Exception | None] = []

    def do() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - raised below
            ends.append(error)
        else:
            ends.append(None)

    thread = threading.Thread(target=do, name="transaction", daemon=True)
    thread.start()
    thread.join(seconds)
    if ends and ends[0] is not None:
        raise ends[0]
    return bool(ends)
