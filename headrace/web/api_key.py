"""The API key: whoever does not know it gets no answer of a worker."""

import hmac
from collections.abc import Mapping
from http import HTTPStatus

from headrace.errors import Reject, SettingsError
from headrace.settings import secret, variable
from headrace.web.head import Head

KEY = variable("api_key")
"""It has no flag: other users of a machine can see flags."""

_LEAST = 16


class ApiKey:
    """Compares keys in constant time.

    Args:
        key: The key; "" lets everybody in.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "ApiKey":
        """Read the key.

        Raises:
            SettingsError: It is so short that it could be guessed, or not UTF-8.
        """
        key = secret(KEY, environ)
        if key and len(key) < _LEAST:
            raise SettingsError(f"{KEY} has {len(key)} characters: at least {_LEAST} are needed")
        return cls(key)

    def check(self, head: Head) -> None:
        """Let a request pass that has the key, as `Authorization: Bearer` or `X-API-Key`.

        Raises:
            Reject: It has not.
        """
        if self._key and not hmac.compare_digest(self._key, _given(head).encode()):
            detail = "the API key is missing or wrong: send it as Authorization: Bearer KEY"
            raise Reject(detail, status=HTTPStatus.UNAUTHORIZED)


def _given(head: Head) -> str:
    found = ""
    for name, value in head.headers:
        if name == "authorization" and value[:7].lower() == "bearer ":
            found = value[7:].strip()
        elif name == "x-api-key":
            found = found or value
    return found
