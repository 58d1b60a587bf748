"""Whatever is changed in a version on the mount, its reader refuses it."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headrace.store.errors import StoreError, VersionCorruptError
from headrace.store.publisher import Publisher
from headrace.store.signing import SigningKey
from tests.support.models.store import FILES, MODEL, content, description, version_folder

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.mark.parametrize("signed", [False, True])
def test_every_flipped_byte_of_every_file_is_refused(tmp_path, signed):
    key = SigningKey.generate() if signed else None
    store = Publisher(tmp_path, key.verify_key() if key else None, key)
    folder = version_folder(store.publish(FILES, description()))
    flipped = 0
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        sound = path.read_bytes()
        for at in range(len(sound)):
            path.write_bytes(sound[:at] + bytes([sound[at] ^ (1 << at % 8)]) + sound[at + 1 :])
            with pytest.raises(StoreError):
                content(store.open(MODEL))
            flipped += 1
        path.write_bytes(sound)

    assert content(store.open(MODEL)) == FILES
    assert flipped > 500


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(damage=st.binary(max_size=40), path=st.sampled_from(sorted(FILES)))
def test_any_other_content_is_refused(store, damage, path):
    target = version_folder(store.publish(FILES, description())) / path
    target.write_bytes(damage)

    if damage == FILES[path]:
        assert content(store.open(MODEL)) == FILES
    else:
        with pytest.raises(VersionCorruptError, match=path):
            content(store.open(MODEL))
    target.write_bytes(FILES[path])


@pytest.mark.parametrize(
    "extra", ["more", "variables/more", "other/more", ".hidden", "manifest.json~"]
)
def test_an_extra_file_is_refused(store, folder, extra):
    (folder / extra).parent.mkdir(exist_ok=True)
    (folder / extra).write_bytes(b"x")

    for action in (store.open, store.verify):
        with pytest.raises(VersionCorruptError, match=f"extra file: .*{extra}"):
            action(MODEL)


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_missing_file_is_refused(store, folder, path):
    opened = store.open(MODEL)
    (folder / path).unlink()

    with pytest.raises(VersionCorruptError, match=f"missing file: .*{path}"):
        store.open(MODEL)
    with pytest.raises(VersionCorruptError, match=f"missing file: .*{path}"):
        opened.read(path)


def test_verify_names_everything_that_is_wrong(store, folder):
    (folder / "extra").write_bytes(b"x")
    (folder / "model.ubj").write_bytes(b"Weights")
    (folder / "variables/data-00000").unlink()

    with pytest.raises(VersionCorruptError) as caught:
        store.verify(MODEL)

    for problem in (
        "extra file: .*extra",
        "changed file: .*model.ubj",
        "missing file: .*data-00000",
    ):
        assert caught.match(problem)


def test_a_link_to_a_file_is_refused_even_to_the_same_bytes(store, folder, tmp_path):
    opened = store.open(MODEL)
    shutil.move(folder / "model.ubj", tmp_path / "elsewhere")
    (folder / "model.ubj").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(VersionCorruptError, match="link"):
        opened.read("model.ubj")
    with pytest.raises(VersionCorruptError, match="link"):
        store.verify(MODEL)


@pytest.mark.parametrize("below", ["variables", ".", "..", "../.."])
def test_a_link_to_a_folder_is_refused(store, folder, tmp_path, below):
    opened = store.open(MODEL)
    linked = (folder / below).resolve()
    shutil.move(linked, tmp_path / "elsewhere")
    linked.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(VersionCorruptError):
        store.open(MODEL)
    with pytest.raises(VersionCorruptError, match="link"):
        opened.read("variables/data-00000")


def test_the_root_itself_may_be_a_link(store, folder, tmp_path):
    (tmp_path / "mount").symlink_to(store.root)

    assert content(Publisher(tmp_path / "mount").open(MODEL)) == FILES


def test_an_alias_that_is_a_link_is_refused(store, folder):
    alias = store.root / MODEL / "aliases" / "current"
    alias.rename(alias.with_name("elsewhere"))
    alias.symlink_to("elsewhere")

    with pytest.raises(VersionCorruptError, match="link"):
        store.open(MODEL)


def test_a_pipe_neither_blocks_a_reader_nor_passes(store, folder):
    opened = store.open(MODEL)
    (folder / "model.ubj").unlink()
    os.mkfifo(folder / "model.ubj")

    with pytest.raises(VersionCorruptError, match="not a plain file"):
        opened.read("model.ubj")


def test_a_file_that_grew_is_not_read_whole(store, folder):
    opened = store.open(MODEL)
    with (folder / "model.ubj").open("ab") as file:
        file.truncate(1 << 40)

    with pytest.raises(VersionCorruptError, match="larger than 7 bytes"):
        opened.read("model.ubj")


@pytest.mark.parametrize("path", ["../../../secret", "/etc/passwd", "manifest.json", "absent", ""])
def test_only_what_the_manifest_lists_can_be_read(store, folder, path):
    with pytest.raises(VersionCorruptError, match="not listed"):
        store.open(MODEL).read(path)


def test_a_version_in_the_place_of_another_is_refused(store, folder):
    other = store.publish({"model.ubj": b"other"}, description())
    shutil.rmtree(folder)
    shutil.copytree(version_folder(other), folder)

    with pytest.raises(VersionCorruptError, match="not that of"):
        store.open(MODEL, folder.name)


def test_a_version_in_the_place_of_another_model_is_refused(store, folder):
    shutil.copytree(store.root / MODEL, store.root / "detector")

    with pytest.raises(VersionCorruptError, match="not that of detector"):
        store.open("detector")


def test_unpacked_files_are_verified_ones(store, folder, tmp_path):
    opened = store.open(MODEL)
    opened.unpack(tmp_path / "all")
    opened.unpack(tmp_path / "some", "variables")

    assert (tmp_path / "all/variables/data-00000").read_bytes() == FILES["variables/data-00000"]
    assert [path.name for path in (tmp_path / "some").iterdir()] == ["data-00000"]
    with pytest.raises(VersionCorruptError, match="no files below"):
        opened.unpack(tmp_path / "none", "varia")
    (folder / "model.ubj").write_bytes(b"Weights")
    with pytest.raises(VersionCorruptError, match="changed"):
        opened.unpack(tmp_path / "changed")
