"""An alias moves to sound versions alone, and back again."""

import json

import pytest

from headrace.store.errors import StoreError, VersionCorruptError
from tests.support.models.store import MODEL, publish, version_folder

pytestmark = pytest.mark.usefixtures("impatient")


def test_a_damaged_alias_is_told_and_mended(store):
    publish(store, 1)
    (store.root / MODEL / "aliases" / "current").write_text("?")

    with pytest.raises(VersionCorruptError, match="alias"):
        store.open(MODEL)
    publish(store, 2)

    assert store.open(MODEL).read("model.ubj") == b"weights 2"


def test_an_alias_of_ones_own_moves_alone(store):
    first = publish(store, 1)
    second = publish(store, 2, alias="candidate")
    third = publish(store, 3, alias=None)

    assert store.resolve(MODEL) == first.name
    assert {name: alias.version for name, alias in store.aliases(MODEL).items()} == {
        "current": first.name,
        "candidate": second.name,
    }
    assert store.point(MODEL, third.name).name == store.resolve(MODEL) == third.name
    assert store.alias(MODEL).history == (first.name,)


def test_roll_back_means_the_version_before(store):
    first, second, third = (publish(store, number) for number in range(3))

    assert store.roll_back(MODEL).name == second.name == store.resolve(MODEL)
    assert store.roll_back(MODEL).name == first.name == store.resolve(MODEL)
    with pytest.raises(StoreError, match="no earlier version"):
        store.roll_back(MODEL)
    assert store.point(MODEL, third.name).name == store.resolve(MODEL)
    assert store.roll_back(MODEL).name == first.name


def test_publishing_the_current_content_again_is_no_move(store):
    first = publish(store, 1)
    publish(store, 2)
    publish(store, 2)

    assert store.roll_back(MODEL).name == first.name


@pytest.mark.parametrize("action", ["roll_back", "point"])
def test_an_alias_never_moves_to_a_damaged_version(store, action):
    first, second = publish(store, 1), publish(store, 2)
    (version_folder(first) / "model.ubj").write_bytes(b"weights X")

    with pytest.raises(VersionCorruptError, match="changed"):
        store.roll_back(MODEL) if action == "roll_back" else store.point(MODEL, first.name)

    assert store.resolve(MODEL) == second.name


def test_history_is_bounded(store):
    for number in range(40):
        publish(store, number % 2)

    assert len(store.alias(MODEL).history) == 32


def test_the_alias_is_one_small_file(store):
    first, second = publish(store, 1), publish(store, 2)

    state = json.loads((store.root / MODEL / "aliases" / "current").read_bytes())

    assert state == {"version": second.name, "history": [first.name]}
