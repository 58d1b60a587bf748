"""What a server is encrypted with, and which clients it takes: files, checked at the start."""

import ssl
from typing import NamedTuple

from headrace.errors import SettingsError


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
            raise _wrong("certificate", self.certificate, error) from None
        lists = [("revocation list", path) for path in self.revoked]
        for name, path in (("client CA", self.client_ca), *lists):
            if path is not None:
                try:
                    context.load_verify_locations(path)
                except OSError as error:
                    raise _wrong(name, path, error) from None
        if self.client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            # An authority that is listed is trusted, whoever has signed it.
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if self.revoked:
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
        return context


def _wrong(name: str, path: str, error: Exception) -> SettingsError:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return SettingsError(f"the {name} {path} cannot be used: {reason}")
