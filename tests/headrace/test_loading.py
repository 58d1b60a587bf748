"""A worker's file is found by its name, whatever the name is; what is wrong is one line."""

import os
import subprocess
import sys

import pytest

from headrace.errors import SettingsError
from headrace.loading import find_handler, load

WORKER = """
from headrace import Record, Worker, lambda_handler

class Named(Worker):
    def process(self, record: Record) -> str:
        return __file__

handler = lambda_handler(Named)
"""
NAMES = [
    *("handler", "consumer", "batch", "settings", "worker", "record", "headrace", "demo"),
    *("models", "workers", "workers.orders", "models.tumor", "training.jobs"),
    *("queue", "code", "signal", "email", "json", "secrets", "test"),  # of the standard library
    *("orjson", "msgspec", "yaml", "numpy"),  # installed, and used by Headrace itself
    *("my-worker", "über"),
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working directory, and an interpreter that forgets what it imported from there."""
    monkeypatch.chdir(tmp_path)
    others = str(tmp_path.parents[1])  # the folders of other tests, which stay in the path
    monkeypatch.setattr(sys, "path", [path for path in sys.path if not path.startswith(others)])
    before = sys.modules.copy()
    for name in before:
        # This tree's own, and what another test has loaded.
        if name.partition(".")[0] in {"models", "training", "workers", "orders"}:
            del sys.modules[name]
    yield tmp_path
    for name in sys.modules.keys() - before.keys():
        del sys.modules[name]
    sys.modules.update(before)


def write(folder, name, text=WORKER):
    path = folder.joinpath(*name.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent != folder:  # without it, this tree's own packages would be found
        (path.parent / "__init__.py").touch()
    path.write_text(text)
    return path


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


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("orders", "; did you mean workers.orders?"),
        ("workers/orders.py", "; did you mean workers.orders?"),
        ("./workers/orders.py", "; did you mean workers.orders?"),
        ("workers/orders", "; did you mean workers.orders?"),
        ("top.py", "; did you mean top?"),
        ("./top.py", "; did you mean top?"),
        ("workers.order", "; did you mean workers.orders?"),
        ("Top", "; did you mean top?"),
        ("top.handler", "; did you mean top:handler?"),
        (
            "app.main",
            "; it is in src: install your project (pip install -e .), or set PYTHONPATH=src",
        ),
        ("nothing", ""),
        ("", ""),
        ("..", ""),
    ],
)
def test_a_name_that_is_no_module_says_what_was_meant(here, name, meant):
    write(here, "workers.orders")
    write(here, "top")
    write(here, "src.app.main")

    with pytest.raises(SettingsError) as caught:
        find_handler(name)
    said = str(caught.value)
    assert repr(name) in said
    assert said.partition("; ")[2] == meant.removeprefix("; ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n\nx = (", "orders.py, line 3: SyntaxError: '(' was never closed"),
        ("\nimport nope", "orders.py, line 2: ModuleNotFoundError: No module named 'nope'"),
        ("import os.nope", "orders.py, line 1: ModuleNotFoundError: No module named 'os.nope'"),
        ("from headrace import Nope", "orders.py, line 1: ImportError: cannot import name 'Nope'"),
        ("import json\njson.loads('')", "orders.py, line 2: JSONDecodeError: Expecting value"),
        ("raise KeyError", "orders.py, line 1: KeyError"),
        ("raise ValueError('two\\nlines')", "orders.py, line 1: ValueError: two lines"),
        ("import broken", "broken.py, line 1: SyntaxError: invalid syntax"),
        ("import failing", "failing.py, line 2: NameError: name 'nope' is not defined"),
    ],
)
def test_a_file_that_fails_is_told_with_file_and_line(here, text, said):
    write(here, "orders", text)
    write(here, "broken", "def def")
    write(here, "failing", "\nnope")

    with pytest.raises(SettingsError) as caught:
        find_handler("orders")
    assert str(caught.value).startswith(f"cannot load orders: {said}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "orders has no 'handler'"),
        (WORKER.replace("handler = ", "entry = "), "did you mean orders:entry?"),
        (
            WORKER.replace("handler = lambda_handler(Named)", ""),
            r"did you mean orders:Named\? Or add to it: handler = lambda_handler\(Named\)",
        ),
        ("handler = 1", "orders:handler is no function"),
        ("def handler(event): return 1", "orders is no worker, and not made by lambda_handler"),
    ],
)
def test_a_module_without_a_handler_says_what_it_lacks(here, text, said):
    write(here, "orders", text)

    with pytest.raises(SettingsError, match=said):
        find_handler("orders")


def test_a_worker_itself_may_be_named(here):
    write(here, "orders", WORKER.replace("handler = lambda_handler(Named)", ""))
    assert find_handler("orders:Named").worker_class.__name__ == "Named"


@pytest.mark.parametrize("name", ["Worker", "Half"])
def test_a_worker_that_does_nothing_is_refused(here, name):
    write(here, "orders", "from headrace import Worker\nclass Half(Worker):\n    pass")
    with pytest.raises(SettingsError, match=rf"orders:{name}: .*process"):
        find_handler(f"orders:{name}")
