"""Ed25519 keys: who may publish (the signing key), and what a reader trusts (the verifying key).

Signatures are over the bytes of the manifest, as they lie on the disk. This module imports
`cryptography`; import it only if a key is configured.
"""

import base64
import binascii
import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from headrace.store.errors import SignatureError

_PEM = "-----BEGIN"


class VerifyKey:
    """The key that manifests must be signed with, as far as a reader knows it."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    def __reduce__(self) -> tuple[Callable[[str], "VerifyKey"], tuple[str]]:
        """Go to another process as text."""
        return VerifyKey.parse, (self.text(),)

    @classmethod
    def parse(cls, text: str) -> "VerifyKey":
        """Read base64 of the 32 raw bytes, or PEM.

        Raises:
            SignatureError: It is neither, or not an Ed25519 public key.
        """
        try:
            if _PEM not in text:
                return cls(Ed25519PublicKey.from_public_bytes(_decode(text)))
            key = load_pem_public_key(text.encode())
        except (ValueError, UnsupportedAlgorithm) as error:
            raise SignatureError(
                "not a verifying key: base64 of 32 bytes, or PEM, and no file"
            ) from error
        if not isinstance(key, Ed25519PublicKey):
            raise SignatureError("the verifying key is not an Ed25519 public key")
        return cls(key)

    def verify(self, signature: bytes, content: bytes) -> None:
        """Check a signature.

        Raises:
            SignatureError: It is not this key's signature of this content.
        """
        try:
            self._key.verify(signature, content)
        except InvalidSignature as error:
            raise SignatureError("the manifest is not signed with the configured key") from error

    def check_signer(self, key: "SigningKey | None") -> None:
        """Check that what a signing key signs will be trusted, before anything is written.

        Raises:
            SignatureError: There is no signing key, or it is another pair's.
        """
        if key is None:
            raise SignatureError("this store checks signatures: a signing key is needed to publish")
        if key.verify_key().text() != self.text():
            raise SignatureError("the signing key does not belong to the configured verifying key")

    def text(self) -> str:
        """Return the key as one line of base64."""
        return base64.b64encode(self._key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


class SigningKey:
    """The publisher's secret key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def generate(cls) -> "SigningKey":
        """Make a new key."""
        return cls(Ed25519PrivateKey.from_private_bytes(secrets.token_bytes(32)))

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """Read base64 of the 32 raw bytes, or an unencrypted PEM.

        Raises:
            SignatureError: It is neither, or not an Ed25519 private key.
        """
        try:
            if _PEM not in text:
                return cls(Ed25519PrivateKey.from_private_bytes(_decode(text)))
            key = load_pem_private_key(text.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # No cause: it might quote the key.
            raise SignatureError(
                "not a signing key: base64 of 32 bytes, or PEM, and no file"
            ) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise SignatureError("the signing key is not an Ed25519 private key")
        return cls(key)

    def sign(self, content: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._key.sign(content)

    def verify_key(self) -> VerifyKey:
        """Return the other half, for readers."""
        return VerifyKey(self._key.public_key())

    def pem(self) -> str:
        """Return the key as unencrypted PKCS 8 PEM, for a file that only its owner can read."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
