"""The log: one JSON object a line, whoever writes it, and no line is lost."""

import json
import logging
import re

import pytest

from headrace.log import log_libraries, logger


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
