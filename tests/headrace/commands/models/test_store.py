"""`headrace models verify`, `rollback`, `collect` and `keygen` on a store."""

import stat

import pytest

from headrace.errors import SettingsError
from headrace.store.errors import StoreError, TrialError, VersionCorruptError
from headrace.store.publisher import Publisher
from headrace.store.signing import SigningKey
from tests.support.models.store import MODEL, UNSERVED_FILES, description, version_folder


def test_rolling_back_to_a_version_without_a_name_is_no_rolling_back(run, store, versions):
    with pytest.raises(StoreError, match="not a name for an alias: ''"):
        run("rollback", MODEL, "")
    assert store.resolve(MODEL, "current") == versions[-1].name


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

    Publisher(store.root, signing_key=key).publish(UNSERVED_FILES, description())

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
