"""A worker's file is found by its name, whatever the name is."""

import os
import subprocess
import sys

import pytest

from headrace.errors import SettingsError
from headrace.loading import find_handler, load
from tests.support.own_files import WORKER, here, write

__all__ = ["here"]  # a fixture

NAMES = [
    *("handler", "consumer", "batch", "settings", "worker", "record", "headrace", "demo"),
    *("models", "workers", "workers.orders", "models.tumor", "training.jobs"),
    *("queue", "code", "signal", "email", "json", "secrets", "test"),  # of the standard library
    *("orjson", "msgspec", "yaml", "numpy"),  # installed, and used by Headrace itself
    *("my-worker", "über"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_any_name_is_a_worker(here, name):
    path = write(here, name)

    assert find_handler(name)({}) == str(path)


def test_a_worker_may_be_a_package(here):
    path = write(here, "orders.__init__")

    assert find_handler("orders")({}) == str(path)


@pytest.mark.parametrize("name", ["queue", "orjson"])
def test_the_other_module_of_that_name_stays_what_it_was(here, name):
    before = sys.modules[name]
    write(here, name)
    find_handler(name)

    assert sys.modules[name] is before


def test_a_file_named_as_a_part_of_the_standard_library_harms_nobody_who_imports_it_later(here):
    """As a whole program: here, something has imported `colorsys` already, or has not."""
    write(here, "colorsys")
    code = (
        "from headrace.loading import find_handler\n"
        "print(find_handler('colorsys')({}))\n"
        "import colorsys; print(colorsys.rgb_to_hsv(0, 0, 0))"
    )
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=here, env=environ, capture_output=True, text=True
    )

    assert done.stdout.splitlines() == [str(here / "colorsys.py"), "(0.0, 0.0, 0)"], done.stderr


def test_a_folder_that_an_installed_package_hides_is_told_with_the_way_out(here):
    write(here, "xdist.orders")
    (here / "xdist" / "__init__.py").unlink()

    with pytest.raises(SettingsError, match=r"an empty xdist/__init__\.py makes your folder come"):
        find_handler("xdist.orders")


def test_files_of_the_working_directory_import_each_other(here):
    write(here, "models.prices", "FACTOR = 2")
    write(here, "orders", "from models.prices import FACTOR\ndef handler(event): return FACTOR")

    assert load("orders")({}) == 2


def test_any_function_of_a_module_can_be_named(here):
    write(here, "app.orders", "def audit(event): return 'audited'")

    assert load("app.orders:audit")({}) == "audited"


def test_a_folder_may_come_before_the_working_directory(here):
    write(here, "app", "def handler(event): return 'here'")
    write(here / "src", "app", "def handler(event): return 'there'")

    assert load("app", here / "src")({}) == "there"


def test_a_worker_itself_may_be_named(here):
    write(here, "orders", WORKER.replace("handler = lambda_handler(Named)", ""))
    assert find_handler("orders:Named").worker_class.__name__ == "Named"
