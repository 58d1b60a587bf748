"""What JSON is, as a user meets it: the same in records, filters, commands, answers and logs."""

import io
import json
import math
from decimal import Decimal

import pytest

from headrace import Record, Worker, cli, lambda_handler
from headrace.log import logger
from headrace.record import KafkaPosition
from headrace.runner.filter.filter import Filter
from headrace.serve.function import ServedFunction
from headrace.testing import http_event, kafka_event, run
from tests.support.runner import kafka_record, kinesis_record

BIG = 147573952589676412927
HALF = b'{"type":"order","note":"abc\\ud83d"}'
DEEP = b"[" * 300 + b"]" * 300


class Echo(Worker):
    def process(self, record: Record):
        return record.json()


def answering(value):
    """A handler of a worker that always gives this result."""
    return lambda_handler(type("Answering", (Worker,), {"process": lambda self, record: value}))


def log_lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("value", [HALF, DEEP, b'{"type":"order","n":1e400}'])
def test_a_record_is_read_whatever_the_fast_parser_says(value):
    assert Record("kafka", KafkaPosition("t", 0, 0), value).json() == json.loads(value)


@pytest.mark.parametrize("make", [kafka_record, kinesis_record])
@pytest.mark.parametrize("value", [HALF, b'{"type":"order","n":1e400}', b"[" * 100_000])
def test_a_filter_skips_nothing_unread(make, value):
    record = make("1" if make is kinesis_record else 1, value)
    kafka = make is kafka_record
    pattern = {"value" if kafka else "data": {"type": ["order"]}}

    criteria = Filter.parse(json.dumps([pattern]), "kafka" if kafka else "kinesis")

    assert criteria([record]) == [True]


def test_a_filter_tells_integers_of_any_size_apart():
    pattern = {"value": {"id": [12345678901234567890123]}}
    records = [kafka_record(n, b'{"id":%d}' % (12345678901234567890123 + n)) for n in range(2)]

    assert Filter.parse(json.dumps([pattern]), "kafka")(records) == [True, False]


def test_integers_of_any_size_stay_what_they_are_through_a_worker():
    results = run(Echo, [b'{"id":%d,"amount":1}' % (BIG + n) for n in range(2)])

    assert [message.value for message in results.messages] == [
        b'{"id":%d,"amount":1}' % (BIG + n) for n in range(2)
    ]


def test_a_direct_caller_gets_them_as_they_were():
    assert lambda_handler(Echo)({"id": BIG}) == {"id": BIG}


def test_the_key_of_a_produced_message_is_exact(tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(f'{{"id":{BIG + n}}}\n' for n in range(2)))
    assert cli.main(["produce", "--to", f"file:{tmp_path}/out.jsonl", "--file", str(rows)]) == 0

    written = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    assert [line["key"] for line in written] == [str(BIG), str(BIG + 1)]


def test_invoke_takes_and_shows_them(tmp_path, monkeypatch, capsys):
    (tmp_path / "echo_worker.py").write_text(
        "from headrace import Worker, lambda_handler\n"
        "class Echo(Worker):\n"
        "    def process(self, record): return record.json()\n"
        "handler = lambda_handler(Echo)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"id":%d}' % BIG)))

    assert cli.main(["invoke", "echo_worker", "--event", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": BIG}


@pytest.mark.parametrize("result", [{"score": math.nan}, {"score": math.inf}, {1, 2}, b"x"])
def test_a_result_that_json_cannot_say_fails_its_own_record(result):
    class Scoring(Worker):
        def process(self, record):
            return result if record.text() == "bad" else {"score": 1}

    done = run(Scoring, ["good", "bad", "good"])

    assert list(done.failures) == [1]
    assert "JSON" in str(done.failures[1])
    assert len(done.messages) == 2


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ({"id": BIG}, b'{"id":147573952589676412927}'),
        ({1: Decimal("0.5")}, b'{"1":0.5}'),
        ("half \ud83d", b'"half \\ud83d"'),
    ],
)
def test_an_answer_says_what_json_can_say(value, body):
    handler = answering(value)
    assert handler(http_event({}))["body"].encode() == body

    function = ServedFunction(None, logger("serve", "INFO"))
    function.open(handler)
    assert function.invocation(b"{}").body == body


@pytest.mark.parametrize(
    ("value", "named"), [({1, 2}, "set"), (b"x", "bytes"), (object(), "object")]
)
def test_the_rest_is_one_logged_error_that_names_the_type(value, named, capsys):
    response = answering(value)(http_event({}))

    assert response["statusCode"] == 500
    assert named not in response["body"]
    (line,) = log_lines(capsys)
    assert f"a value of type {named} has no form in JSON" in line["exception"]


def test_a_request_with_a_number_that_json_does_not_know_is_the_callers_fault():
    response = lambda_handler(Echo)(http_event(b'{"a": NaN}'))

    assert response["statusCode"] == 400
    assert "NaN is no number in JSON" in json.loads(response["body"])["detail"]


@pytest.mark.parametrize("body", [b"[" * 100_000, b"1" * 5_000, b"{"])
def test_an_invocation_that_is_no_json_is_answered(body):
    function = ServedFunction(None, logger("serve", "INFO"))
    function.open(lambda_handler(Echo))

    assert function.invocation(body).status == 400


@pytest.mark.parametrize("value", [DEEP, HALF, b"\xff", b'{"id":%d}' % BIG])
def test_no_value_costs_a_consumer_its_log_line(value, capsys):
    from workers.msk_consumer import MskConsumer

    lambda_handler(MskConsumer)(kafka_event([value]))

    (line,) = log_lines(capsys)
    assert line["message"] == "message"
    assert line["value"] is not None


def test_an_error_that_no_encoding_has_costs_no_log_line(capsys):
    class Failing(Worker):
        def process(self, record):
            raise ValueError("half a pair: \udcff")

    run(Failing, ["x"])

    (line,) = log_lines(capsys)
    assert line["first"][0]["error"] == "ValueError: half a pair: \udcff"
