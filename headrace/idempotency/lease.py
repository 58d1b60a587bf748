"""Leases are extended while the handler runs, by a thread that ends with it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from headrace.idempotency.store import OnceStore
from headrace.log import Log


@contextmanager
def held(
    store: OnceStore, keys: Sequence[str], token: str, lease: float, log: Log
) -> Iterator[None]:
    """Hold leases as long as the block lasts: extend them three times in each lease.

    A store that does not answer is asked again; if it stays away for a whole lease, another one may
    claim the keys, and the answers of this block are refused.
    """
    ended = threading.Event()

    def extend() -> None:
        while not ended.wait(lease / 3):
            try:
                store.extend(keys, token, lease)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next try may succeed
                log.warning("leases could not be extended", keys=len(keys), error=error)

    thread = threading.Thread(target=extend, name="once-leases", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(lease)
