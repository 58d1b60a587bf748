"""Where there is a verifying key, only what was signed is read."""

import msgspec
import pytest

from headrace.store import manifest
from headrace.store.errors import SignatureError
from headrace.store.manifest import MANIFEST, SIGNATURE
from headrace.store.model_store import ModelStore
from headrace.store.publisher import Publisher
from headrace.store.signing import SigningKey
from tests.support.models.store import FILES, MODEL, content, description, version_folder

pytestmark = pytest.mark.usefixtures("impatient")


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
