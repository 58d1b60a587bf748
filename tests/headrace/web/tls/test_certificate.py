"""Names of certificates, as RFC 4514 writes them: what `cryptography` writes, too."""

import datetime
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.web.tls.certificate import distinguished_name

OIDS = (
    *(NameOID.COMMON_NAME, NameOID.LOCALITY_NAME, NameOID.STATE_OR_PROVINCE_NAME),
    *(NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.STREET_ADDRESS),
    NameOID.USER_ID,
)
KEY = ec.generate_private_key(ec.SECP256R1())
TEXT = st.text(st.characters(max_codepoint=0x2FF, exclude_categories=["C"]), min_size=1, max_size=9)


def as_python_has_it(name, tmp_path):
    """The name of a certificate as `ssl` reads it."""
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(KEY.public_key()).serial_number(1)
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    path = tmp_path / "one.pem"
    path.write_bytes(builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM))
    return ssl._ssl._test_decode_cert(str(path))["subject"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("names")


@settings(max_examples=60)
@given(parts=st.lists(st.tuples(st.sampled_from(OIDS), TEXT), min_size=1, max_size=4))
def test_a_name_is_what_the_standard_says(folder, parts):
    name = x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])
    assert distinguished_name(as_python_has_it(name, folder)) == name.rfc4514_string()


def test_parts_of_one_level_stay_together(folder):
    two = [x509.NameAttribute(NameOID.COMMON_NAME, "a"), x509.NameAttribute(NameOID.USER_ID, "b")]
    name = x509.Name([x509.RelativeDistinguishedName(two)])
    assert distinguished_name(as_python_has_it(name, folder)) in {"CN=a+UID=b", "UID=b+CN=a"}
