"""What `headrace.store` gives is complete, documented, and imported only when asked for."""

import subprocess
import sys

import pytest

import headrace.store


@pytest.mark.parametrize("name", headrace.store.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(headrace.store, name).__doc__
    assert name in headrace.store.__doc__


def test_another_name_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        headrace.store.nothing  # noqa: B018


def test_a_reader_imports_nothing_that_writes():
    program = (
        "import sys; from headrace.store import LiveModel, ModelStore;"
        "wrong = {'headrace.store.publisher', 'headrace.store.trial'} & set(sys.modules);"
        "assert not wrong, wrong"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
