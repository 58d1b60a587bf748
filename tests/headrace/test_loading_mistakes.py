"""A worker that cannot be loaded: one line says what is wrong, and what was meant."""

import pytest

from headrace.errors import SettingsError
from headrace.loading import find_handler
from tests.support.own_files import WORKER, here, write

__all__ = ["here"]  # a fixture


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


@pytest.mark.parametrize("name", ["Worker", "Half"])
def test_a_worker_that_does_nothing_is_refused(here, name):
    write(here, "orders", "from headrace import Worker\nclass Half(Worker):\n    pass")
    with pytest.raises(SettingsError, match=rf"orders:{name}: .*process"):
        find_handler(f"orders:{name}")
