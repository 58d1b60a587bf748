"""What libraries log and warn of, and what nobody catches, are lines of the log too."""

import json
import logging
import os
import subprocess
import sys
import warnings

import pytest

from headrace.log import log_libraries

PROGRAM = """
import logging, warnings
from headrace.log import log_libraries
log_libraries()
logging.getLogger("some.library").warning("slow: %s", 3)
logging.getLogger("some.library").info("not shown")
warnings.warn("old", DeprecationWarning)
warnings.warn("odd")
"""


@pytest.mark.parametrize(("told", "given"), [("ERROR", ""), ("", "error")])
def test_what_is_less_severe_than_asked_for_is_not_written_of_libraries_either(told, given):
    program = PROGRAM.replace("log_libraries()", f"log_libraries({told!r} or None)")
    program += "logging.getLogger('headrace.store').warning('unsigned')\n"
    program += 'logging.getLogger("some.library").error("broken")\n'
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", program],
        env=os.environ | {"HEADRACE_LOG_LEVEL": given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [json.loads(line)["message"] for line in done.stdout.splitlines()] == ["broken"]


def test_the_librarys_own_lines_are_written_from_info_on():
    program = PROGRAM + "logging.getLogger('headrace.store').info('swapped')\n"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1])["message"] == "swapped"


def test_what_libraries_log_and_warn_of_are_lines_too():
    program = [sys.executable, "-W", "always", "-c", PROGRAM]
    done = subprocess.run(program, capture_output=True, text=True, check=True)

    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["service"], line["message"]) for line in found] == [
        ("some.library", "slow: 3"),
        ("py.warnings", "old"),
        ("py.warnings", "odd"),
    ]
    assert (found[1]["category"], found[1]["place"]) == ("DeprecationWarning", "<string>:7")
    assert done.stderr == ""


UNCAUGHT = """
import sys, threading
from headrace.log import log_libraries
log_libraries()

def fail(error):
    raise error

class Half:
    def __del__(self):
        raise OSError("no disk")

for error in (KeyError("amount"), SystemExit(1)):
    thread = threading.Thread(target=fail, args=(error,), name="poller")
    thread.start()
    thread.join()
Half()
"""


def test_exceptions_that_nobody_can_catch_are_lines_too():
    program = [sys.executable, "-c", UNCAUGHT]
    done = subprocess.run(program, capture_output=True, text=True, check=True)

    thread, finalizer = (json.loads(line) for line in done.stdout.splitlines())
    assert (thread["message"], thread["thread"]) == ("a thread has ended by an exception", "poller")
    assert thread["exception"].endswith("KeyError: 'amount'")
    assert (finalizer["exception_name"], finalizer["level"]) == ("OSError", "ERROR")
    assert "Half.__del__" in finalizer["place"]
    assert done.stderr == ""


def test_a_root_logger_that_the_user_has_set_up_is_left_alone(monkeypatch):
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    handlers = [logging.NullHandler()]
    monkeypatch.setattr(logging.getLogger(), "handlers", handlers)
    log_libraries()

    assert handlers[0].formatter is None
    assert len(handlers) == 1


def test_in_lambda_the_runtimes_own_handler_writes_lines(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    handler = logging.NullHandler()
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    log_libraries()

    record = logging.LogRecord("botocore", logging.WARNING, "", 0, "retry %d", (2,), None)
    assert json.loads(handler.format(record))["message"] == "retry 2"
