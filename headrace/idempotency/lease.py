"""Leases are extended while the handler runs, by a thread that ends with it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from headrace.idempotency.store import OnceStore
from headrace.log import Log
from headrace.repeating import repeating


@contextmanager
def held(
    store: OnceStore, keys: Sequence[str], token: str, lease: float, log: Log
) -> Iterator[None]:
    """Hold leases as long as the block lasts: extend them three times in each lease.

    A store that does not answer is asked again; if it stays away for a whole lease, another one may
    claim the keys, and the answers of this block are refused.
    """

    def extend() -> None:
        try:
            store.extend(keys, token, lease)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next try may succeed
            log.warning("leases could not be extended", keys=len(keys), error=error)

    with repeating(extend, lease / 3, "once-leases", patience=lease):
        yield
