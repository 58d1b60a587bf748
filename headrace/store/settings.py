"""How a process reaches the model store, from its configuration."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from headrace.store.model_store import ModelStore

if TYPE_CHECKING:
    from headrace.store.signing import SigningKey


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader of the store needs.

    Attributes:
        model_root: The folder that holds the store.
        model_verify_key: Whose signatures to trust, an Ed25519 public key: base64 of its 32 raw
            bytes, or PEM. None or empty: signatures are not checked.
        model_refresh_seconds: How often, at most, to look whether an alias moved.
    """

    model_root: str = "./var/models"
    model_verify_key: str | None = None
    model_refresh_seconds: float = 60.0

    def store(self) -> ModelStore:
        """Opens the store.

        Raises:
            SignatureError: The verifying key is not one.
        """
        root = Path(self.model_root)
        if not self.model_verify_key:
            return ModelStore(root)
        from headrace.store.signing import VerifyKey  # noqa: PLC0415 - cryptography, only where a key is

        return ModelStore(root, VerifyKey.parse(self.model_verify_key))


class PublisherSettings(StoreSettings, frozen=True, kw_only=True):
    """What a publisher needs besides: no serving process should be given this.

    Attributes:
        model_signing_key: An Ed25519 private key: base64 of its 32 raw bytes, or PEM. None or
            empty: versions are not signed.
    """

    model_signing_key: str | None = None

    def signing_key(self) -> "SigningKey | None":
        """The key to publish with, if one is configured.

        Raises:
            SignatureError: It is not a signing key.
        """
        if not self.model_signing_key:
            return None
        from headrace.store.signing import SigningKey  # noqa: PLC0415 - cryptography, only where a key is

        return SigningKey.parse(self.model_signing_key)
