import argparse
import json
import stat

import pytest

from headrace.commands.models import command as models_command
from headrace.errors import SettingsError
from headrace.store.errors import StoreError, TrialError, VersionCorruptError
from headrace.store.publisher import Publisher
from headrace.store.signing import SigningKey
from tests.support.models.store import MODEL, description, version_folder

FILES = {"weights": b"weights", "variables/data-00000": b"more weights"}


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / "store"))
    monkeypatch.delenv("HEADRACE_MODEL_VERIFY_KEY", raising=False)
    parser = argparse.ArgumentParser()
    models_command.add_parser(parser.add_subparsers())

    def call(*words):
        args = parser.parse_args(["models", *map(str, words)])
        assert args.func(args) == 0
        return capsys.readouterr().out

    return call


@pytest.fixture
def store(tmp_path):
    return Publisher(tmp_path / "store")


@pytest.fixture
def versions(store):
    return [
        store.publish(FILES | {"weights": b"%d" % n}, description(metrics={"auc": n / 10}))
        for n in range(3)
    ]


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
    store.publish(FILES, description(model="other"))
    (store.root / MODEL / "aliases" / "current").write_text("{")
    lines = run("list").splitlines()
    (told,) = (line for line in lines if "BAD: " in line)
    assert f"{MODEL}/aliases/current is no alias" in told
    assert len(lines) == 1 + 1 + len(versions) + 1


def test_who_may_write_to_the_mount_does_not_steer_a_terminal(run, store, monkeypatch):
    evil = "\x1b[2J\x9b31m\u202e\nMODEL"
    version = store.publish(FILES, description(training_data=evil, libraries={evil: ">=1"}))
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


def test_rolling_back_to_a_version_without_a_name_is_no_rolling_back(run, store, versions):
    with pytest.raises(StoreError, match="not a name for an alias: ''"):
        run("rollback", MODEL, "")
    assert store.resolve(MODEL, "current") == versions[-1].name


def test_an_empty_store_says_so(run):
    assert "no versions" in run("list")


def test_show(run, versions):
    text = run("show", MODEL)
    shown = json.loads(run("show", MODEL, versions[1].name[:12], "--json"))

    assert versions[2].name in text
    assert "weights, 1 bytes" in text
    assert shown["metrics"] == {"auc": 0.1}


def test_verify(run, versions):
    assert "is sound: 2 files, 13 bytes" in run("verify", MODEL)

    (version_folder(versions[2]) / "weights").write_bytes(b"x")
    with pytest.raises(VersionCorruptError, match=r"changed file: .*weights"):
        run("verify", MODEL)


def test_verify_checks_the_signature_where_a_key_is_configured(run, versions, monkeypatch):
    monkeypatch.setenv("HEADRACE_MODEL_VERIFY_KEY", SigningKey.generate().verify_key().text())

    with pytest.raises(StoreError, match="not signed"):
        run("verify", MODEL)


def test_rollback(run, store, versions):
    assert versions[1].name[:12] in run("rollback", MODEL)
    assert store.resolve(MODEL) == versions[1].name

    run("rollback", MODEL, versions[2].name[:12])
    assert store.resolve(MODEL) == versions[2].name

    run("rollback", MODEL, versions[0].name, "--alias", "stable")
    assert store.resolve(MODEL, "stable") == versions[0].name
    assert store.resolve(MODEL) == versions[2].name


def test_collect(run, store, versions):
    assert run("collect", MODEL) == "0 versions deleted\n"

    text = run("collect", MODEL, "--keep", 1, "--older-than", -1)

    assert text == f"deleted {MODEL} {versions[0].name[:12]}\n1 versions deleted\n"
    assert len(store.versions(MODEL)) == 2


def test_keygen_makes_a_pair_that_works(run, store, tmp_path, monkeypatch):
    text = run("keygen", tmp_path / "key.pem")
    monkeypatch.setenv(
        "HEADRACE_MODEL_VERIFY_KEY", text.split("HEADRACE_MODEL_VERIFY_KEY=")[1].strip()
    )
    key = SigningKey.parse((tmp_path / "key.pem").read_text())

    Publisher(store.root, signing_key=key).publish(FILES, description())

    assert "is sound" in run("verify", MODEL)
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    with pytest.raises(StoreError, match="exists"):
        run("keygen", tmp_path / "key.pem")


def load(version):
    """What `--load` names in these tests: it takes the first version only."""
    if version.manifest.metrics != {"auc": 0.0}:
        raise ValueError("not the first")


HERE = "tests.headrace.commands.models.test_store:load"


def test_verify_loads_by_the_function_of_a_worker(run, versions):
    assert "loads it" in run("verify", MODEL, versions[0].name, "--load", HERE)

    with pytest.raises(TrialError, match="did not load: ValueError: not the first"):
        run("verify", MODEL, "--load", HERE)


def test_rollback_tries_what_it_points_at(run, store, versions):
    with pytest.raises(TrialError, match="not the first"):
        run("rollback", MODEL, "--load", HERE)
    assert store.resolve(MODEL) == versions[2].name

    run("rollback", MODEL, versions[0].name, "--load", HERE)
    assert store.resolve(MODEL) == versions[0].name


@pytest.mark.parametrize("asked", ["nowhere", "nowhere:load", f"{__name__}:nothing", ":x"])
def test_a_function_that_is_not_there_is_told(run, versions, asked):
    with pytest.raises(SettingsError):
        run("verify", MODEL, "--load", asked)


def test_a_version_that_no_runtime_takes_is_read_alone(run, versions):
    assert "no runtime that is installed takes its files" in run("verify", MODEL)


def test_listing_says_nothing_of_signatures(run, versions, caplog):
    run("list")

    assert caplog.records == []
