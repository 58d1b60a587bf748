"""What can go wrong with a model version. Every message names what is wrong and where."""

from headrace.errors import HeadraceError


class StoreError(HeadraceError):
    """The model store refused, or could not do, what was asked."""


class VersionNotFoundError(StoreError):
    """No such model, version or alias."""


class VersionCorruptError(StoreError):
    """A version does not hold exactly what its manifest says."""


class SignatureError(StoreError):
    """A manifest's signature, or a key, is missing or wrong."""


class LibraryError(StoreError):
    """An installed library is not one that may load this version."""


class PublishError(StoreError):
    """What should be published is not fit to be."""


class TrialError(StoreError):
    """A version was tried in a process of its own and did not load, or answered wrongly.

    Args:
        version: What was tried.
        reason: What it did.
    """

    def __init__(self, version: str, reason: str) -> None:
        super().__init__(f"{version} {reason}")
        self.reason = reason
