"""Formats that run code are refused, by name and by content."""

import pickle

import pytest

from headrace.store import version
from headrace.store.errors import PublishError, VersionCorruptError
from headrace.store.formats import why_refused
from tests.support.models.store import MODEL, description

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("size", [1, 3000])
def test_a_pickle_is_refused_by_its_content(store, protocol, size):
    pickled = pickle.dumps({"weights": [1.5] * size, "name": "x" * size}, protocol)

    with pytest.raises(PublishError, match="pickle"):
        store.publish({"model.bin": pickled}, description())


@pytest.mark.parametrize(
    "path",
    ["a.pkl", "a.PKL", "a.pickle", "a.joblib", "a.pkl.gz", "a.h5", "a.keras", "a.pt", "x/a.hdf5"],
)
def test_formats_that_run_code_are_refused_by_their_name(store, path):
    with pytest.raises(PublishError, match="run code"):
        store.publish({path: b"x"}, description())


def test_a_reader_refuses_them_as_well(store, monkeypatch):
    with monkeypatch.context() as careless:
        careless.setattr("headrace.store.staging.why_refused", lambda path, head: None)
        careless.setattr(version, "why_refused", lambda path, head: None)
        store.publish({"a.pkl": b"x"}, description(), alias="by-name")
        store.publish({"a.bin": pickle.dumps([1, 2])}, description(), alias="by-content")
    with pytest.raises(VersionCorruptError, match="run code"):
        store.open(MODEL, "by-name")
    with pytest.raises(VersionCorruptError, match="pickle"):
        store.open(MODEL, "by-content").read("a.bin")


def test_weights_that_look_like_a_pickle_at_first_are_not_one():
    assert why_refused("data-00000", b"\x80\x04" + b"\x00\x80\x3f\x00" * 4000) is None
    assert why_refused("data-00000", b"\x80") is None
    assert why_refused("model.bin", b"\x89HDF\r\n\x1a\n...")
