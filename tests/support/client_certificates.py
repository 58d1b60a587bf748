"""Certificates of clients, sound and not: authorities in a chain, and a revocation list."""

import datetime
import itertools
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.certificates import SIGNS

HOUR = datetime.timedelta(hours=1)
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
_NUMBERS = itertools.count(1)


class Signer:
    """An authority: it signs itself, or another one has signed it.

    Attributes:
        certificate: its own.
        above: the certificates between it and the first authority, its own among them.
    """

    def __init__(self, name, by=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signer = by or self
        self.certificate = _build(self.name, signer.name, self.key, signer.key, authority=True)
        self.above = [] if by is None else [self.certificate, *by.above]

    def issue(self, name, *, starts=-HOUR, ends=HOUR, usage=CLIENT):
        """A client's key and its certificates, its own first."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        own = _build(subject, self.name, key, self.key, starts=starts, ends=ends, usage=usage)
        return key, [own, *self.above]

    def revoke(self, *certificates):
        """A revocation list with these on it, in PEM."""
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name)
        builder = builder.last_update(now - HOUR).next_update(now + HOUR)
        builder = builder.add_extension(x509.CRLNumber(1), critical=False)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
        for one in certificates:
            revoked = x509.RevokedCertificateBuilder().serial_number(one.serial_number)
            builder = builder.add_revoked_certificate(revoked.revocation_date(now).build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def self_signed(name):
    """A client's key, and a certificate that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return key, [_build(subject, subject, key, key, usage=CLIENT)]


def write(folder: Path, name, key, certificates):
    """The files of a certificate with its chain, and of its key."""
    files = folder / f"{name}.pem", folder / f"{name}.key"
    files[0].write_bytes(b"".join(pem(one) for one in certificates))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return tuple(map(str, files))


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def _build(
    subject, issuer, key, signing_key, *, authority=False, starts=-HOUR, ends=HOUR, usage=None
):
    now = datetime.datetime.now(datetime.UTC)
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key())
    names = [x509.DNSName("localhost")]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(next(_NUMBERS))
        .not_valid_before(now + starts)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(signer, critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    if authority:
        builder = builder.add_extension(SIGNS, critical=True)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return builder.sign(signing_key, hashes.SHA256())
