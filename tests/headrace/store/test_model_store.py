"""A published version reads back, and is found by its alias, its name, and its first digits."""

import pytest

from headrace.store.errors import VersionNotFoundError
from tests.support.models.store import FILES, MODEL, content, description, publish, version_folder

pytestmark = pytest.mark.usefixtures("impatient")


def test_a_published_version_reads_back(store):
    published = store.publish(FILES, description(metrics={"auc": 1}))

    opened = store.open(MODEL)

    assert opened.name == published.name
    assert content(opened) == FILES
    assert opened.manifest.metrics == {"auc": 1.0}
    assert store.verify(MODEL).name == published.name


def test_files_may_come_from_the_disk(store, tmp_path):
    source = tmp_path / "weights"
    source.write_bytes(FILES["model.ubj"])

    from_disk = store.publish(FILES | {"model.ubj": source}, description())

    assert from_disk.name == store.publish(FILES, description()).name


def test_the_name_follows_from_everything_but_the_time(store, monkeypatch):
    first = publish(store, 1)
    again = publish(store, 1)
    other_content = publish(store, 2)
    other_words = store.publish({"model.ubj": b"weights 1"}, description(metrics={"auc": 0.5}))

    assert first.name == again.name
    assert len({first.name, other_content.name, other_words.name}) == 3
    assert len(store.versions(MODEL)) == 3


def test_a_version_is_found_by_alias_name_and_first_digits(store):
    first, second = publish(store, 1), publish(store, 2)

    assert store.open(MODEL).name == second.name
    assert store.open(MODEL, first.name).name == first.name
    assert store.open(MODEL, first.name[:12]).name == first.name
    assert store.resolve(MODEL) == second.name
    assert store.models() == [MODEL]


@pytest.mark.parametrize("reference", ["current", "other", "abcdef", "0" * 64])
def test_what_is_not_there_is_not_found(store, reference):
    with pytest.raises(VersionNotFoundError, match=reference):
        store.open(MODEL, reference)


@pytest.mark.parametrize("name", [".nfs000000012", ".DS_Store", "Current", "a b"])
def test_what_is_no_name_is_passed_over(store, name):
    version = publish(store, 1)
    (store.root / MODEL / "aliases" / name).write_bytes(b"?")
    (store.root / ".snapshot" / "versions").mkdir(parents=True)
    (version_folder(version).parent / name).mkdir()

    assert store.models() == [MODEL]
    assert list(store.aliases(MODEL)) == ["current"]
    assert store.versions(MODEL) == [version.name]
    assert store.collect(MODEL, keep=1) == []


def test_what_nfs_keeps_open_elsewhere_is_no_extra_file(store):
    version = publish(store, 1)
    (version_folder(version) / ".nfs00000000000a").write_bytes(b"an older signature")

    assert content(store.verify(MODEL)) == {"model.ubj": b"weights 1"}


def test_a_store_without_the_model_says_how_to_publish_one(store):
    with pytest.raises(
        VersionNotFoundError, match=r"publish one with `headrace models publish houses FILE`"
    ):
        store.open("houses")
