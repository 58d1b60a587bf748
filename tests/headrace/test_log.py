"""The log: one JSON object a line, whoever writes it, and no line is lost."""

import io
import json
import logging
import os
import re
import subprocess
import sys
import warnings

import pytest

from headrace import log
from headrace.log import log_libraries, logger
from headrace.log_output import lines_at_once


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_has_level_message_time_service_and_fields(capsys):
    logger("orders", "INFO").info("100 % done", key=b"a", offset=7)

    (line,) = lines(capsys)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("timestamp"))
    assert line == {
        "level": "INFO",
        "message": "100 % done",
        "service": "orders",
        "key": "a",
        "offset": 7,
    }


def test_less_severe_messages_than_the_level_are_left_out(capsys):
    log = logger("orders", "WARNING")
    for write in (log.debug, log.info, log.warning, log.error):
        write("m")

    assert [line["level"] for line in lines(capsys)] == ["WARNING", "ERROR"]


@pytest.mark.parametrize("name", ["name", "module", "args", "msg", "asctime", "process"])
def test_a_field_may_have_any_name(name, capsys):
    logger("orders", "INFO").info("m", **{name: 1})

    assert lines(capsys)[0][name] == 1


def test_fields_may_come_as_the_standard_library_has_them(capsys):
    logger("orders", "INFO").info("m", extra={"a": 1}, b=2)

    (line,) = lines(capsys)
    assert (line["a"], line["b"]) == (1, 2)


@pytest.mark.parametrize("extra", [None, {}, 5])
def test_fields_that_the_standard_library_does_not_have_harm_nothing(extra, capsys):
    logger("orders", "INFO").info("m", extra=extra, b=2)

    (line,) = lines(capsys)
    assert (line["b"], line.get("extra", None) or None) == (2, extra or None)


def test_no_number_of_json_is_written_as_none_whatever_stands_beside_it(capsys):
    nested = {"deep": [float("nan"), 10**30]}
    logger("orders", "INFO").info("m", mean=float("nan"), total=10**30, nested=nested)

    text = capsys.readouterr().out
    line = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert (line["mean"], line["total"], line["nested"]) == (None, 10**30, repr(nested))


def test_a_library_whose_arguments_do_not_fit_its_message_loses_no_line(monkeypatch, capsys):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    log_libraries()
    logging.getLogger("library").warning("%d of %d", "one", 2)

    (line,) = lines(capsys)
    assert (line["message"], line["service"]) == ("%d of %d ('one', 2)", "library")


def test_a_message_that_is_no_text_and_cannot_be_one_is_told_of(capsys):
    class Odd:
        def __str__(self):
            raise RuntimeError("no text")

        __repr__ = __str__

    logger("orders", "INFO").info(Odd())

    assert lines(capsys)[0]["message"] == "<Odd: RuntimeError in its repr>"


@pytest.mark.parametrize("how", ["error", "exception"])
def test_an_exception_is_one_field_with_its_traceback(how, capsys):
    try:
        raise ValueError("half a surrogate pair: \ud83d")
    except ValueError as error:
        fields = {"exc_info": error} if how == "error" else {}
        getattr(logger("orders", "INFO"), how)("failed", **fields)

    (line,) = lines(capsys)
    assert line["exception_name"] == "ValueError"
    assert line["exception"].endswith("half a surrogate pair: \ud83d")


def test_the_trace_of_an_invocation_is_told(monkeypatch, capsys):
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a99427;Sampled=1")
    logger("orders", "INFO").info("m")

    assert lines(capsys)[0]["xray_trace_id"] == "1-5759e988-bd862e3fe1be46a99427"


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


def test_a_log_that_nobody_takes_is_told_of_once(monkeypatch, capsys):
    """Each line became a trace on standard error."""

    class Closed:
        def write(self, text):
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(log._OUTPUT, "_told", False)
    monkeypatch.setattr(sys, "stdout", Closed())
    for _ in range(3):
        logger("orders", "INFO").info("done")

    told = capsys.readouterr().err
    assert told == "headrace: the log cannot be written: [Errno 32] Broken pipe\n"


class Counted(io.StringIO):
    """An output that counts how often what it holds is written."""

    written = 0

    def flush(self):
        super().flush()
        self.written += 1


def test_lines_at_once_are_written_once(monkeypatch):
    output = Counted()
    monkeypatch.setattr(sys, "stdout", output)

    with lines_at_once():
        for number in range(3):
            logger("orders", "INFO").info("done", number=number)
        assert output.written == 0

    assert output.written == 1
    assert [json.loads(line)["number"] for line in output.getvalue().splitlines()] == [0, 1, 2]
    logger("orders", "INFO").info("done")
    assert output.written == 2


def test_lines_before_a_failure_are_written(monkeypatch):
    output = Counted()
    monkeypatch.setattr(sys, "stdout", output)

    def fail():
        with lines_at_once():
            logger("orders", "INFO").info("done")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert output.written == 1


def test_lines_at_once_that_nobody_takes_are_told_of_once(monkeypatch, capsys):
    class Full(io.StringIO):
        def flush(self):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(log._OUTPUT, "_told", False)
    monkeypatch.setattr(sys, "stdout", Full())
    for _ in range(2):
        with lines_at_once():
            logger("orders", "INFO").info("done")

    told = capsys.readouterr().err
    assert told == "headrace: the log cannot be written: [Errno 28] No space left on device\n"
