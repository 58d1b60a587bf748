"""Keys that sign and verify: how they are read, where they come from."""

import base64
import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from headrace.errors import SettingsError
from headrace.settings import read
from headrace.store.errors import SignatureError
from headrace.store.settings import PublisherSettings, StoreSettings
from headrace.store.signing import SigningKey, VerifyKey
from tests.support.models.store import FILES, MODEL, content, description

pytestmark = pytest.mark.usefixtures("impatient")


def _pem(public):
    raw = base64.b64decode(public.text())
    key = serialization.load_der_public_key(bytes.fromhex("302a300506032b6570032100") + raw)
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def test_keys_are_read_in_both_forms(key):
    public = key.verify_key()
    raw = base64.b64encode(os.urandom(32)).decode()

    assert VerifyKey.parse(f" {public.text()}\n").text() == public.text()
    assert VerifyKey.parse(_pem(public)).text() == public.text()
    assert SigningKey.parse(key.pem()).verify_key().text() == public.text()
    assert SigningKey.parse(raw).sign(b"x") == SigningKey.parse(raw).sign(b"x")


def _other_kind_of_key():
    return ec.generate_private_key(ec.SECP256R1())


def _other_public():
    return (
        _other_kind_of_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def _other_private():
    return (
        _other_kind_of_key()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


@pytest.mark.parametrize(
    "text",
    ["?", "QUJD", "-----BEGIN x", "é", _other_public()],
    ids=[
        "no-base64",
        "short",
        "torn",
        "no-ascii",
        "another-kind",
    ],  # the same in every process that collects
)
def test_what_is_no_verifying_key_is_told(text):
    with pytest.raises(SignatureError, match="verifying key"):
        VerifyKey.parse(text)


@pytest.mark.parametrize(
    "text",
    ["?", "QUJD", "-----BEGIN x", "é", _other_private()],
    ids=["no-base64", "short", "torn", "no-ascii", "another-kind"],
)
def test_what_is_no_signing_key_is_told_without_quoting_it(text):
    with pytest.raises(SignatureError, match="signing key") as caught:
        SigningKey.parse(text)
    assert text == "?" or text not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_keys_come_from_the_settings(tmp_path, key):
    publisher = PublisherSettings(
        model_root=str(tmp_path),
        model_signing_key=key.pem(),
        model_verify_key=key.verify_key().text(),
    )
    reader = StoreSettings(model_root=str(tmp_path), model_verify_key=publisher.model_verify_key)

    publisher.publisher().publish(FILES, description())

    assert content(reader.store().open(MODEL)) == FILES
    assert StoreSettings(model_verify_key="unsigned").store().verify_key is None
    with pytest.raises(SignatureError):
        StoreSettings(model_verify_key="?").store()


def test_where_signatures_are_required_an_empty_key_serves_nothing(key):
    required = {"HEADRACE_MODEL_SIGNATURES_REQUIRED": "true"}
    with pytest.raises(SettingsError, match="the word unsigned"):
        read(StoreSettings, required | {"HEADRACE_MODEL_VERIFY_KEY": ""}).store()
    for given in (key.verify_key().text(), "unsigned"):  # unsigned on purpose has a word
        assert read(StoreSettings, required | {"HEADRACE_MODEL_VERIFY_KEY": given}).store()


def test_without_a_key_cryptography_is_not_even_imported(tmp_path):
    program = (
        "import sys; from headrace.store.settings import StoreSettings; import headrace.store.live;"
        f"StoreSettings(model_root={str(tmp_path)!r}).store();"
        "heavy = {'cryptography', 'numpy', 'email', 'importlib.metadata'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
