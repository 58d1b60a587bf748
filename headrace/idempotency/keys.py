"""Keys as every store can hold them: one that it refused would fail the whole batch."""

_MOST_BYTES = 1_000  # DynamoDB takes 2,048, an index of PostgreSQL 2,700


def storable(key: object) -> str:
    """Return a key as it is, or its digest if it is long, or holds what not every store takes.

    Raises:
        TypeError: it is neither text nor a whole number, so records would share it that should not.
    """
    if isinstance(key, int) and not isinstance(key, bool):
        return str(key)
    if not isinstance(key, str) or not key:
        raise TypeError(f"the key of @once is {key!r:.100}, not text")
    data = key.encode(errors="surrogatepass")
    if len(data) <= _MOST_BYTES and b"\0" not in data and _is_whole(key):
        return key
    from hashlib import sha256  # noqa: PLC0415 - seldom needed

    return f"sha256:{sha256(data).hexdigest()}"


def _is_whole(text: str) -> bool:
    """Return whether no half of a surrogate pair stands in a text."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
