"""What a server is encrypted with, and which clients it takes: files, checked at the start."""

import re
import ssl
from typing import NamedTuple

from headrace.errors import SettingsError
from headrace.whole_file import content

_LIST = "revocation list"
_BEGIN = re.compile(rb"^-----BEGIN ([A-Z0-9 ]+)-----", re.MULTILINE)
_WITH_PASSWORD = b"BEGIN ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED"


class Tls(NamedTuple):
    """A server's certificate, and whose clients' it trusts. TLS 1.2 and 1.3.

    Attributes:
        certificate: The server's, with what signed it, in PEM.
        key: Its private key, in PEM.
        client_ca: Authorities in PEM; if it is set, clients must show a certificate of one.
        revoked: Their revocation lists, a PEM file each: of every authority in a client's chain.
    """

    certificate: str
    key: str
    client_ca: str | None = None
    revoked: tuple[str, ...] = ()

    def context(self) -> ssl.SSLContext:
        """Return this as Python's TLS takes it.

        Raises:
            SettingsError: A file cannot be read, or is not what it should be.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["h2", "http/1.1"])
        try:
            context.load_cert_chain(self.certificate, self.key, password="")
        except (OSError, ValueError) as error:
            raise self._what_is_wrong(error) from None
        if self.client_ca is not None:
            _trust("client CA", self.client_ca, context)
        for path in self.revoked:
            _revoke(path, context)
        if self.client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            # An authority that is listed is trusted, whoever has signed it.
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if self.revoked:
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
        return context

    def _what_is_wrong(self, error: Exception) -> SettingsError:
        """Say which of both files it is: OpenSSL does not, nor what it misses in it."""
        key = "certificate's key", self.key
        both = (("certificate", self.certificate), b"CERTIFICATE"), (key, b"PRIVATE KEY")
        for (name, path), kind in both:
            try:
                labels = _BEGIN.findall(text := content(path))
            except OSError as unreadable:
                return _wrong(name, path, unreadable)
            if not any(label.endswith(kind) for label in labels):
                return _wrong(name, path, ValueError(f"it holds no {kind.decode()} in PEM"))
        if any(word in text for word in _WITH_PASSWORD):
            return _wrong(*key, ValueError("it has a password"))
        return _wrong("certificate", self.certificate, error)


def _trust(name: str, path: str, context: ssl.SSLContext) -> None:
    try:
        context.load_verify_locations(path)
    except OSError as error:
        raise _wrong(name, path, error) from None


def _revoke(path: str, context: ssl.SSLContext) -> None:
    """Take a revocation list, and nothing else: a certificate beside it would be trusted."""
    before = context.cert_store_stats()
    _trust(_LIST, path, context)
    after = context.cert_store_stats()
    if after["x509"] > before["x509"]:
        raise _wrong(_LIST, path, ValueError("it holds a certificate, which would be trusted"))
    if after["crl"] == before["crl"]:
        raise _wrong(_LIST, path, ValueError("there is no further list in it"))


def _wrong(name: str, path: str, error: Exception) -> SettingsError:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return SettingsError(f"the {name} {path} cannot be used: {reason}")
