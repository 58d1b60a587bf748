"""Texts that must not be shown: values of parameters with NoEcho."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from headrace.errors import SettingsError
from headrace.sinks.url import HIDDEN


def hide(text: str, secrets: Collection[str]) -> str:
    """Return the text without the secrets, as they are or as a quoted text shows them."""
    for secret in sorted(secrets, key=len, reverse=True):  # one may contain another
        text = text.replace(secret, HIDDEN).replace(repr(secret)[1:-1], HIDDEN)
    return text


@contextmanager
def hiding(secrets: Collection[str]) -> Iterator[None]:
    """Take the secrets out of an error that names the wrong value."""
    try:
        yield
    except SettingsError as error:
        raise SettingsError(hide(str(error), secrets)) from None
