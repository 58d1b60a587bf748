"""Which records may leave a batch without overtaking an earlier one with their key."""

from collections.abc import Collection, Iterable, Sequence

from headrace.record import Record


def may_leave(
    indices: Iterable[int], records: Sequence[Record], waiting: Collection[int]
) -> tuple[set[int], int | None]:
    """Choose among records that wait for something else than the function.

    Args:
        indices: of the records that are open, ascending.
        records: of the batch.
        waiting: which of the indices wait.

    Returns:
        Those of `waiting` before which no other record with their key is open; and the first index
        that must not be delivered now: it comes after one of them with its key, or waits itself.
    """
    leaving = set[int]()
    open_keys, waiting_keys = set[bytes | None](), set[bytes | None]()
    for index in indices:
        key = records[index].key
        if index in waiting and (key is None or key not in open_keys):
            leaving.add(index)
            waiting_keys.add(key)
        elif index in waiting or (key is not None and key in waiting_keys):
            return leaving, index
        else:
            open_keys.add(key)
    return leaving, None
