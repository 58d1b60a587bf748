"""A class that cannot work is refused, when it is defined or at the start."""

import os
import subprocess
import sys

import pytest

from headrace import ModelWorker, WindowWorker, Worker, lambda_handler
from headrace.errors import WorkerError


class Doubling(Worker):
    def process(self, record):
        return int(record.value) * 2


class Sums(WindowWorker):
    def add(self, state, record):
        return {"sum": state.get("sum", 0) + record.json()}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Process", "process"),
        ("processBatch", "process_batch"),
        ("processbatch", "process_batch"),
        ("setUp", "setup"),
        ("set_up", "setup"),
    ],
)
def test_a_method_that_would_never_be_called_is_refused_when_the_class_is_defined(name, meant):
    with pytest.raises(WorkerError, match=f"^Orders.{name} would never be called: write {meant}$"):
        type("Orders", (Worker,), {name: lambda self, record: None})


@pytest.mark.parametrize("name", ["proces", "proccess", "process_order", "handle"])
def test_a_worker_with_neither_method_is_refused_at_the_start(name):
    orders = type("Orders", (Worker,), {name: lambda self, record: None})
    hint = "" if name == "handle" else f"; is {name} meant to be it[?]"

    with pytest.raises(WorkerError, match=f"^Orders has neither process nor process_batch{hint}$"):
        lambda_handler(orders)


@pytest.mark.parametrize("name", ["process", "process_batch"])
@pytest.mark.parametrize(
    ("method", "complaint"),
    [
        (lambda self: None, "is called with one argument"),
        (lambda self, record, context: None, "is called with one argument"),
        (lambda self, record, *, context: None, "is called with one argument"),
        (lambda self, *, record: None, "is called with one argument"),
        (staticmethod(lambda self, record: None), "is called with one argument"),
        (classmethod(lambda cls: None), "is called with one argument"),
        (5, "is no method, but an object of int"),
        ("process", "is no method, but an object of str"),
        (None, "is None"),
    ],
)
def test_a_method_that_would_fail_for_every_record_is_refused_at_the_start(method, complaint, name):
    """All records would be tried ten times, and end as dead letters."""
    with pytest.raises(WorkerError, match=rf"^Orders\.{name} {complaint}"):
        lambda_handler(type("Orders", (Worker,), {name: method}))


@pytest.mark.parametrize(
    ("base", "methods", "complaint"),
    [
        (Doubling, {"setup": lambda: None}, r"setup is called with no argument: \(\)"),
        (Doubling, {"close": lambda self, why: None}, "close is called with no argument"),
        (WindowWorker, {"ad": None}, "has no add; is ad meant to be it?"),
        (WindowWorker, {"add": lambda self, record: {}}, r"add is .* two .*: \(state, record\)"),
        (Sums, {"finish": lambda self, state: state}, r"finish is .*: \(state, window\)"),
        (ModelWorker, {"row": lambda self: 1}, r"row is called with one argument: \(record\)"),
        (ModelWorker, {"answer": lambda self, record: 1}, r"answer is .*\(record, prediction\)"),
    ],
)
def test_other_methods_that_would_fail_are_refused_at_the_start(base, methods, complaint):
    with pytest.raises(WorkerError, match=rf"^Orders[. ]{complaint}"):
        lambda_handler(type("Orders", (base,), methods))


def test_a_setup_that_yields_is_refused():
    with pytest.raises(WorkerError, match=r"Orders\.setup yields"):

        class Orders(Doubling):
            def setup(self):
                yield


def test_a_process_that_yields_is_refused_when_the_class_is_defined():
    with pytest.raises(WorkerError, match=r"Orders\.process yields: return the result instead"):

        class Orders(Worker):
            def process(self, record):
                yield record

    with pytest.raises(WorkerError, match=r"Orders\.process_batch yields"):

        class Orders(Worker):
            async def process_batch(self, records):
                yield 1


def test_a_mistake_in_the_class_is_one_line_of_the_command(tmp_path):
    (tmp_path / "orders.py").write_text(
        "from headrace import Worker, lambda_handler\n"
        "class Orders(Worker):\n"
        "    def proces(self, record): ...\n"
        "handler = lambda_handler(Orders)\n"
    )
    command = [sys.executable, "-m", "headrace", "run", "orders", "--kafka", "127.0.0.1:1"]

    done = subprocess.run(
        [*command, "--topic", "orders"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == (
        "headrace: cannot load orders: orders.py, line 4: Orders has neither process nor"
        " process_batch; is proces meant to be it?\n"
    )
