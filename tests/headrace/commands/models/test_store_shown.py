"""`headrace models list` and `show`: what is bad is told and hides nothing."""

import json

import pytest

from headrace.store.errors import VersionCorruptError
from tests.support.models.store import MODEL, UNSERVED_FILES, description, version_folder


def test_list(run, versions):
    lines = run("list").splitlines()

    assert lines[0].split() == ["MODEL", "VERSION", "CREATED", "ALIASES"]
    assert {line.split()[1] for line in lines[1:]} == {v.name[:12] for v in versions}
    assert [line.split()[1] for line in lines if line.endswith("current")] == [
        versions[2].name[:12]
    ]


def test_list_as_json_tells_bad_versions_apart(run, versions):
    (version_folder(versions[0]) / "extra").write_bytes(b"x")

    rows = {row["version"]: row for row in json.loads(run("list", MODEL, "--json"))}

    assert "extra" in rows[versions[0].name]["problem"]
    assert rows[versions[2].name]["problem"] is None
    assert rows[versions[2].name]["aliases"] == ["current"]
    assert "BAD" in run("list")


def test_one_bad_alias_hides_nothing(run, store, versions):
    store.publish(UNSERVED_FILES, description(model="other"))
    (store.root / MODEL / "aliases" / "current").write_text("{")
    lines = run("list").splitlines()
    (told,) = (line for line in lines if "BAD: " in line)
    assert f"{MODEL}/aliases/current is no alias" in told
    assert len(lines) == 1 + 1 + len(versions) + 1


def test_who_may_write_to_the_mount_does_not_steer_a_terminal(run, store, monkeypatch):
    evil = "\x1b[2J\x9b31m\u202e\nMODEL"
    version = store.publish(
        UNSERVED_FILES, description(training_data=evil, libraries={evil: ">=1"})
    )
    shown = [run("show", MODEL), run("show", MODEL, "--json")]
    (version_folder(version) / f"{evil.replace('/', '')}.txt").touch()
    shown += [run("list"), run("list", "--json")]

    for text in shown:
        assert all(one.isprintable() for one in text.split("\n"))
        assert "\\u001b[2J" in text
        assert "\nMODEL" not in text[1:]


def test_a_bad_manifest_is_told_with_its_place(store, versions):
    folder = version_folder(versions[0])
    (folder / "manifest.json").write_text("{")
    with pytest.raises(VersionCorruptError, match=f"{MODEL}/versions/{versions[0].name}: the man"):
        store.open(MODEL, versions[0].name)


def test_an_empty_store_says_so(run):
    assert "no versions" in run("list")


def test_show(run, versions):
    text = run("show", MODEL)
    shown = json.loads(run("show", MODEL, versions[1].name[:12], "--json"))

    assert versions[2].name in text
    assert "weights, 1 bytes" in text
    assert shown["metrics"] == {"auc": 0.1}


def test_listing_says_nothing_of_signatures(run, versions, caplog):
    run("list")

    assert caplog.records == []
