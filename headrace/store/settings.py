"""How a process reaches the model store, from its configuration.

A reader's settings know no signing key, so that no serving process can be given one by mistake.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec

from headrace.errors import SettingsError
from headrace.store.errors import SignatureError
from headrace.store.model_store import ModelStore

if TYPE_CHECKING:
    from headrace.store.publisher import Publisher
    from headrace.store.signing import SigningKey, VerifyKey

UNSIGNED = "unsigned"


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the models are, and whom to trust.

    Attributes:
        model_root: The folder that holds the model store.
        model_verify_key: Whose signatures to trust: an Ed25519 public key, as base64 of its 32 raw
            bytes or as PEM; or the word `unsigned`. If it is empty, signatures are not checked,
            and a warning says so.
        model_signatures_required: Whether a model is refused unless HEADRACE_MODEL_VERIFY_KEY is
            set, to a key or to the word `unsigned`.
        model_refresh_seconds: How often, at most, to look whether an alias moved.
        model_trial_seconds: How long a new version may take to load and to answer its golden
            samples, in a process of its own, before it replaces the one that serves. 0: it is
            loaded in this process at once.
    """

    model_root: str = "./var/models"
    model_verify_key: str | None = None
    model_signatures_required: bool = False
    model_refresh_seconds: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    model_trial_seconds: Annotated[float, msgspec.Meta(ge=0)] = 300.0

    def store(self) -> ModelStore:
        """Open the store for reading.

        Raises:
            SignatureError: The verifying key is not one.
            SettingsError: The verifying key is missing, and required.
        """
        return ModelStore(Path(self.model_root), self._verify_key())

    def _verify_key(self) -> "VerifyKey | None":
        if not self.model_verify_key and self.model_signatures_required:
            raise SettingsError(
                "HEADRACE_MODEL_VERIFY_KEY is empty, and HEADRACE_MODEL_SIGNATURES_REQUIRED is set:"
                f" set the key, or the word {UNSIGNED}"
            )
        if not self.model_verify_key or self.model_verify_key == UNSIGNED:
            return None
        from headrace.store.signing import VerifyKey  # noqa: PLC0415 - cryptography, only for a key

        try:
            return VerifyKey.parse(self.model_verify_key)
        except SignatureError as error:
            raise SignatureError(f"HEADRACE_MODEL_VERIFY_KEY: {error}") from None


class PublisherSettings(StoreSettings, frozen=True, kw_only=True):
    """What a publisher needs besides: no serving process should be given this.

    Attributes:
        model_signing_key: The key to sign versions with: an Ed25519 private key, as base64 of its
            32 raw bytes or as PEM. If it is empty, versions are not signed.
    """

    model_signing_key: str | None = None

    def publisher(self) -> "Publisher":
        """Open the store for publishing.

        Raises:
            SignatureError: One of the keys is not one.
        """
        from headrace.store.publisher import Publisher  # noqa: PLC0415 - no reader imports it

        return Publisher(
            Path(self.model_root),
            self._verify_key(),
            self._signing_key(),
            self.model_trial_seconds,
        )

    def _signing_key(self) -> "SigningKey | None":
        if not self.model_signing_key:
            return None
        from headrace.store.signing import SigningKey  # noqa: PLC0415 - as above

        try:
            return SigningKey.parse(self.model_signing_key)
        except SignatureError as error:
            raise SignatureError(f"HEADRACE_MODEL_SIGNING_KEY: {error}") from None
