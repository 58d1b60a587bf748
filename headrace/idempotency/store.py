"""What keeps keys and answers, and the protocol of a lease.

A claim gives its holder a lease with a token. Every later write (extend, complete, release) names
the token and has no effect if another holder has claimed the key since: that is what makes a late
writer harmless. A lease that has ended may be claimed by another; until that happens its holder may
still complete it, since nobody else has begun.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, cast

from headrace.sinks.kind import module_of_kind
from headrace.sinks.url import SinkUrl

KINDS = ("sqlite", "postgres", "dynamodb", "redis")
_SETTING = "HEADRACE_ONCE_STORE"


class Claim(NamedTuple):
    """What came of a claim.

    Attributes:
        state: mine: the lease is the caller's; busy: another one's; done: there is an answer.
        digest: of the payload with which the key was processed, if it is done.
        answer: the remembered text, if it is done.
    """

    state: Literal["mine", "busy", "done"]
    digest: str = ""
    answer: str = ""


class OnceStore(Protocol):
    """Keeps keys. Any thread may call it; each call is one statement for all its keys.

    A call may be made twice, as a client does whose answer was lost: it has its effect once.

    Attributes:
        most_bytes: that an answer may have.
    """

    most_bytes: int

    def claim(self, digests: Mapping[str, str], token: str, lease: float) -> dict[str, Claim]:
        """Claim keys, each given with the digest of its payload, for so many seconds."""
        ...

    def extend(self, keys: Sequence[str], token: str, lease: float) -> None:
        """Have the caller's leases end so many seconds from now."""
        ...

    def complete(self, answers: Mapping[str, str], token: str, window: float) -> set[str]:
        """Remember answers for so many seconds. Returns the keys whose lease another one has."""
        ...

    def release(self, keys: Sequence[str], token: str) -> None:
        """Give the caller's leases up, so that anybody may claim the keys at once."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def open_store(url: str) -> OnceStore:
    """Open the store that a URL names.

    Raises:
        SettingsError: the URL is wrong, or the store cannot be reached.
    """
    parsed = SinkUrl.parse(url, what=_SETTING)
    module = module_of_kind(parsed.scheme, KINDS, "headrace.idempotency.stores", _SETTING)
    return cast("OnceStore", module.open_url(parsed))
