import base64
import os
import subprocess
import sys

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from headrace.errors import SettingsError
from headrace.settings import read
from headrace.store import manifest, safe_read
from headrace.store.errors import SignatureError
from headrace.store.manifest import MANIFEST, SIGNATURE
from headrace.store.model_store import ModelStore
from headrace.store.publisher import Publisher
from headrace.store.settings import PublisherSettings, StoreSettings
from headrace.store.signing import SigningKey, VerifyKey
from tests.support.models.store import FILES, MODEL, content, description, version_folder


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(safe_read, "_PAUSES_SECONDS", (0.0,))


@pytest.fixture
def key():
    return SigningKey.generate()


@pytest.fixture
def store(tmp_path, key):
    return Publisher(tmp_path / "store", key.verify_key(), key)


def test_what_is_signed_is_read(store, key, caplog):
    store.publish(FILES, description())

    assert content(store.open(MODEL)) == FILES
    assert caplog.records == []


def test_the_signature_is_plain_ed25519_over_the_manifest(store, key):
    folder = version_folder(store.publish(FILES, description()))

    signature = (folder / SIGNATURE).read_bytes()

    assert len(signature) == 64
    key.verify_key().verify(signature, (folder / "manifest.json").read_bytes())


def test_a_missing_signature_is_refused(store, key):
    folder = version_folder(store.publish(FILES, description()))
    (folder / SIGNATURE).unlink()

    with pytest.raises(SignatureError, match="not signed"):
        store.open(MODEL)


@pytest.mark.parametrize("signature", [b"", b"x", bytes(64), b"x" * 65])
def test_a_wrong_signature_is_refused(store, key, signature):
    folder = version_folder(store.publish(FILES, description()))
    (folder / SIGNATURE).write_bytes(signature)

    with pytest.raises(SignatureError, match="not signed with"):
        store.open(MODEL)


def test_another_key_is_refused(store, key):
    store.publish(FILES, description())
    stranger = ModelStore(store.root, SigningKey.generate().verify_key())

    with pytest.raises(SignatureError):
        stranger.open(MODEL)


def test_an_unsigned_version_made_by_somebody_with_access_to_the_mount_is_refused(store, key):
    store.publish(FILES, description())
    Publisher(store.root).publish({"model.ubj": b"evil"}, description())

    with pytest.raises(SignatureError, match="not signed"):
        store.open(MODEL)


def test_a_key_on_the_mount_means_nothing(store, key):
    evil = SigningKey.generate()
    Publisher(store.root, signing_key=evil).publish({"model.ubj": b"evil"}, description())
    (store.root / "HEADRACE_MODEL_VERIFY_KEY").write_text(evil.verify_key().text())

    with pytest.raises(SignatureError):
        store.open(MODEL)


@pytest.mark.parametrize("other", [None, SigningKey.generate()])
def test_what_could_not_be_read_is_not_published(store, other):
    with pytest.raises(SignatureError, match="signing key"):
        Publisher(store.root, store.verify_key, other).publish(FILES, description())
    assert not store.root.exists()


def test_publishing_again_signs_what_was_there_unsigned(store, key):
    unsigned = Publisher(store.root).publish(FILES, description())
    with pytest.raises(SignatureError):
        store.open(MODEL)

    signed = store.publish(FILES, description())

    assert signed.name == unsigned.name
    assert content(store.verify(MODEL)) == FILES


def test_a_time_that_somebody_else_wrote_is_not_signed(store, key):
    folder = version_folder(Publisher(store.root).publish(FILES, description()))
    written = manifest.parse_manifest((folder / MANIFEST).read_bytes())
    forged = msgspec.structs.replace(written, created="1999-01-01T00:00:00Z", checksum="")
    forged = msgspec.structs.replace(forged, checksum=manifest._digest(forged))
    (folder / MANIFEST).write_bytes(manifest._render(forged))

    signed = store.publish(FILES, description())

    assert signed.name == written.name
    assert signed.manifest.created.startswith("2")
    assert signed.manifest.created >= written.created


def test_a_version_that_is_signed_already_stays_as_it_is(store):
    folder = version_folder(store.publish(FILES, description()))
    before = (folder / MANIFEST).stat()

    store.publish(FILES, description())

    assert (folder / MANIFEST).stat().st_ino == before.st_ino


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
